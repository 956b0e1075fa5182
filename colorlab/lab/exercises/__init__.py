"""The lessons' exercises and the check that they share."""

# Importing them registers the exercises.
from colorlab.lab.exercises import (  # noqa: F401
    lesson_00,
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
)
from colorlab.lab.exercises.checking import EXERCISES, Verdict, check

__all__ = ["EXERCISES", "Verdict", "check"]
