"""Get, check and pack photos, and turn them into batches for training."""
