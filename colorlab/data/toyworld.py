"""Endless painted landscapes whose colors follow from their shapes.

Every kind of thing has its own hue (`PIGMENTS`), and every single thing has a random brightness. So
a gray level says nothing about color: to color these pictures, a network must tell a fir from a
maple and the sea from the sky. A lesson can train on them without a download.

Functions paint on the unit square: x grows from 0 (left) to 1, y from 0 (top) to 1. A `Spot` is the
place and the scale of a thing. The thing's own shape is given around (0, 0), with negative y up.
"""

import colorsys
from collections.abc import Callable
from functools import cache, partial
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from colorlab.errors import ColorlabError

Color = tuple[int, int, int]
Floats = NDArray[np.float64]
Spot = tuple[float, float, float]  # x, y, scale

OVERSAMPLING = 4
WHOLE: Spot = (0.0, 0.0, 1.0)

# Hue in degrees, saturation. Brightness is missing on purpose: `Easel.value` draws it per thing.
PIGMENTS: dict[str, tuple[float, float]] = {
    "day": (208, 0.52),
    "day haze": (194, 0.26),
    "dusk": (322, 0.36),
    "dusk haze": (24, 0.60),
    "night": (248, 0.60),
    "night haze": (268, 0.40),
    "sun": (48, 0.72),
    "moon": (52, 0.22),
    "white": (40, 0.05),
    "mountain": (256, 0.26),
    "sea": (180, 0.60),
    "sand": (40, 0.38),
    "meadow": (86, 0.64),
    "wheat": (45, 0.70),
    "lavender": (272, 0.46),
    "fir": (140, 0.70),
    "oak": (108, 0.68),
    "maple": (24, 0.86),
    "poplar": (50, 0.80),
    "bark": (26, 0.46),
    "wall": (38, 0.22),
    "roof": (6, 0.76),
    "pane": (212, 0.44),
    "poppy": (0, 0.92),
    "balloon": (348, 0.70),
}


class Easel:
    """A canvas several times too large, with the scene's own brightness and random numbers."""

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        """Make a canvas for a picture with sides of `size` pixels, and choose the hour."""
        self.rng = rng
        self.side = size * OVERSAMPLING
        self.canvas = Image.new("RGB", (self.side, self.side))
        self.brush = ImageDraw.Draw(self.canvas)
        self.light = rng.uniform(0.85, 1.0)
        self.hour = str(rng.choice(["day", "dusk", "night"], p=[0.6, 0.22, 0.18]))

    def value(self, spot: Spot, up: float = 0.0, low: float = 0.5) -> float:
        """Draw a random brightness that stands out against what is behind it."""
        x, y = np.clip(self._points(spot, (0, -up)), 0, self.side - 1).astype(int).tolist()
        behind = max(cast(Color, self.canvas.getpixel((x, y)))) / 255
        choices = self.rng.uniform(low, 1.0, 8) * self.light
        return float(choices[np.argmax(np.abs(choices - behind) > 0.14)])

    def mix(self, pigment: str, value: float) -> Color:
        """Mix a pigment at a brightness; no two mixtures are quite the same."""
        hue, saturation = PIGMENTS[pigment]
        hue += self.rng.uniform(-6, 6)
        # Bright paint is a little paler: full saturation at full brightness looks like neon.
        saturation *= self.rng.uniform(0.9, 1.1) * (1.2 - 0.4 * value)
        red, green, blue = colorsys.hsv_to_rgb(hue / 360 % 1, min(saturation, 1.0), min(value, 1.0))
        return round(255 * red), round(255 * green), round(255 * blue)

    def _points(self, spot: Spot, shape: ArrayLike) -> Floats:
        return (np.asarray(shape) * spot[2] + spot[:2]) * self.side

    def fill(self, spot: Spot, color: Color, *shape: tuple[float, float]) -> None:
        """Fill a polygon with one flat color."""
        self.brush.polygon(self._points(spot, shape).ravel().tolist(), fill=color)

    def box(self, spot: Spot, color: Color, left: float, top: float, w: float, h: float) -> None:
        """Fill an upright rectangle with one flat color."""
        right, bottom = left + w, top + h
        self.fill(spot, color, (left, top), (right, top), (right, bottom), (left, bottom))

    def disk(self, spot: Spot, color: Color, x: float, y: float, rx: float, ry: float) -> None:
        """Fill an upright ellipse with one flat color."""
        corners = self._points(spot, [(x - rx, y - ry), (x + rx, y + ry)])
        self.brush.ellipse(corners.ravel().tolist(), fill=color)

    def line(self, color: Color, width: float, shape: ArrayLike) -> None:
        """Draw a line on the whole canvas."""
        points = self._points(WHOLE, shape).ravel().tolist()
        self.brush.line(points, fill=color, width=round(width * self.side), joint="curve")

    def wash(self, shape: ArrayLike, top: Color, bottom: Color, across: int, down: int) -> None:
        """Fill a polygon from color `top` to color `bottom`, which mix in brush strokes.

        `across` strokes fit into the picture's width (fewer are longer), `down` into its height.
        """
        points = self._points(WHOLE, shape)
        left, upper = np.clip(points.min(0), 0, self.side - 1).astype(int).tolist()
        right, lower = np.clip(points.max(0) + 1, 1, self.side).astype(int).tolist()
        size = width, height = right - left, lower - upper
        x, y = self.rng.integers(0, self.side, 2)
        strokes = bristles(self.side, across, down)[y : y + height, x : x + width]
        share = np.linspace(0.1, 0.9, height)[:, None] + 0.22 * strokes
        blend = Image.fromarray((255 * np.clip(share, 0, 1)).astype(np.uint8))
        paint = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), blend)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon((points - (left, upper)).ravel().tolist(), fill=255)
        self.canvas.paste(paint, (left, upper), mask)


