"""Flat and dark scans: what it helps to show them to the network with full contrast.

python benchmarks/flat_scans.py PHOTOS [--every 8]

The luma of color photos is squeezed into a narrow range, as a faded print or a bad scan has it. The
predicted chroma is then joined with the photo's own luma, so that all rows can be compared. The
figures are the a*b* distance from the truth, as a fraction of gray's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from shared import heading, options, row

from colorlab import Colorizer, photos
from colorlab.colorizer import render
from colorlab.evaluation.metrics import ab_distance
from colorlab.quiet import import_keras

RANGES = {  # name → darkest, span
    "0 to 1, as it is": (0.0, 1.0),
    "0.25 to 0.75": (0.25, 0.5),
    "0.35 to 0.65": (0.35, 0.3),
    "0.40 to 0.55": (0.4, 0.15),
    "0.50 to 0.55": (0.5, 0.05),
    "0 to 0.3, dark": (0.0, 0.3),
    "0 to 0.06, dark": (0.0, 0.06),
    "0.85 to 1, bright": (0.85, 0.15),
}


class AsItIs(Colorizer):
    """Shows every photo to the network as it is."""

    flat = 0.0


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--every", type=int, default=8)
    asked = parser.parse_args()
    import_keras()
    colorizers = AsItIs(), Colorizer()
    truths = [photos.read(path) for path in photos.find(asked.photos)[:: asked.every]]
    truths = [photos.read(truth, color=False) for truth in truths if truth.has_color]
    print(f"{len(truths)} photos\n")
    print(heading("range of the gray", "as it is", "with full contrast"), flush=True)
    uncolored = sum(ab_distance(np.repeat(t.gray, 3, -1), t.rgb) for t in truths)
    for name, (darkest, span) in RANGES.items():
        distances = np.zeros(2)
        for truth in truths:
            squeezed = np.rint(255 * (darkest + span * truth.gray[..., 0])).astype(np.uint8)
            for i, colorizer in enumerate(colorizers):
                chroma = colorizer.guess(photos.read(squeezed, color=False)).chroma
                result = photos.read(render(truth, chroma, keep="luma")).rgb
                distances[i] += ab_distance(result, truth.rgb)
        print(row(name, *(f"{each:.3f}" for each in distances / uncolored)), flush=True)


if __name__ == "__main__":
    main()
