"""Read and write photos, and find those in a folder. No other package opens untrusted photos."""

from colorlab.photos.folders import find
from colorlab.photos.photo import (
    FORMATS,
    MAX_PIXELS,
    Photo,
    Source,
    open_image,
    read,
    require_color,
    true_format,
    write,
)

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "Photo",
    "Source",
    "find",
    "open_image",
    "read",
    "require_color",
    "true_format",
    "write",
]
