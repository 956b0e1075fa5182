"""The widgets of the notebooks."""

from colorlab.lab.widgets.blind_test import BlindTest
from colorlab.lab.widgets.colorize import ColorizeLab
from colorlab.lab.widgets.distributions import SlideApart
from colorlab.lab.widgets.hue import HueSliders, HueWheel
from colorlab.lab.widgets.monitor import TrainingMonitor
from colorlab.lab.widgets.prediction import Prediction

__all__ = [
    "BlindTest",
    "ColorizeLab",
    "HueSliders",
    "HueWheel",
    "Prediction",
    "SlideApart",
    "TrainingMonitor",
]
