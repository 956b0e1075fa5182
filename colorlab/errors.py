"""The errors that colorlab raises on purpose. Each message is one line that says what to do."""


class ColorlabError(ValueError):
    """What the user can mend: the message says what was wrong, what was expected, what to do."""


class PhotoError(ColorlabError):
    """A file, or an array, that is not a photo that colorlab reads or writes."""


class RunError(ColorlabError):
    """A training that could not go on: lost numbers, a full disk, a lost machine, or a signal."""
