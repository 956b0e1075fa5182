"""colorlab: learn, use and build neural image colorization.

from colorlab import Colorizer
Colorizer().colorize("old.jpg")
"""

import lazy_loader

__version__ = "0.1.0"

# What `__init__.pyi` names is imported when it is first used, and TensorFlow with it, not before.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