@cache
def bristles(side: int, across: int, down: int) -> NDArray[np.float32]:
    """Smooth noise (2·side, 2·side), mean about 0, standard deviation 1: traces of a brush."""
    rng = np.random.default_rng(0)
    noise = np.zeros((2 * side, 2 * side), np.float32)
    for scale in (1, 3):
        coarse = rng.normal(size=(2 * scale * down, 2 * scale * across)).astype(np.float32)
        noise += np.asarray(Image.fromarray(coarse).resize(noise.shape, Image.Resampling.BICUBIC))
    noise /= noise.std()
    return noise


def sky(easel: Easel, horizon: float) -> Spot:
    """A high sun by day, a low one at dusk, moon and stars at night; return the light's spot."""
    rng, hour = easel.rng, easel.hour
    value = rng.uniform(0.8 if hour == "dusk" else 0.66, 1.0) * easel.light
    top, haze = easel.mix(hour, value), easel.mix(hour + " haze", value * rng.uniform(0.95, 1.3))
    easel.wash([(0, 0), (1, 0), (1, 0.7), (0, 0.7)], top, haze, 3, 14)
    height = horizon - 0.07 if hour == "dusk" else rng.uniform(0.12, 0.24)
    spot = (rng.uniform(0.12, 0.88), height, rng.uniform(0.06, 0.08))
    if hour == "night":
        star = easel.mix("moon", 1.0)
        for x, y, r in rng.uniform((0, 0, 0.004), (1, horizon, 0.008), (rng.integers(10, 30), 3)):
            easel.disk(WHOLE, star, x, y, r, r)
        arc = np.exp(1j * np.linspace(0, np.pi, 17))
        rim = np.concatenate([arc, arc.real[::-1] + 0.3j * arc.imag[::-1]]) * np.exp(-1.2j)
        easel.fill(spot, star, *zip(rim.real, rim.imag, strict=True))
    else:
        for value, r in ((0.84, 1.0), (1.0, 0.84)):  # The rim shows even on the brightest sky.
            easel.disk(spot, easel.mix("sun", value), 0, 0, r, r)
    return spot


def cloud(easel: Easel, spot: Spot) -> None:
    """A heap of white puffs over a shaded belly."""
    value = easel.value(spot, low=0.8)
    puffs = easel.rng.uniform((-0.12, -0.03, 0.03), (0.12, 0.0, 0.055), (9, 3))
    for shade, lift in ((0.86, 0.0), (0.95, 0.008), (1.04, 0.018)):
        color = easel.mix("white", value * shade)
        for x, y, r in puffs:
            r *= 1.2 - 5 * abs(x)
            easel.disk(spot, color, x, y - lift, 1.4 * r, r - lift / 2)


