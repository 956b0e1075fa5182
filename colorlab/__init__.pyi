from .color.encoding import HueSaturation as HueSaturation
from .color.encoding import PolarChroma as PolarChroma
from .color.encoding import decode as decode
from .color.encoding import encode as encode
from .color.spaces import Lab as Lab
from .colorizer import Colorizer as Colorizer
from .errors import ColorlabError as ColorlabError
from .errors import Interruption as Interruption
from .errors import PhotoError as PhotoError
from .errors import RunError as RunError
from .hints import Hint as Hint
from .training.gan import ColorGAN as ColorGAN
from .training.trainer import train as train

__all__: list[str]
__version__: str
