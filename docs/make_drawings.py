"""The drawings of the lessons and of docs/, as SVG.

    python docs/make_drawings.py

writes docs/images/photo_path.svg, unet.svg, critic_patch.svg, training_step.svg and prefetch.svg.
Each is 800 pixels wide and has a light background of its own, for dark pages too.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from colorlab import Colorizer, decode, encode, photos
from colorlab.backend import keras, layers
from colorlab.data.toyworld import scenes
from colorlab.model import presets

IMAGES = Path(__file__).parent / "images"
WIDTH = 800
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
PAPER, EDGE, INK, QUIET = "#fcfcfa", "#d0d7de", "#1f2328", "#57606a"
# Okabe and Ito's palette, which color-blind people can tell apart, as in the lessons' curves. Each
# is also a line style, so that nothing depends on color alone.
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
TINT = {BLUE: "#e1f0fa", ORANGE: "#fdeadd", GREEN: "#e0f4ed", QUIET: "#f3f4f4"}
DASHES = {BLUE: "", ORANGE: "8 4", GREEN: "2 4"}
Float = NDArray[np.float32]
Point = tuple[float, float]


class Drawing:
    """An SVG image that grows part by part. Places are in pixels from its upper left corner."""

    def __init__(self, title: str, description: str, height: int) -> None:
        """Begin with an empty page."""
        self.height = height
        self.parts = [f"<title>{title}</title>", f"<desc>{description}</desc>"]
        self.box(0.5, 0.5, WIDTH - 1, height - 1, color=EDGE, fill=PAPER, line=1, radius=10)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        label: str = "",
        *,
        color: str = QUIET,
        fill: str = "",
        line: float = 1.5,
        radius: float = 6,
        dashes: str = "",
    ) -> None:
        """A rectangle with a label in its middle."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" '
            f'fill="{fill or TINT[color]}" stroke="{color}" stroke-width="{line:g}" '
            f'stroke-dasharray="{dashes or "none"}"/>'
        )
        if label:
            self.text(x + width / 2, y + height / 2, label, middle=True)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        anchor: str = "middle",
        size: int = 14,
        color: str = INK,
        bold: bool = False,
        middle: bool = False,
    ) -> None:
        """Lines of text: y is the first baseline, or the middle of all lines if `middle`."""
        lines = words.splitlines()
        step = 1.3 * size
        if middle:
            y += 0.36 * size - step * (len(lines) - 1) / 2
        weight = 600 if bold else 400
        self.parts += [
            f'<text x="{x:g}" y="{y + i * step:g}" text-anchor="{anchor}" font-size="{size}" '
            f'font-weight="{weight}" fill="{color}">{escape(line, quote=False)}</text>'
            for i, line in enumerate(lines)
        ]

    def note(self, x: float, y: float, words: str, *, anchor: str = "middle") -> None:
        """Small text in a quiet color."""
        self.text(x, y, words, anchor=anchor, size=13, color=QUIET)

    def line(
        self, *points: Point, color: str = QUIET, width: float = 1.5, dashes: str = ""
    ) -> None:
        """A line through several points."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width:g}" '
            f'stroke-linejoin="round" stroke-dasharray="{dashes or "none"}"/>'
        )

    def arrow(
        self, *points: Point, color: str = QUIET, width: float = 1.5, dashes: str = ""
    ) -> None:
        """A line with a head at its last point."""
        (x, y), (to_x, to_y) = points[-2:]
        length = 5 + 2.5 * width
        along = np.array([to_x - x, to_y - y]) / np.hypot(to_x - x, to_y - y)
        back = np.array([to_x, to_y]) - length * along
        side = 0.45 * length * np.array([-along[1], along[0]])
        # The line ends inside the head, which would otherwise be blunt.
        end = np.array([to_x, to_y]) - 0.7 * length * along
        self.line(*points[:-1], (end[0], end[1]), color=color, width=width, dashes=dashes)
        corners = " ".join(f"{a:.4g},{b:.4g}" for a, b in ((to_x, to_y), back + side, back - side))
        self.parts.append(f'<polygon points="{corners}" fill="{color}"/>')

    def picture(
        self, x: float, y: float, width: int, height: int, rgb: NDArray[Any], *, frame: bool = True
    ) -> None:
        """A photo, rgb (H, W, 3) uint8 or float in [0, 1], as a JPEG inside the file."""
        pixels = rgb if rgb.dtype == np.uint8 else np.rint(255 * rgb).astype(np.uint8)
        # Three image points for two of the page keep it sharp on most screens, and small.
        size = (3 * width // 2, 3 * height // 2)
        buffer = io.BytesIO()
        Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG")
        encoded = base64.b64encode(buffer.getvalue()).decode()
        self.parts.append(
            f'<image x="{x:g}" y="{y:g}" width="{width}" height="{height}" '
            f'href="data:image/jpeg;base64,{encoded}"/>'
        )
        if frame:  # Firefox may not show pictures in SVGs on GitHub (github/markup#1251)
            self.box(x, y, width, height, color=QUIET, fill="none", line=1, radius=0)

    def svg(self) -> str:
        """The whole file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.height}" '
            f'viewBox="0 0 {WIDTH} {self.height}" role="img" font-family="{FONT}">'
        )
        return "\n".join([head, *self.parts, "</svg>\n"])