def balloon(easel: Easel, spot: Spot) -> None:
    """A crimson balloon with a white stripe and a basket."""
    value = easel.value(spot, low=0.6)
    crimson = easel.mix("balloon", value)
    easel.fill(spot, crimson, (-0.068, 0.03), (0.068, 0.03), (0.015, 0.1), (-0.015, 0.1))
    easel.disk(spot, crimson, 0, 0, 0.075, 0.08)
    easel.disk(spot, easel.mix("white", value * 1.2), 0, 0, 0.03, 0.08)
    easel.box(spot, easel.mix("bark", value * 0.7), -0.018, 0.115, 0.036, 0.03)


def mountains(easel: Easel, horizon: float) -> None:
    """A chain of violet peaks, lit from the left, usually with snow."""
    rng = easel.rng
    value = easel.value((0.5, horizon, 1), 0.1)
    snow = easel.mix("white", max(0.8, 1.3 * value)) if rng.random() < 0.75 else None
    base = horizon + 0.1
    for x in rng.permutation(np.arange(-0.05, 1.1, 0.22)) + rng.uniform(-0.06, 0.06, 6):
        foot, height = rng.uniform(0.16, 0.26), rng.uniform(0.2, 0.4)
        top, right = (x, base - height), (x + foot, base)
        lit = easel.mix("mountain", value * rng.uniform(0.9, 1.1))
        shaded = easel.mix("mountain", value * rng.uniform(0.66, 0.76))
        easel.wash([(x - foot, base), top, right], lit, lit, 12, 12)
        easel.wash([(x + 0.3 * foot, base), top, right], shaded, lit, 12, 12)
        if snow:
            steps = ((0, 0), (-0.3, 0.3), (-0.15, 0.24), (-0.03, 0.34), (0.1, 0.24), (0.3, 0.3))
            easel.fill(WHOLE, snow, *((x + foot * dx, top[1] + height * dy) for dx, dy in steps))


def sea(easel: Easel, horizon: float, sun: Spot) -> None:
    """Water with level strokes, small waves, and the glitter of the sun or moon."""
    rng = easel.rng
    value = easel.value((0.5, horizon - 0.02, 1))
    far, near = (easel.mix("sea", value * factor) for factor in rng.uniform(0.8, 1.05, 2))
    easel.wash([(0, horizon), (1, horizon), (1, 1), (0, 1)], far, near, 3, 40)
    crest = easel.mix("sea", value * 1.25)
    glitter = easel.mix("moon" if easel.hour == "night" else "sun", 1.0)
    drift = sun[0] + rng.normal(0, 0.025, 14)
    waves = [(x, crest) for x in rng.uniform(0, 1, 26)] + [(x, glitter) for x in drift]
    for x, color in waves:
        depth = rng.uniform(0, 1)
        y, half = horizon + 0.01 + depth * (0.99 - horizon), 0.012 + 0.025 * depth
        easel.line(color, 0.008, [(x - half, y), (x, y - 0.006 * depth), (x + half, y)])


def boat(easel: Easel, spot: Spot) -> None:
    """Two white sails over a wooden hull."""
    value = easel.value(spot, 0.1, low=0.75)
    hull = easel.mix("bark", easel.value(spot, low=0.4))
    easel.fill(spot, easel.mix("white", value), (0.005, -0.21), (0.09, -0.03), (0.005, -0.03))
    shaded = easel.mix("white", value * 0.86)
    easel.fill(spot, shaded, (-0.01, -0.18), (-0.01, -0.03), (-0.065, -0.03))
    easel.fill(spot, hull, (-0.085, -0.02), (0.105, -0.02), (0.06, 0.028), (-0.06, 0.028))


def rolling(rng: np.random.Generator, y: float) -> Floats:
    """Outline of a soft hill around `y`: (65, 2) points from left to right, made of three sines."""
    x = np.linspace(0, 1, 65)
    phase, pace = rng.uniform(0, 2 * np.pi, (3, 1)), rng.uniform(3, 8)
    waves = np.sin(phase + pace * np.array([[0.6], [1.0], [2.3]]) * x)
    return np.stack([x, y + np.array([0.03, 0.02, 0.006]) @ waves], 1)


