"""Make data/samples: small honest files and lying ones, which tests and lessons read.

Run `python data/make_samples.py` again after a change in colorlab/data/toyworld.py.
"""

from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from colorlab.data.toyworld import scenes

SIZE = 192
LANDSCAPE = (0, 24, SIZE, SIZE - 24)


def make(folder: Path) -> None:
    """Write all samples into a folder, over those that are there.

    Args:
        folder: made if it is missing.
    """
    folder.mkdir(exist_ok=True)
    first, *others = (Image.fromarray(pixels) for pixels in scenes(7, SIZE, seed=5))
    for number, scene in enumerate(others, start=1):
        scene.save(folder / f"scene_{number}.jpg", quality=90)

    color = first.crop(LANDSCAPE)
    gray = color.convert("L")
    fading = Image.linear_gradient("L").resize(color.size)
    color.save(folder / "color.jpg", quality=90)
    gray.save(folder / "gray.jpg", quality=90)
    color.convert("CMYK").save(folder / "cmyk.jpg", quality=90)
    Image.merge("RGBA", (*color.split(), fading)).save(folder / "color_alpha.png")
    Image.merge("LA", (gray, fading)).save(folder / "gray_alpha.png")
    Image.fromarray(np.asarray(gray).astype(np.uint16) * 257).save(folder / "gray_16bit.tif")

    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # "turn me a quarter clockwise"
    lying_down = color.transpose(Image.Transpose.ROTATE_90)
    lying_down.save(folder / "exif_rotated.jpg", quality=90, exif=exif)

    color.save(folder / "png_named.jpg", format="PNG")
    whole = (folder / "color.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text_named.jpg").write_text("I am a text file, whatever my name says.\n")


if __name__ == "__main__":
    make(Path(__file__).parent / "samples")
