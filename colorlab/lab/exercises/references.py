"""Reference answers to the lessons' exercises, lesson by lesson.

Those with networks import TensorFlow in the function, so that the others do without it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorlab import photos
from colorlab.color.adjustments import adjust
from colorlab.color.encoding import PolarChroma, decode, encode, luma, value
from colorlab.evaluation.metrics import ab_distance, luck, psnr
from colorlab.lab.exercises.checking import Cases, exercise

Float = NDArray[np.float32]


def _random(*shape: int, low: float = 0.05, high: float = 0.95, seed: int = 0) -> Float:
    return np.random.default_rng(seed).uniform(low, high, shape).astype(np.float32)


PAIRS_OF_PHOTOS: Cases = [
    (_random(12, 16, 3, seed=1), _random(12, 16, 3, seed=2)),
    (_random(12, 16, 3, seed=3), _random(12, 16, 3, seed=4)),
]
ORANGE, TEAL = np.array([0.6, 0.4], np.float32), np.array([-0.5, -0.2], np.float32)

# Lesson 00: the start.


@exercise([(1, 1), (480, 640)], "a point of a color photo has three numbers.")
def numbers_missing(height: int, width: int) -> int:
    """Height and width of a color photo → how many fewer numbers its gray photo has."""
    return 2 * height * width


@exercise(
    [(_random(4, 5, 1), _random(4, 5, 2, low=-0.6, high=0.6))],
    "half of the chroma is half of the color; leave the gray as it is.",
)
def half_colored(gray: Float, chroma: Float) -> Float:
    """Gray (H, W, 1) and chroma (H, W, 2) → a photo (H, W, 3) with half of the color."""
    return np.asarray(decode(gray, chroma / 2))


@exercise(
    PAIRS_OF_PHOTOS, "value(rgb) is the light; np.abs makes a difference of either sign count."
)
def change_of_light(before: Float, after: Float) -> float:
    """Two photos (H, W, 3) → the largest difference between their values at any pixel."""
    return float(np.abs(value(after) - value(before)).max())


# Lesson 01: HSV encoding.


@exercise(
    [(350.0, 30.0), (10.0, 340.0), (20.0, 40.0), (300.0, 30.0), (200.0, 359.0)],
    "hues are points on a circle: add the points, then ask for the angle.",
)
def mean_hue(a: float, b: float) -> float:
    """Two hues in degrees → the hue halfway between them, in degrees from 0 up to 360."""
    points = np.exp(1j * np.radians([a, b]))
    return float(np.degrees(np.angle(points.sum())) % 360.0)


@exercise(
    [(_random(*shape), _random(*shape, seed=1)) for shape in ((), (4,), (3, 5))],
    "a full turn is h = 1, so the angle is 2πh; the two numbers go on a new last axis.",
)
def polar(h: Float, s: Float) -> Float:
    """Hue and saturation in [0, 1], any shape (...) → chroma (..., 2)."""
    return np.asarray(PolarChroma.from_hue_saturation(np.asarray(h), np.asarray(s)))


@exercise(
    [(_random(6, 6, high=0.25), _random(6, 6, seed=1), _random(6, 6, high=0.8, seed=2))],
    "color the photo at full light first, v = 1, and take the luma of that: luma grows with v.",
)
def value_from_luma(gray: Float, h: Float, s: Float) -> Float:
    """Luma, hue and saturation, each (H, W) → the value (H, W) of the color with that luma."""
    chroma = PolarChroma.from_hue_saturation(h, s)
    return np.asarray(value(decode(gray[..., None], chroma, keep="luma"))[..., 0])


@exercise(
    [(_random(8, 9, 3),), (np.repeat(_random(4, 4, 1), 3, axis=-1),)],
    "the share of the squares that is left: compare the photo with its gray, then with its mean.",
)
def share_given(rgb: Float) -> float:
    """A photo (H, W, 3) → the share of its variation that its luma explains, at most 1."""
    left = np.square(rgb - luma(rgb)).sum()
    return float(1.0 - left / np.square(rgb - rgb.mean(axis=(0, 1))).sum())


# Lesson 02: the critic.


@exercise(
    [(0.3, 0.1), (0.2, 0.2), (_random(7), _random(7, seed=1))],
    "of all samples that turn up at this place, which share is real?",
)
def best_discriminator(p: Float, q: Float) -> Float:
    """Densities of real and fake at the same places, both above 0 → best D there, in (0, 1)."""
    return np.asarray(p / (p + q))


@exercise(
    [(np.array([-8, -1, 0, 1, 8], np.float32),), (_random(3, 4, low=-3.0, high=3.0),)],
    "the derivative of log(1 + exp(t)) is σ(t); mind the sign of t = −score in the second.",
)
def told_by_score(score: Float) -> Float:
    """Scores of fakes, any shape → the derivatives of both logistic generator losses, stacked."""
    probability = 1.0 / (1.0 + np.exp(-score))
    return np.stack([-probability, probability - 1.0])  # saturating, non-saturating


@exercise(
    [(_random(n), _random(n, seed=1) + shift) for n, shift in ((3, 5.0), (9, 0.4), (6, 0.0))],
    "the cheapest plan carries the leftmost to the leftmost, the second to the second, and so on.",
)
def carrying_distance(a: Float, b: Float) -> float:
    """Two samples of n numbers each → their Wasserstein-1 distance."""
    return float(np.abs(np.sort(a) - np.sort(b)).mean())


@exercise(
    [(_random(n, 3, n, 2), -_random(n, 3, n, 2, seed=1), _random(n, seed=2)) for n in (2, 4)],
    "give u three more axes of length 1; u = 1 is the real photo and u = 0 the fake one.",
)
def between(real: Float, fake: Float, u: Float) -> Float:
    """Two chromas (N, H, W, 2), a number in [0, 1] for each photo (N,) → chroma between them."""
    mix = u.reshape(-1, 1, 1, 1)
    return np.asarray(mix * real + (1.0 - mix) * fake)


@exercise(
    [(_random(3, 4, 4, 2),), (_random(2, 3, 5, 2, high=0.5),), (np.zeros((1, 2, 2, 2)),)],
    "one norm a photo: square, sum over rows, columns and channels, root. Then compare with 1.",
)
def penalty(gradient: Float) -> float:
    """Gradients (N, H, W, 2) of each photo's score by its chroma → the gradient penalty."""
    norms = np.sqrt(np.square(gradient).sum(axis=(1, 2, 3)))
    return float(np.square(norms - 1.0).mean())


