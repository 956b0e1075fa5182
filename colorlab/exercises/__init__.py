"""The lessons' exercises and the check that they share."""

from colorlab.exercises import lesson_01
from colorlab.exercises.checking import EXERCISES, Verdict, check

__all__ = ["EXERCISES", "Verdict", "check", "lesson_01"]
