"""Read and write photos, and find those in a folder. No other package opens untrusted photos."""

from colorlab.photos.folders import find
from colorlab.photos.kinds import FORMATS, true_format
from colorlab.photos.opening import MAX_PIXELS, open_image
from colorlab.photos.photo import Photo, Source, require_color
from colorlab.photos.reading import read
from colorlab.photos.writing import SUFFIXES, suffix_for, write

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "SUFFIXES",
    "Photo",
    "Source",
    "find",
    "open_image",
    "read",
    "require_color",
    "suffix_for",
    "true_format",
    "write",
]