# Lesson 03: training.


@exercise(
    [(4, 1, 16, True), (3, 32, 8, False), (1, 64, 32, True)],
    "a filter has size · size numbers for each channel that comes in, and perhaps a bias.",
)
def num_weights(size: int, inputs: int, filters: int, bias: bool) -> int:
    """How many numbers a size × size convolution from `inputs` to `filters` channels learns."""
    from colorlab.backend import layers

    convolution = layers.Conv2D(filters, size, use_bias=bias)
    convolution.build((None, None, None, inputs))
    return int(convolution.count_params())


@exercise(
    [([(3, 1)],), ([(3, 1), (3, 1)],), ([(4, 2), (3, 1)],), ([(4, 2), (4, 2), (4, 1)],)],
    "start at one score and go back to the input: n outputs of a convolution lie `stride` apart, "
    "so the first and the last are (n − 1) · stride inputs apart, and each sees `size` of them.",
)
def receptive_field(stack: Sequence[tuple[int, int]]) -> int:
    """(size, stride) of each convolution, first to last → how many inputs wide one score sees."""
    seen = 1
    for size, stride in reversed(stack):
        seen = (seen - 1) * stride + size
    return seen


@exercise(
    [(0.8, ORANGE, TEAL), (0.02, TEAL, ORANGE), (0.5, np.zeros(2, np.float32), ORANGE)],
    "distance in the disk; times the value, but at least 0.1; times 1 + 4 · the true saturation.",
)
def pixel_loss(value: float, true: Float, predicted: Float) -> float:
    """A pixel's value, its true and its predicted chroma (2,) → its content loss."""
    from colorlab.model.objectives import content_loss

    at = (1, 1, 1, -1)
    light = np.float32(value).reshape(at)
    return float(content_loss(light, true.reshape(at), predicted.reshape(at)))