def hill(easel: Easel, ridge: Floats, crop: str) -> None:
    """A hill of grass blades, of sand, or of a crop in rows that run toward the viewer."""
    rng = easel.rng
    middle = float(ridge[32, 1])
    value = easel.value((0.5, middle - 0.02, 1), low=0.75 if crop in ("wheat", "sand") else 0.5)
    light, dark = easel.mix(crop, value), easel.mix(crop, value * 0.8)
    easel.wash([*ridge, (1, 1), (0, 1)], light, dark, 30, 14)
    if crop in ("wheat", "lavender"):
        depth = np.linspace(0.005, 1 - middle, 8)
        for start in np.arange(-0.5, 1.5, 0.08):
            x = 0.5 + (start - 0.5) * (0.5 + 2 * depth)
            y = np.interp(x, ridge[:, 0], ridge[:, 1]) + depth
            easel.line(dark, 0.014, np.stack([x, y], 1))
    if crop == "meadow":
        blade = easel.mix(crop, value * 1.15)
        for x, depth in rng.uniform(0, 1, (30, 2)):
            y = np.interp(x, ridge[:, 0], ridge[:, 1]) + 0.025 + 0.4 * depth
            easel.line(blade, 0.006, [(x, y), (x + 0.006, y - 0.02)])


def poppies(easel: Easel, spot: Spot) -> None:
    """A patch of red flowers in the grass."""
    value = easel.value(spot, low=0.6)
    for x, y in easel.rng.normal((0, 0.03), (0.09, 0.02), (14, 2)):
        easel.disk(spot, easel.mix("poppy", value), x, y, 0.014, 0.012)


def trunk(easel: Easel, spot: Spot) -> None:
    """The trunk of a tree."""
    color = easel.mix("bark", easel.value(spot, low=0.35))
    easel.fill(spot, color, (-0.011, -0.12), (0.011, -0.12), (0.018, 0), (-0.018, 0))


def fir(easel: Easel, spot: Spot) -> None:
    """A fir: a blue-green cone of three layers."""
    trunk(easel, spot)
    value = easel.value(spot, 0.15)
    lit, shaded = easel.mix("fir", value), easel.mix("fir", value * 0.76)
    for base, half in ((-0.04, 0.085), (-0.11, 0.068), (-0.18, 0.05)):
        top, right = (0, base - 0.13), (half, base)
        easel.fill(spot, lit, (-half, base), top, right)
        easel.fill(spot, shaded, (0.2 * half, base), top, right)


def crown(easel: Easel, spot: Spot, pigment: str, dabs: ArrayLike) -> None:
    """A trunk and leaves: dabs (x, y, rx, ry) in 3 coats, smaller and brighter to the top left."""
    trunk(easel, spot)
    value = easel.value(spot, 0.17, low=0.6)
    for shade, shift, share in ((0.72, 0.0, 1.0), (0.88, 0.12, 0.84), (1.05, 0.32, 0.48)):
        color = easel.mix(pigment, value * shade)
        for x, y, rx, ry in np.asarray(dabs):
            easel.disk(spot, color, x - shift * rx, y - shift * ry, share * rx, share * ry)


def oak(easel: Easel, spot: Spot) -> None:
    """A broad green crown of many lobes."""
    lobes = easel.rng.uniform((-0.09, -0.22, 0.035), (0.09, -0.12, 0.055), (9, 3))
    crown(easel, spot, "oak", lobes[:, [0, 1, 2, 2]])


# A maple's crown is orange and as round as a ball, a poplar's yellow and as slim as a candle flame.
maple = partial(crown, pigment="maple", dabs=[(0, -0.18, 0.09, 0.09)])
poplar = partial(crown, pigment="poplar", dabs=[(0, -0.2, 0.045, 0.16)])


def house(easel: Easel, spot: Spot) -> None:
    """Cream walls, a red roof with a chimney, a door, and windows that are lit at night."""
    value = easel.value(spot, 0.05, low=0.7)
    roof = easel.value(spot, 0.15)
    easel.box(spot, easel.mix("roof", roof * 0.7), 0.045, -0.22, 0.025, 0.08)
    easel.box(spot, easel.mix("wall", value), -0.1, -0.1, 0.2, 0.1)
    slopes = ((-0.125, -0.095), (-0.08, -0.19), (0.08, -0.19), (0.125, -0.095))
    easel.fill(spot, easel.mix("roof", roof), *slopes)
    pane = easel.mix("sun", 1.0) if easel.hour == "night" else easel.mix("pane", value * 0.65)
    for x in (-0.075, 0.035):
        easel.box(spot, pane, x, -0.075, 0.04, 0.04)
    easel.box(spot, easel.mix("bark", value * 0.6), -0.018, -0.065, 0.036, 0.065)


