"""One training step, and a whole run."""
