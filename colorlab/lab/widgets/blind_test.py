"""Which of the two is real? A test of the colorizer, and of the person who takes it."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets
import numpy as np
from PIL import Image, ImageOps

from colorlab import photos
from colorlab.evaluation.metrics import luck
from colorlab.lab.widgets.frame import LivePicture, WithStill

SIDE = 288  # pixels; each picture is fitted into a square of this side
GAP = 16

Pair = tuple[photos.Source, photos.Source]  # a real picture and a colorized one


class BlindTest(WithStill):
    """Pairs of pictures, one real and one colorized, to tell apart by a click.

    A random draw decides which one is on the left. The score is shown only at the end, so that
    nobody learns from the answers during the test.

    Attributes:
        right, asked: how many answers were right so far, out of how many.
    """

    def __init__(self, pairs: Sequence[Pair], *, seed: int = 0) -> None:
        """Take pairs (real, colorized) that `photos.read` accepts, and the seed of their order.

        Raises:
            PhotoError: if a picture cannot be read.
        """
        rng = np.random.default_rng(seed)
        self._pairs = [tuple(map(_fitted, pairs[i])) for i in rng.permutation(len(pairs))]
        self._real_is_left = rng.random(len(pairs)) < 0.5
        self.right = self.asked = 0
        self.picture = LivePicture()
        self.left_is_real = widgets.Button(description="The left one is real")
        self.right_is_real = widgets.Button(description="The right one is real")
        self.text = widgets.HTML().add_class("colorlab-live")
        for button in (self.left_is_real, self.right_is_real):
            button.layout = {"flex": "1"}
            button.on_click(lambda clicked: self.answer(left=clicked is self.left_is_real))
        buttons = widgets.HBox([self.left_is_real, self.right_is_real])
        buttons.layout = {"grid_gap": f"{GAP}px", "max_width": f"{2 * SIDE + GAP}px"}
        self._draw()
        super().__init__([self.picture, buttons, self.text])

    def answer(self, *, left: bool) -> None:
        """Say which of the two pictures is real, and continue with the next pair, if any."""
        if self.asked < len(self._pairs):
            self.right += bool(self._real_is_left[self.asked] == left)
            self.asked += 1
            self._draw()

    def score(self) -> str:
        """How well the reader did, and how often a coin would do as well."""
        if not self.asked:
            return "No pair was judged yet."
        coin = f"{100 * luck(self.right, self.asked):.0f} of 100 such tests"
        return f"Right in {self.right} of {self.asked}. A coin does as well or better in {coin}."

    def _draw(self) -> None:
        if self.asked == len(self._pairs):
            self.left_is_real.disabled = self.right_is_real.disabled = True
            self.text.value = self.score()
            return
        pair = self._pairs[self.asked]
        first, second = pair if self._real_is_left[self.asked] else pair[::-1]
        shown = Image.new("RGB", (2 * SIDE + GAP, SIDE), "white")
        shown.paste(first)
        shown.paste(second, (SIDE + GAP, 0))
        number = f"Pair {self.asked + 1} of {len(self._pairs)}"
        self.text.value = f"{number}. Which one has its own colors?"
        self.picture.show(shown, f"{number}: a real photo and a colorized one")


def _fitted(picture: photos.Source) -> Image.Image:
    return ImageOps.pad(Image.fromarray(photos.read(picture).pixels), (SIDE, SIDE), color="white")
