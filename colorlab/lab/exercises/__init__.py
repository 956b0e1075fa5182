"""The lessons' exercises and the check that they share."""

from colorlab.lab.exercises import references  # noqa: F401  this registers the exercises
from colorlab.lab.exercises.checking import EXERCISES, Verdict, check

__all__ = ["EXERCISES", "Verdict", "check"]
