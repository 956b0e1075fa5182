from .colorizer import Colorizer as Colorizer
from .encoding import HueSaturation as HueSaturation
from .encoding import PolarChroma as PolarChroma
from .encoding import decode as decode
from .encoding import encode as encode
from .errors import ColorlabError as ColorlabError
from .errors import Interruption as Interruption
from .errors import PhotoError as PhotoError
from .errors import RunError as RunError
from .gan import ColorGAN as ColorGAN
from .hints import Hint as Hint
from .spaces import Lab as Lab
from .training import train as train

__version__: str
