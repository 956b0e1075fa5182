"""Put a finished run's generator into the package, in half precision.

scripts/ship.py RUN [STRENGTH]

STRENGTH multiplies the last layer's weights, and so, nearly, the color: what is unsure is pale.
"""

import sys
from pathlib import Path

from colorlab import Colorizer
from colorlab.backend import keras
from colorlab.run_settings import read_settings

WEIGHTS = Path(__file__).parents[1] / "colorlab" / "weights"


def ship(run: Path, strength: float) -> Path:
    """Write the run's generator to colorlab/weights, over what is there.

    Half precision halves the file. It is read back into float32, so coloring is as fast as before,
    and a weight is wrong by at most one part in 2,000.
    """
    trained = Colorizer.load(run).generator
    recipe = read_settings(run).recipe
    keras.config.set_dtype_policy("float16")
    half = recipe.generator(recipe.size)
    *weights, kernel, bias = trained.get_weights()
    half.set_weights([*weights, strength * kernel, strength * bias])
    path = WEIGHTS / f"{recipe.name}.weights.h5"
    half.save_weights(path, overwrite=True)
    return path


if __name__ == "__main__":
    print(ship(Path(sys.argv[1]), float(sys.argv[2]) if sys.argv[2:] else 1.0))