@exercise(
    [(ORANGE, TEAL, share, squared) for share in (0.3, 0.8) for squared in (True, False)],
    "the square is least at the mean, each color weighed by its share. For the distance, stand "
    "between the two and take one step towards the more frequent one: do you gain or lose?",
)
def best_answer(a: Float, b: Float, share: float, squared: bool) -> Float:
    """Chroma a with probability `share`, else b → the guess (2,) of least mean (squared) error."""
    if squared:
        return np.asarray(share * a + (1.0 - share) * b)
    return a if share > 0.5 else b


# Lesson 04: the colorize lab.


@exercise(
    PAIRS_OF_PHOTOS,
    "the gray photo is the truth's value, three times; ask psnr twice, and subtract.",
)
def gain(result: Float, truth: Float) -> float:
    """A result and the truth, each (H, W, 3) → its PSNR minus the gray photo's, in dB."""
    gray = value(truth).repeat(3, axis=-1)
    return psnr(result, truth) - psnr(gray, truth)


@exercise(
    PAIRS_OF_PHOTOS,
    "the distance of the result, divided by the distance of the gray photo: 1 is no better.",
)
def share_of_gray(result: Float, truth: Float) -> float:
    """A result and the truth, each (H, W, 3) → its a*b* distance as a share of the gray photo's."""
    gray = value(truth).repeat(3, axis=-1)
    return ab_distance(result, truth) / ab_distance(gray, truth)


@exercise(
    [(0.7 * _random(5, 6, 2), _random(5, 6, 1, seed=1), fade) for fade in (0.0, 0.5, 1.0)],
    "fade 0 changes nothing; fade 1 leaves the share that the confidence says.",
)
def faded(chroma: Float, confidence: Float, fade: float) -> Any:
    """Chroma (H, W, 2), confidence (H, W, 1), `fade` from 0 to 1 → faded chroma (H, W, 2)."""
    return adjust(chroma, confidence, fade=fade)


@exercise(
    [(12, 12), (6, 12), (0, 5), (9, 10)],
    "of the 2 ** asked rows of answers that a coin can give, count those with k right, for each "
    "k that is large enough; math.comb(asked, k) counts them.",
)
def coin(right: int, asked: int) -> float:
    """Probability, 0 to 1, that a coin is right in at least `right` of `asked` questions."""
    return luck(right, asked)


# Lesson 05: your own photos.


@exercise(
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",),
        (b"\xff\xd8\xff\xe1\x1c\x45Exif\x00\x00",),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\r",),
        (b"<!DOCTYPE ht",),
        (b"",),
    ],
    "bytes have startswith; a JPEG begins with FF D8 FF, a PNG with 89 and then the letters PNG.",
)
def is_jpeg(head: bytes) -> bool:
    """The first bytes of a file → whether they are those of a JPEG."""
    return photos.true_format(io.BytesIO(head)) == "JPEG"


@exercise(
    [(_random(3, 4), -_random(3, 4, seed=1), share) for share in (0.0, 0.25, 0.5, 1.0)],
    "share 0 is the first, share 1 the second, one half their mean.",
)
def blend(one: Float, other: Float, share: float) -> Any:
    """Two arrays of one shape, a share from 0 to 1 → the array that far from `one` to `other`."""
    return (1.0 - share) * one + share * other


@exercise(
    [(_random(9, 11, 3), *near) for near in ((0.0, 30.0), (350.0, 40.0), (120.0, 60.0))],
    "the angle of a point (x, y) is np.arctan2(y, x); two angles are never more than 180 degrees "
    "apart, so bring the difference into -180 to 180 before you take its size.",
)
def pop(rgb: Float, hue: float, width: float) -> Any:
    """A photo (H, W, 3), hue and width in degrees → the photo, in color only near that hue."""
    gray, chroma = encode(rgb)
    angle = np.degrees(np.arctan2(chroma[..., 1], chroma[..., 0]))
    apart = np.abs((angle - hue + 180) % 360 - 180)
    return decode(gray, chroma * (apart <= width)[..., None])


# Lesson 06: debugging a GAN.


@exercise(
    [(np.array([-0.6, -0.3], np.float32),), (_random(2, 4, 4, 2, low=-0.9, high=0.9),)],
    "each of the two numbers by itself: 0 where it is negative, and itself where it is not.",
)
def reachable(chroma: Float) -> Float:
    """Chroma (..., 2) → the nearest chroma (..., 2) that ReLU and then tanh can output."""
    return np.maximum(chroma, 0.0)


