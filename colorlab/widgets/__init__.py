"""What people touch in a notebook."""

from colorlab.widgets.blind_test import BlindTest
from colorlab.widgets.colorize import ColorizeLab
from colorlab.widgets.distributions import SlideApart
from colorlab.widgets.hue import HueSliders, HueWheel
from colorlab.widgets.monitor import TrainingMonitor
from colorlab.widgets.prediction import Prediction

__all__ = [
    "BlindTest",
    "ColorizeLab",
    "HueSliders",
    "HueWheel",
    "Prediction",
    "SlideApart",
    "TrainingMonitor",
]
