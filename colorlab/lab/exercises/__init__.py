"""The lessons' exercises, a file for each lesson, and the check that they share."""

from colorlab.lab.exercises import (  # noqa: F401  this registers the exercises
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
)
from colorlab.lab.exercises.checking import EXERCISES, Verdict, check, yours_or_ours

__all__ = ["EXERCISES", "Verdict", "check", "yours_or_ours"]