@exercise(
    [
        (np.arange(0, 256, 5, dtype=np.uint8),),
        (np.linspace(0, 1, 52, dtype=np.float32),),
        (np.array([[0, 1]], np.uint8),),  # its largest number does not tell uint8 from float
        (np.full((2, 3, 1), 255, np.uint8),),
    ],
    "let the dtype decide: only np.uint8 is divided by 255.",
)
def to_network(pixels: Any) -> Float:
    """Pixels of any shape, uint8 (0 to 255) or float in [0, 1] → float32 in [0, 1], same shape."""
    return np.asarray(pixels / 255 if pixels.dtype == np.uint8 else pixels, np.float32)


@exercise(
    [
        (_random(3, 4, low=-0.02, high=0.02), _random(3, 4, low=-20, high=20, seed=1), 0.001, 0.01),
        (np.zeros(3, np.float32), np.array([-500.0, 0.5, 500.0]), 0.1, 0.01),
    ],
    "first the whole step, with the gradient as it is; then bring every weight into ± limit.",
)
def clipped_step(weights: Float, gradient: Float, rate: float, limit: float) -> Float:
    """The weights after a step down the gradient and WGAN's clip; all arrays have one shape."""
    return np.clip(weights - rate * gradient, -limit, limit)


@exercise(
    [
        (_random(4, 2, 2, 1, low=6, high=12), _random(4, 2, 2, 1, low=-3, high=3, seed=1)),
        (_random(6, 2, 2, 1, low=-2, high=2), _random(2, 2, 2, 1, low=4, high=6, seed=1)),
    ],
    "no sigmoid and no logarithm: two means, and it must fall when real scores rise.",
)
def wasserstein_critic_loss(real: Float, fake: Float) -> float:
    """Raw scores of real and of fake photos, each (N, h, w, 1) → the loss of WGAN's critic."""
    from colorlab.model.objectives import get

    return float(get("wasserstein").critic_loss(real, fake))


@exercise(
    [(np.array([2.0, 4.0]), 1), (np.array([2.0, 4.0]), 2), (_random(8), 4)],
    "what counts is the sum over all devices: it must be the mean over all photos of all of them.",
)
def replica_loss(per_photo: Float, num_replicas: int) -> float:
    """Losses (n,) of one of `num_replicas` devices, each with n photos → that device's loss."""
    return float(np.mean(per_photo) / num_replicas)


# Lesson 07: scaling up.


@exercise(
    [(8.0, 1, 2.0), (8.0, 16, 2.0), (3.0, 4, 0.75), (0.5, 2, 40.0)],
    "one core loads 1000 / load photos a second, the network learns from 1000 / step; the two work "
    "at the same time, and the slower one decides.",
)
def photos_per_second(load: float, cores: int, step: float) -> float:
    """Milliseconds to load a photo on one core, cores, ms to learn it → photos per second."""
    return min(1000.0 * cores / load, 1000.0 / step)


@exercise(
    [(_random(4), 8), (_random(3), 8), (_random(1), 5)],
    "the sum of what all replicas return must be the mean over all rows of the whole batch, so "
    "every row counts the same, whichever replica it is on.",
)
def own_loss(errors: Float, batch: int) -> float:
    """Errors (N,) of a replica's own rows, rows of the whole batch → its part of the loss."""
    return float(errors.sum() / batch)


@exercise(
    [(64, 2, 0), (64, 2, 1), (96, 4, 2), (24, 8, 7)],
    "each replica has batch // replicas rows, one replica's after the other's.",
)
def own_rows(batch: int, replicas: int, replica: int) -> tuple[int, int]:
    """Rows of a batch, replicas, a replica's index from 0 → its first row, one past its last."""
    rows = batch // replicas
    return replica * rows, (replica + 1) * rows


@exercise(
    [(1_000_000, 10, 100.0), (200, 3, 5.0)],
    "each photo is seen once an epoch; a day has 86,400 seconds.",
)
def days(photos: int, epochs: int, per_second: float) -> float:
    """Number of photos, epochs, photos per second → days of training."""
    return photos * epochs / per_second / 86_400
