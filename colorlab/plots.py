"""The figures of the lessons."""

from __future__ import annotations

import io
from collections.abc import Mapping

from IPython.display import Image
from matplotlib.figure import Figure

from colorlab import photos

INCHES = 2.9  # the width of one picture: three fit a notebook's column at 100 dots an inch


def side_by_side(pictures: Mapping[str, photos.Source], *, alt: str) -> Image:
    """Show pictures in one row, each under its title.

    Args:
        pictures: title → whatever `photos.read` reads.
        alt: says in words what is to be seen, for people who cannot see it.

    Returns:
        A JPEG that Jupyter shows; `alt` is in its metadata.
    """
    read = [photos.read(picture).pixels for picture in pictures.values()]
    height = INCHES * max(pixels.shape[0] / pixels.shape[1] for pixels in read)
    figure = Figure(figsize=(INCHES * len(read), height + 0.35), layout="constrained")
    axes = figure.subplots(1, len(read), squeeze=False)[0]
    for axis, title, pixels in zip(axes, pictures, read, strict=True):
        axis.imshow(pixels)
        axis.set_title(title, fontsize=10)
        axis.set_axis_off()
    file = io.BytesIO()
    figure.savefig(file, format="jpeg", dpi=100, pil_kwargs={"quality": 90})
    return Image(file.getvalue(), format="jpeg", alt=alt)