def full_light(chroma: Float) -> Float:
    """Chroma (H, W, 2) → the colors (H, W, 3) that it has at value 1."""
    return decode(np.ones_like(chroma[..., :1]), chroma)  # type: ignore[no-any-return]


def gray_rgb(gray: Float) -> Float:
    """Gray (H, W, 1) → the same as a picture (H, W, 3)."""
    return gray.repeat(3, axis=-1)


def photo_path() -> str:
    """A photo, its gray and chroma, the shipped network's chroma, and the result."""
    drawing = Drawing(
        "The path of a photo",
        "A photo of a rocket against an evening sky is split by encode into a sharp gray picture "
        "and its chroma, a picture of pure colors. The generator is given the gray and predicts a "
        "blurred chroma. decode joins the untouched gray and the predicted chroma into the "
        "result. In training, a loss compares the predicted chroma with the true one.",
        height=402,
    )
    photo = photos.read(data.rocket())
    gray, chroma = encode(photo.rgb)
    colorizer = Colorizer()
    guess = colorizer.guess(photo).chroma
    result = np.asarray(colorizer.colorize(photo, keep="value"))

    width, height, above, below = 141, 94, 62, 234
    columns = [28 + 201 * column for column in range(4)]
    centers = [column + width / 2 for column in columns]
    ends = [column + width for column in columns]
    one, two = "one number a point", "two numbers a point"
    for column, top, rgb, label, detail in (
        (0, above, photo.pixels, "a color photo", ""),
        (1, above, gray_rgb(gray), "gray", one),
        (1, below, full_light(chroma), "true chroma", f"{two},\nfor training only"),
        (2, below, full_light(guess), "predicted chroma", f"{two},\nat a smaller size"),
        (3, below, result, "the result", "the photo's gray,\nthe network's color"),
    ):
        drawing.picture(columns[column], top, width, height, rgb)
        drawing.text(centers[column], top + height + 19, label, bold=True)
        drawing.note(centers[column], top + height + 37, detail)
    drawing.box(columns[2], above + 18, width, 60, "generator", color=BLUE)
    drawing.box(columns[3], above + 18, width, 60, "decode")

    upper, lower = above + height / 2, below + height / 2
    fork, join = ends[0] + 30, ends[2] + 30
    drawing.text(fork, upper - 9, "encode", size=13)
    drawing.arrow((ends[0] + 4, upper), (columns[1] - 4, upper))
    drawing.arrow((fork, upper), (fork, lower), (columns[1] - 4, lower))
    drawing.arrow((ends[1] + 4, upper), (columns[2] - 4, upper))
    drawing.arrow((centers[2], above + 82), (centers[2], below - 4))
    drawing.arrow((ends[2] + 4, lower), (join, lower), (join, upper), (columns[3] - 4, upper))
    drawing.arrow((centers[3], above + 82), (centers[3], below - 4))
    drawing.arrow(
        (centers[1], above - 4), (centers[1], 34), (centers[3], 34), (centers[3], above + 14)
    )
    drawing.text((centers[1] + centers[3]) / 2, 26, "the gray, untouched", size=13)
    drawing.line((ends[1] + 4, lower), (columns[2] - 4, lower), dashes=DASHES[GREEN])
    drawing.text((ends[1] + columns[2]) / 2, lower - 9, "loss", size=13)

    axis = np.linspace(-1, 1, height, dtype=np.float32)
    disk = np.stack(np.meshgrid(axis, -axis), axis=-1)
    wheel = full_light(disk)
    wheel[np.hypot(disk[..., 0], disk[..., 1]) > 1] = np.array([252, 252, 250]) / 255  # PAPER
    drawing.picture(centers[0] - height / 2, below, height, height, wheel, frame=False)
    drawing.text(centers[0], below + height + 19, "how to read chroma", bold=True)
    detail = "direction: hue\ndistance: saturation"
    drawing.note(centers[0], below + height + 37, detail)
    return drawing.svg()


