"""The errors that colorlab raises on purpose. Each message is one line that says what to do."""


class ColorlabError(Exception):
    """What the user can mend: the message says what was wrong, what was expected, what to do."""


class PhotoError(ColorlabError, ValueError):
    """A file, or an array, that is not a photo that colorlab reads or writes."""


class RunError(ColorlabError, RuntimeError):
    """A training that could not go on: its numbers were lost, a disk was full, a machine gone."""


class Interruption(RunError):
    """A training that Ctrl-C or kill ended. Its last step is kept."""
