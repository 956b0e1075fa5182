"""colorlab: learn, use and build neural image colorization.

from colorlab import Colorizer
Colorizer().colorize("old.jpg")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colorlab.colorizer import Colorizer
    from colorlab.encoding import HueSaturation, PolarChroma, decode, encode
    from colorlab.errors import ColorlabError, PhotoError
    from colorlab.gan import ColorGAN
    from colorlab.hints import Hint
    from colorlab.training import train

__version__ = "0.1.0"

# TensorFlow is imported when something needs it, not before: `import colorlab` takes no time.
_HOMES = {
    "Colorizer": "colorizer",
    "ColorGAN": "gan",
    "ColorlabError": "errors",
    "Hint": "hints",
    "HueSaturation": "encoding",
    "PhotoError": "errors",
    "PolarChroma": "encoding",
    "decode": "encoding",
    "encode": "encoding",
    "train": "training",
}
__all__ = [
    "ColorGAN",
    "Colorizer",
    "ColorlabError",
    "Hint",
    "HueSaturation",
    "PhotoError",
    "PolarChroma",
    "decode",
    "encode",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'colorlab' has no attribute {name!r}")
    return getattr(import_module(f"colorlab.{_HOMES[name]}"), name)
