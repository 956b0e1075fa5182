"""The weights that ship with colorlab, and their model cards."""
