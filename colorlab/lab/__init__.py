"""What people touch in a notebook or a page."""