def unet(size: int = 48) -> str:
    """The generator of the preset `toy` at the size of lesson 03, measured on the Keras model."""
    model = presets.get("toy").generator(size)
    # A copy for this one size, because the model itself takes any.
    model = keras.models.clone_model(model, input_tensors=keras.Input((size, size, 1)))

    def maps(kind: Any) -> list[tuple[int, int]]:
        """Size and channels of the output of each layer of that kind."""
        shapes = [layer.output.shape for layer in model.layers if isinstance(layer, kind)]
        return [(shape[1], shape[3]) for shape in shapes]

    down = maps(layers.LeakyReLU)  # the last layer of each `down`
    num_blocks = len(maps(layers.Add))  # one in each `bottleneck`
    joined = maps(layers.Concatenate)  # in each `up_merge`: what comes up, and the skip connection
    up = maps(layers.ReLU)[-len(joined) :]  # the last layer of each `up_merge`
    sizes = [size, *(side for side, _ in down)]
    drawing = Drawing(
        "The U-Net of the preset toy",
        f"A gray picture of {size} × {size} points leads down to maps of "
        + ", ".join(f"{side} × {side} points with {channels} channels" for side, channels in down)
        + f". {num_blocks} residual blocks follow at the smallest size. Then the maps grow again, "
        "each joined by a skip connection with the map of its size on the way down. The chroma "
        f"has {model.output.shape[1]} × {model.output.shape[2]} points and two channels.",
        height=424,
    )
    scale = 2  # pixels a point; a channel is one pixel wide
    levels = dict(zip(sizes, (96, 206, 282, 342), strict=True))
    for side, y in levels.items():
        drawing.text(24, y, f"{side} × {side}", anchor="start", color=QUIET, middle=True)

    def feature_map(x: float, side: int, *parts: tuple[int, str]) -> float:
        """Draw a map whose channels have these colors; x of its right edge."""
        top, left = levels[side] - scale * side / 2, x
        for channels, color in parts:
            drawing.box(x, top, channels, scale * side, color=color, radius=0)
            x += channels
        label = " + ".join(str(channels) for channels, _ in parts)
        drawing.text((left + x) / 2, top - 7, label, size=13)
        return x

    def picture(x: float, side: int, rgb: Float, label: str) -> None:
        half = scale * side / 2
        drawing.picture(x, levels[side] - half, scale * side, scale * side, rgb)
        drawing.text(x + half, levels[side] - half - 8, label, bold=True)

    scene = scenes(6, size=size, seed=2)[3] / np.float32(255)
    picture(100, size, gray_rgb(encode(scene)[0]), "gray: 1 channel")
    bottom, skips, right = (100 + scale * size / 2, levels[size] + scale * size / 2), {}, 0.0
    for x, (side, channels) in zip((210, 272, 338), down, strict=True):
        y = levels[side]
        drawing.arrow((bottom[0], bottom[1] + 3), (bottom[0], y), (x - 4, y))
        drawing.note((bottom[0] + x) / 2 + 2, y - 7, "down")
        skips[side] = right = feature_map(x, side, (channels, BLUE))
        bottom = (x + channels / 2, y + scale * side / 2)
    side, channels = down[-1]
    drawing.arrow((right + 4, levels[side]), (right + 40, levels[side]))
    drawing.note(right + 22, levels[side] + 30, f"{num_blocks} × bottleneck: what is there?")
    right = feature_map(right + 44, side, (channels, QUIET))

    questions = ("", ": where are the edges?")
    for x, question, (side, both), (_, channels) in zip(
        (520, 618), questions, joined, up, strict=True
    ):
        below, y = levels[sizes[sizes.index(side) + 1]], levels[side]
        skip = dict(down)[side]
        center = x + both / 2
        drawing.arrow((right + 4, below), (center, below), (center, y + scale * side / 2 + 4))
        drawing.arrow((skips[side] + 4, y), (x - 4, y), color=BLUE, dashes=DASHES[ORANGE])
        drawing.text((skips[side] + x) / 2, y - 9, f"skip connection{question}", size=13)
        right = feature_map(x, side, (both - skip, QUIET), (skip, BLUE))
        drawing.arrow((right + 4, y), (right + 24, y))
        drawing.note(center + 8, y + scale * side / 2 + 20, "up_merge", anchor="start")
        right = feature_map(right + 28, side, (channels, QUIET))
    side = model.output.shape[1]
    factor = size // side
    small = scene.reshape(side, factor, side, factor, 3).mean((1, 3))
    drawing.arrow((right + 4, levels[side]), (right + 22, levels[side]))
    picture(right + 26, side, full_light(encode(small)[1]), "chroma: 2")
    drawing.note(
        WIDTH / 2,
        398,
        "Above a map: its number of channels. A skip connection copies a map of the way down.",
    )
    return drawing.svg()