def lighthouse(easel: Easel, spot: Spot) -> None:
    """A white tower with red bands, a lamp and a red cap."""
    value = easel.value(spot, 0.2, low=0.75)
    red, lamp = easel.mix("roof", value * 0.9), easel.mix("sun", 1.0)
    easel.fill(spot, easel.mix("white", value), (-0.03, -0.3), (0.03, -0.3), (0.05, 0), (-0.05, 0))
    for y, half in ((-0.23, 0.035), (-0.11, 0.043)):
        easel.box(spot, red, -half, y, 2 * half, 0.05)
    easel.box(spot, lamp, -0.02, -0.345, 0.04, 0.045)
    easel.fill(spot, red, (-0.034, -0.34), (0, -0.39), (0.034, -0.34))


def land(easel: Easel, y: float, crop: str) -> None:
    """A hill and the things that stand on it, the far ones first."""
    rng = easel.rng
    ridge = rolling(rng, y)
    hill(easel, ridge, crop)
    things: list[Callable[[Easel, Spot], None]] = [fir, oak, maple, poplar, house]
    things += [poppies] if crop == "meadow" else []
    for down in np.sort(rng.uniform(0.01, 0.08, rng.integers(1, 6))):
        x, scale = rng.uniform(0.03, 0.97), (1.75 * y - 0.35) * rng.uniform(0.8, 1.2)
        ground = np.interp(x, ridge[:, 0], ridge[:, 1])
        things[rng.integers(len(things))](easel, (x, float(ground + down), scale))


def scene(size: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Paint one landscape, (size, size, 3) uint8, back to front; `rng` decides everything."""
    easel = Easel(size, rng)
    horizon = rng.uniform(0.4, 0.58)
    sun = sky(easel, horizon)
    for thing, chances, chance in ((cloud, 4, 0.4), (balloon, 1, 0.2)):
        for _ in range(rng.binomial(chances, chance)):
            x, y, scale = rng.uniform((0, 0.06, 0.6), (1, 0.7 * horizon, 1.3))
            thing(easel, (x, y, scale))
    if easel.hour != "dusk" and rng.random() < 0.55:  # Peaks would hide the sun, the sign of dusk.
        mountains(easel, horizon)
    if rng.random() < 0.45:
        sea(easel, horizon, sun)
        for depth in np.sort(rng.uniform(0.1, 0.5, rng.integers(1, 4))):
            boat(easel, (rng.uniform(0.1, 0.9), horizon + 0.5 * depth, 0.5 + 1.2 * depth))
        if rng.random() < 0.5:
            hill(easel, rolling(rng, 0.8), "sand")
        if rng.random() < 0.4:
            lighthouse(easel, (rng.uniform(0.1, 0.9), 0.9, 1.0))
        land(easel, 0.86, str(rng.choice(["meadow", "lavender"], p=[0.8, 0.2])))
    else:
        for y in np.linspace(horizon + 0.03, 0.82, rng.integers(2, 5)):
            crop = str(rng.choice(["meadow", "wheat", "lavender"], p=[0.56, 0.22, 0.22]))
            land(easel, float(y), crop)
    picture = np.asarray(easel.canvas.reduce(OVERSAMPLING), np.float32)
    paper = bristles(size, size // 2, size // 2)[:size, :size, None]
    return np.clip(picture * (1 + 0.015 * paper) + 0.5, 0, 255).astype(np.uint8)


def scenes(count: int, size: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    """Paint landscapes with sides of `size` pixels: (count, size, size, 3) uint8, sRGB.

    Scene i of a seed is the same picture, however many are asked for.

    Raises:
        ColorlabError: if `count` or `seed` is below 0, or `size` below 16.
    """
    for name, number, least in (("count", count, 0), ("size", size, 16), ("seed", seed, 0)):
        if number < least:
            raise ColorlabError(f"{name} is {number}; expected {least} or more.")
    pictures = np.empty((count, size, size, 3), np.uint8)
    for index in range(count):
        pictures[index] = scene(size, np.random.default_rng((seed, index)))
    return pictures
