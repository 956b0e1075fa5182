"""Any photo in, a color photo out.

from colorlab import Colorizer
Colorizer().colorize("old.jpg")
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from colorlab import __version__, photos
from colorlab.atomic import replacing
from colorlab.color.adjustments import ADJUSTMENTS, adjust, check_adjustments
from colorlab.color.encoding import ColorSpace, Gray, decode, luma, value
from colorlab.errors import ColorlabError
from colorlab.guess import Guess, enlarged
from colorlab.hints import Hint, as_hints, tint_of
from colorlab.model.network import SHIPPED, in_keras, shipped_generator, shipped_network
from colorlab.photos import Photo
from colorlab.photos.exif import MARK

if TYPE_CHECKING:
    from colorlab.backend import keras

Float = NDArray[np.float32]
# Working size over training crop size. A network trained on small crops colors better at a larger
# size, where it sees more; benchmarks/README.md, "After it shipped", has the figures.
SIDE_PER_CROP = 5 / 3
# Multiples of the working size at which the network predicts: the mean of several predictions has a
# smaller error than one.
ZOOMS = (4 / 7, 6 / 7, 8 / 7, 11 / 7)
STRIP_PIXELS = 2**18  # pixels that a thread holds as float at a time, whatever the photo's size


class Colorizer:
    """A generator, ready for photos of any size.

    The network sees the photo at a small working size. Its chroma is enlarged and joined with the
    photo's own gray at full resolution. The same photo gives identical bytes every time, in any
    thread.

    Attributes:
        cast: this share of a photo's mean chroma is taken away. In doubt a network predicts the
            mean of all photos, a warm brown, which would lie over the whole picture.
        flat: a photo whose gray spans less than this (its 1st to its 99th percentile) is shown to
            the network with full contrast, as the network knows photos. The result keeps its own.
    """

    cast: float = 0.3
    flat: float = 0.6

    def __init__(
        self,
        generator: keras.Model | None = None,
        *,
        side: int = 160,
        space: ColorSpace | None = None,
    ) -> None:
        """Wrap a generator; by default the one that ships with colorlab, which needs no Keras.

        Args:
            generator: gray (N, H, W, 1) float32 in [0, 1] → chroma (N, H/f, W/f, 2), for any H and
                W that are multiples of `size_multiple(generator)`, or for one fixed size.
            side: the working size in pixels: the side of a square photo. A wide or tall photo gets
                the same area. A generator of fixed size ignores it.
            space: the color space that the generator predicts. By default the one that `train`
                recorded in it, or polar chroma.
        """
        self.side: int = side
        if generator is None and space:
            raise ColorlabError("space needs a generator; the model that ships has its own space.")
        if generator is None:
            self._generator: keras.Model | None = None
            self._network = shipped_network()
        else:
            from colorlab.model.generators import marked

            self._generator = marked(generator, space) if space else generator
            self._network = in_keras(self._generator, space)
        self.space: ColorSpace = self._network.space

    @property
    def generator(self) -> keras.Model:
        """The generator in Keras. If you change its weights, the colors change.

        That of the model that ships is loaded when it is asked for, and colors from then on.
        """
        if self._generator is None:
            self._generator = shipped_generator()
            self._network = in_keras(self._generator)
        return self._generator

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """The trained model of a preset.

        Raises:
            ColorlabError: if there is no such preset, or no weights for it ship with colorlab.
        """
        if name != SHIPPED:
            from colorlab.model import presets

            raise ColorlabError(
                f"No weights of {presets.get(name).name!r} ship with colorlab; train it, then "
                "Colorizer.load(RUN)."
            )
        return cls()

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, side: int = 160, space: ColorSpace | None = None
    ) -> Self:
        """Load the model of a run or of a `.keras` file.

        Args:
            path: the folder of a finished run, or a generator's `.keras` file.
            side: the working size for a file; a run's folder records its own.
            space: as for `Colorizer`.

        Raises:
            ColorlabError: if there is nothing to load, or it is damaged or not a generator.
        """
        from colorlab.model.generators import load_generator
        from colorlab.training.run import model_file, read_json

        path = Path(path)
        generator = load_generator(model_file(path))
        if path.is_dir():
            side = round(SIDE_PER_CROP * read_json(path)["size"])
        return cls(generator, side=side, space=space)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the generator as a `.keras` file for `load`; an existing file is refused."""
        path = Path(path)
        if path.suffix != ".keras":
            raise ColorlabError(f"{path} cannot hold a model; expected a name ending in .keras.")
        if path.exists():
            raise ColorlabError(f"{path} exists; remove it or choose another name.")
        with replacing(path) as partial:
            self.generator.save(partial)
        return path

    def guess(self, photo: photos.Source) -> Guess:
        """Predict the colors of a photo, at the working size.

        The network predicts eight times: at four sizes, each time also for the mirror image. The
        confidence compares their mean's length m with their mean distance d from it: m / (m + d).
        The chroma is that mean, less a share of its own mean over the photo (`cast`). If the
        network predicts a distribution, the guess keeps the one at the largest size.

        Args:
            photo: anything that `photos.read` reads. Its own color is not used.

        Returns:
            The guess, at the size of the largest prediction: about (11/7 · side / f)² points.

        Raises:
            PhotoError: if it is not a photo that colorlab reads.

        Source: after Wang et al. 2019, arXiv 1807.07356 (uncertainty from test-time augmentation).
        """
        photo = photos.read(photo)
        sizes = self._sizes(photo)
        gray = Image.fromarray(photo.gray[..., 0])
        # A large photo is shrunk once for all sizes, but stays at least three times as large as the
        # largest, so that each pixel below is still a mean of several.
        height, width = sizes[-1]
        gray = gray.reduce(max(1, min(gray.height // (3 * height), gray.width // (3 * width))))
        black, white = np.percentile(np.asarray(gray), (1, 99))
        contrast = white - black
        if not 2 / 255 < contrast < self.flat:  # below that it is one gray
            black, contrast = 0.0, 1.0
        answers: list[Float] = []
        for height, width in sizes:
            # Pillow's bilinear filter makes each pixel a mean of all those that it replaces.
            seen = np.asarray(gray.resize((width, height), Image.Resampling.BILINEAR))[..., None]
            seen = np.clip((seen - black) / contrast, 0.0, 1.0).astype(np.float32)
            both = np.stack([seen, seen[:, ::-1]])
            (chroma, mirrored), *shares = self._network.answer(both)
            height, width = chroma.shape[:2]
            small = np.asarray(gray.resize((width, height), Image.Resampling.BILINEAR))[..., None]
            for view in (chroma, mirrored[:, ::-1]):
                answers.append(self.space.to_polar(small, view, photo.keep))
        height, width = answers[-1].shape[:2]
        rows = np.arange(height)
        views = np.stack([enlarged(answer, height, width, rows) for answer in answers])
        mean = views.mean(axis=0)
        length, spread = _length(mean), _length(views - mean).mean(axis=0)
        confidence = length / np.maximum(length + spread, 1e-6)
        likely = None
        if shares:  # those of the largest size
            there, mirrored = shares[0]
            likely = (there + mirrored[:, ::-1]) / 2
        cast = self.cast * mean.mean(axis=(0, 1))
        return Guess(mean - cast, confidence, likely, self._network.colors)

    def colorize(
        self,
        photo: photos.Source,
        *,
        keep: Gray | None = None,
        color: bool | None = None,
        hints: Sequence[Hint] = (),
        lean: float | None = None,
        **adjustments: float,
    ) -> Image.Image:
        """Color a photo.

        Args:
            photo: anything that `photos.read` reads. If it has color or a tone, that is dropped
                first.
            keep: which gray of the photo the result keeps, "value" or "luma". By default value for
                a color photo and luma for a black-and-white one, because black-and-white film and
                conversions are close to luma.
            color: True for a color photo, False for a black-and-white one, toned or not. It decides
                which gray the network sees, and which is kept by default. By default
                `tone.has_color` decides from the pixels.
            hints: places whose color is known; similar areas around them follow. The other settings
                do not change these colors.
            lean: draw all colors toward this hue, in degrees, as far as the network finds it
                likely; see `Guess.leaning`.
            adjustments: `fade`, `saturation`, `strength`, `hue_shift` and `warmth`, as in
                `adjustments.adjust`.

        Returns:
            An image of the photo's size, RGB, or RGBA if the photo has alpha. Jupyter shows it.

        Raises:
            PhotoError: if it is not a photo that colorlab reads.
            ColorlabError: if a setting is out of its range, a hint is not valid, or `lean` is asked
                of a model without a distribution.
        """
        check_adjustments(adjustments)  # an error should not wait for the network
        photo = photos.read(photo, color=color)
        guess = self.guess(photo)
        if lean is not None:
            guess = guess.leaning(lean)
        chroma = adjust(guess.chroma, guess.confidence, **adjustments)
        return render(photo, chroma, keep=keep, tint=tint_of(photo, hints))

    def colorize_file(
        self,
        src: photos.Source,
        dst: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        keep_location: bool = False,
        mark: bool = True,
        quality: int | None = None,
        **settings: Any,
    ) -> Path:
        """Color the photo `src` and write it to `dst`, whose suffix decides the format.

        The result keeps the description, dates, camera and author in the photo's EXIF, and its
        dots per inch. Its pixels are upright and in sRGB, so orientation and color profile are
        dropped.

        Args:
            src: the photo, as `photos.read` takes it.
            dst: the result; an existing file is refused unless `overwrite`.
            overwrite: replace `dst` if it exists.
            keep_location: whether `dst` also keeps where the photo was taken.
            mark: whether `dst` says that colorlab colorized it.
            quality: as in `photos.write`.
            settings: as for `colorize`.

        Raises:
            PhotoError: if `src` cannot be read or `dst` cannot be written. No partial file is left.
        """
        photo = photos.read(src, keep_location=keep_location)
        picture = self.colorize(photo, **settings)
        return photos.write(
            picture,
            dst,
            exif=photo.exif,
            dpi=photo.dpi,
            software=f"{MARK} {__version__}" if mark else "",
            quality=quality,
            overwrite=overwrite,
        )

    def _sizes(self, photo: Photo) -> list[tuple[int, int]]:
        """(height, width) of each picture that the network sees, smallest first."""
        fixed_height, fixed_width = self._network.size
        if fixed_height and fixed_width:
            return [(fixed_height, fixed_width)]
        height, width = photo.pixels.shape[:2]
        n = self._network.multiple * math.ceil(16 / self._network.multiple)
        # The lower bound keeps the coarsest map above 1×1. The upper bound keeps a 1×5000 photo
        # affordable.
        low, high = 2 * n, 16 * self.side // n * n
        sizes = []
        for zoom in ZOOMS:
            scale = zoom * self.side / (height * width) ** 0.5
            sides = (round(length * scale / n) * n for length in (height, width))
            height_seen, width_seen = (min(max(side, low), high) for side in sides)
            sizes.append((height_seen, width_seen))
        return sizes


def load_settings(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Load the settings that the photo lab saved with a picture, for `Colorizer.colorize`.

    Args:
        path: a file with a JSON object of some of its keyword arguments, each hint a list of three.
            The ranges of the numbers are checked when they are used.

    Raises:
        ColorlabError: if the file cannot be read, a name is unknown, a value is of the wrong type,
            or a hint is not valid.
    """
    names = {"keep", "color", "hints", "lean", *ADJUSTMENTS}
    try:
        settings = json.loads(Path(path).read_text())
        numbers = [number for name, number in settings.items() if name in ADJUSTMENTS]
        if settings.get("lean") is not None:
            numbers.append(settings["lean"])
        if not (
            settings.keys() <= names
            and all(type(number) in (int, float) for number in numbers)
            and settings.get("keep") in (None, *get_args(Gray))
            and isinstance(settings.get("color"), bool | None)
        ):
            raise ValueError(f"it says {settings}")
        if "hints" in settings:
            settings["hints"] = as_hints(settings["hints"])
    except (ColorlabError, OSError, ValueError, TypeError, AttributeError) as error:
        raise ColorlabError(
            f"{path} holds no settings ({error}); expected a JSON object with numbers for some of "
            f"{', '.join(ADJUSTMENTS)}, keep, color, lean, and hints, "
            "as the photo lab saves it."
        ) from None
    return dict(settings)


def render(
    photo: Photo, chroma: Float, *, keep: Gray | None = None, tint: Float | None = None
) -> Image.Image:
    """Join a photo's own gray with a chroma of any, usually smaller, size.

    Args:
        photo: a photo from `photos.read`.
        chroma: PolarChroma (h, w, 2) float32, enlarged bilinearly to the photo's size.
        keep: as for `Colorizer.colorize`.
        tint: the effect of hints, (h, w, 3) float32 from `hints.spread`, also of any size.

    Returns:
        An image of the photo's size, RGB, or RGBA if the photo has alpha.
    """
    keep = photo.keep if keep is None else keep
    height, width = photo.pixels.shape[:2]
    out = np.empty_like(photo.pixels)
    rows = max(1, STRIP_PIXELS // width)

    def render_strip(top: int) -> None:
        strip = photo.pixels[top : top + rows].astype(np.float32) / 255.0
        gray = value(strip) if keep == "value" else luma(strip)
        shown = np.arange(top, top + len(strip))
        color = enlarged(chroma, height, width, shown)
        if tint is not None:
            hinted = enlarged(tint, height, width, shown)
            color = (1.0 - hinted[..., 2:]) * color + hinted[..., :2]
        rgb = decode(gray, color, keep=keep)
        out[top : top + rows] = np.rint(255.0 * rgb.clip(0.0, 1.0))

    with ThreadPoolExecutor() as pool:  # NumPy releases the interpreter lock while it computes
        list(pool.map(render_strip, range(0, height, rows)))
    return replace(photo, pixels=out).image


def _length(chroma: Float) -> Float:
    return np.asarray(np.hypot(chroma[..., :1], chroma[..., 1:]))
