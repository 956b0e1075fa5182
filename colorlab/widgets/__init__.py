"""What people touch in a notebook."""

from colorlab.widgets.colorize import ColorizeLab

__all__ = ["ColorizeLab"]
