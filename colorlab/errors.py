"""The errors that colorlab raises on purpose. Each message is one line that says what to do."""


class ColorlabError(Exception):
    """An error the user can fix: it says what was wrong, what was expected, and what to do."""


class PhotoError(ColorlabError, ValueError):
    """A file or an array is not a photo that colorlab reads or writes."""


class RunError(ColorlabError, RuntimeError):
    """A training run could not continue: a loss exploded, the disk was full, a machine was lost."""


class Interruption(RunError):
    """A training run was stopped by Ctrl-C or kill. Its last step is kept."""