def convolutions(model: keras.Model) -> list[tuple[int, int]]:
    """Size and stride of each convolution of a model, first to last."""
    return [
        (layer.kernel_size[0], layer.strides[0])
        for layer in model.layers
        if isinstance(layer, layers.Conv2D)
    ]


def patch(score: int, stack: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The place of a score in a row of scores → the first point that it sees, and how many."""
    first, width = score, 1
    for size, stride in reversed(stack):
        first = first * stride - (size - stride) // 2  # "same" padding puts the smaller half first
        width = (width - 1) * stride + size
    return first, width


def critic_patch(size: int = 256) -> str:
    """One patch of pix2pix's critic on a photo, and the map of scores that the critic answers."""
    critic = presets.get("pix2pix").critic()
    stack = convolutions(critic)
    side = critic.compute_output_shape([(1, size, size, 1), (1, size, size, 2)])[1]
    stride, row, column = size // side, 7, 14  # the score whose patch is the astronaut's head
    (top, width), (left, _) = patch(row, stack), patch(column, stack)
    drawing = Drawing(
        "A critic of patches",
        f"A photo of an astronaut, {size} × {size} points, goes through the critic's {len(stack)} "
        f"convolutions. The answer is a map of {side} × {side} scores. One score sees a patch of "
        f"{width} × {width} points, outlined around her head; the patch of the next score lies "
        f"{stride} points to the right. Nine scores are shown enlarged, with made-up numbers.",
        height=378,
    )
    x, y, cell, big = 28, 28, 5, 44
    drawing.picture(x, y, size, size, data.astronaut())
    for further, line, dashes in ((stride, 2.0, "4 3"), (0, 3.0, "")):
        place = (x + left + further, y + top, width, width)
        drawing.box(*place, color="white", fill="none", line=line + 2, radius=0)
        drawing.box(*place, color=ORANGE, fill="none", line=line, radius=0, dashes=dashes)

    middle = y + size / 2
    map_x, map_y = 452, middle - cell * side / 2
    score_x, score_y = map_x + cell * column, map_y + cell * row
    for corner, end in ((top, middle - 44), (top + width, middle + 44)):
        drawing.line((x + left + width, y + corner), (324, end), color=ORANGE, width=1)
        drawing.line((420, end), (score_x, score_y + cell * (corner > top)), color=ORANGE, width=1)
    drawing.box(324, middle - 44, 96, 88, "critic", color=ORANGE)
    detail = f"{len(stack)} convolutions\nof {stack[0][0]} × {stack[0][0]}"
    drawing.note(372, middle + 66, detail)
    grid = [(cell * i, cell * side * (j % 2)) for i in range(side + 1) for j in (i, i + 1)]
    drawing.line(*((map_x + along, map_y + across) for along, across in grid), width=0.4)
    drawing.line(*((map_x + across, map_y + along) for along, across in grid), width=0.4)
    drawing.box(score_x, score_y, cell, cell, color=ORANGE, fill=ORANGE, line=1, radius=0)

    zoom_x, zoom_y = 644, middle - 1.5 * big
    near_x, near_y = score_x - cell, score_y - cell
    drawing.line((near_x + 3 * cell, near_y), (zoom_x, zoom_y), color=INK, width=1)
    drawing.line(
        (near_x + 3 * cell, near_y + 3 * cell), (zoom_x, zoom_y + 3 * big), color=INK, width=1
    )
    for i, number in enumerate((-0.3, 0.4, 0.9, 0.2, 1.7, 1.1, -0.8, 0.6, 1.2)):
        at_x, at_y = zoom_x + big * (i % 3), zoom_y + big * (i // 3)
        words = str(number).replace("-", "−")
        drawing.box(at_x, at_y, big, big, words, color=EDGE, fill=PAPER, line=1, radius=0)
    for at_x, at_y, width_of in ((near_x, near_y, 3 * cell), (zoom_x, zoom_y, 3 * big)):
        drawing.box(at_x, at_y, width_of, width_of, color=INK, fill="none", line=1, radius=0)
    drawing.box(zoom_x + big, zoom_y + big, big, big, color=ORANGE, fill="none", line=3, radius=0)

    map_center, zoom_center = map_x + cell * side / 2, zoom_x + 1.5 * big
    drawing.text(map_center, map_y - 12, f"{side} × {side} scores", bold=True)
    drawing.note(map_center, map_y + cell * side + 22, "no sigmoid:\nany number")
    drawing.text(zoom_center, zoom_y - 12, "nine of them", bold=True)
    drawing.note(zoom_center, zoom_y + 3 * big + 22, "higher: more real\n(made-up numbers)")
    drawing.text(x + size / 2, y + size + 20, f"gray and chroma, {size} × {size}", bold=True)
    legend = (
        (f"one score sees a patch of {width} × {width} points", 3.0, ""),
        (f"the next score sees the patch {stride} points to its right", 2.0, "4 3"),
    )
    for i, (words, thick, dashes) in enumerate(legend):
        at = y + size + 48 + 24 * i
        drawing.line((x, at), (x + 36, at), color=ORANGE, width=thick, dashes=dashes)
        drawing.text(x + 46, at, words, anchor="start", middle=True)
    return drawing.svg()


def training_step() -> str:
    """Both halves of `ColorGAN.train_step`, with the gradients and what they change."""
    drawing = Drawing(
        "One training step with a critic",
        "First the critic learns. It is shown gray with true chroma and gray with predicted "
        "chroma. The gradient of the critic loss changes only the critic's weights. Then the "
        "generator learns. The gradient of the content loss and the gradient of the adversarial "
        "loss, which comes back through the critic without changing it, are weighted and added at "
        "the predicted chroma. The sum goes back through the generator and changes its weights. "
        "A running average of the generator follows slowly.",
        height=560,
    )

    def gradient(*points: Point, color: str) -> None:
        drawing.arrow(*points, color=color, width=3, dashes=DASHES[color])

    drawing.text(28, 38, "1 · The critic learns", anchor="start", bold=True, size=15)
    drawing.box(28, 58, 152, 50, "gray\n+ true chroma")
    drawing.box(28, 132, 152, 50, "gray\n+ predicted chroma")
    drawing.box(262, 70, 140, 100, "critic\nweights change", color=ORANGE)
    drawing.box(484, 58, 132, 50, "its scores\nshould be high")
    drawing.box(484, 132, 132, 50, "its scores\nshould be low")
    drawing.box(690, 95, 82, 50, "critic\nloss", color=ORANGE)
    for y in (83, 157):
        drawing.arrow((182, y), (258, y))
        drawing.arrow((404, y), (480, y))
        drawing.line((618, y), (652, y), (652, 120))
    drawing.arrow((652, 120), (686, 120))
    gradient((731, 149), (731, 208), (332, 208), (332, 175), color=ORANGE)
    drawing.text(532, 228, "gradient of the critic loss", size=13)
    drawing.note(28, 206, "The generator does not change.", anchor="start")
    drawing.line((28, 248), (WIDTH - 28, 248), color=EDGE, width=1)

    drawing.text(28, 280, "2 · The generator learns", anchor="start", bold=True, size=15)
    drawing.box(28, 325, 64, 50, "gray")
    drawing.box(140, 315, 136, 70, "generator\nweights change", color=BLUE)
    drawing.box(330, 325, 100, 50, "predicted\nchroma")
    drawing.box(498, 315, 122, 70, "critic\nweights stay", color=ORANGE)
    drawing.box(676, 325, 96, 50, "adversarial\nloss", color=ORANGE)
    drawing.box(330, 456, 100, 50, "content\nloss", color=GREEN)
    drawing.box(498, 456, 122, 50, "true chroma")
    drawing.box(140, 456, 136, 50, "running average\nof the generator")
    for left, right in ((94, 136), (278, 326), (432, 494), (622, 672)):
        drawing.arrow((left, 339), (right, 339))
    drawing.arrow((60, 323), (60, 301), (559, 301), (559, 312))
    drawing.arrow((358, 377), (358, 452))
    drawing.arrow((496, 481), (434, 481))
    drawing.arrow((208, 387), (208, 452))
    drawing.note(198, 424, "follows slowly", anchor="end")
    gradient((674, 361), (623, 361), color=ORANGE)
    gradient((496, 361), (433, 361), color=ORANGE)
    gradient((402, 454), (402, 378), color=GREEN)
    gradient((328, 361), (280, 361), color=BLUE)
    drawing.text(300, 404, "weighted sum", size=13)
    drawing.text(416, 430, "gradient of the content loss", anchor="start", size=13)
    drawing.text(648, 404, "gradient of the adversarial loss", size=13)
    drawing.note(WIDTH / 2, 538, "Thin arrows: values. Thick arrows: gradients, which go back.")
    return drawing.svg()


def prefetch() -> str:
    """Loading and learning: one after the other, at the same time, and with a faster step."""
    load, batches = 70, 4
    cases = (
        ("Without prefetch, each waits for the other.", 100, False),
        ("With prefetch, the next batches are loaded while the network learns.", 100, True),
        ("With prefetch and a faster step, the network waits for loading.", 30, True),
    )
    drawing = Drawing(
        "Loading and learning, without and with prefetch",
        "Three timelines of four batches, each with one lane for loading and one for learning. "
        "Without prefetch, a batch is loaded, then learned, then the next one is loaded: the "
        "longest of the three. With prefetch, loading goes on during learning, and learning never "
        "waits after the first batch. If learning is faster than loading, loading never waits, "
        "and learning waits before each batch. The lengths are made up.",
        height=434,
    )
    start = 92
    for case, (title, learn, ahead) in enumerate(cases):
        y = 40 + 124 * case
        drawing.text(28, y, title, anchor="start", bold=True)
        lanes = {"load": y + 14, "learn": y + 50}
        loaded = learned = start
        for batch in range(1, batches + 1):
            begin = loaded if ahead else max(loaded, learned)
            loaded = begin + load
            drawing.box(begin, lanes["load"], load, 30, str(batch), color=BLUE, radius=2)
            begin = max(loaded, learned)
            if begin > learned:
                wait = (learned, lanes["learn"], begin - learned, 30)
                drawing.box(*wait, fill="none", line=1, radius=0, dashes="2 4")
            learned = begin + learn
            drawing.box(begin, lanes["learn"], learn, 30, str(batch), color=GREEN, radius=2)
        for name, top in lanes.items():
            drawing.text(28, top + 15, name, anchor="start", middle=True)
        drawing.line((learned, y + 8), (learned, y + 86), color=INK, width=2)
    drawing.arrow((start, 396), (WIDTH - 28, 396))
    words = "Time: a scheme with made-up lengths. Numbers: batches. Dotted: the network waits."
    drawing.note(WIDTH / 2, 418, words)
    return drawing.svg()


DRAWINGS: tuple[Callable[[], str], ...] = (photo_path, unet, critic_patch, training_step, prefetch)


def main() -> None:
    """Write all drawings, each under the name of its function."""
    for make in DRAWINGS:
        (IMAGES / f"{make.__name__}.svg").write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
