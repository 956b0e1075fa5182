"""What people touch in a notebook."""

from colorlab.widgets.colorize import ColorizeLab
from colorlab.widgets.hue import HueSliders, HueWheel
from colorlab.widgets.prediction import Prediction

__all__ = ["ColorizeLab", "HueSliders", "HueWheel", "Prediction"]
