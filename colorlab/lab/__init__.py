"""What people use in a notebook or on a page: widgets, figures and exercises."""
