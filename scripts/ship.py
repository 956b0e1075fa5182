"""Put a model's weights into the package, in half precision, for Keras and for ONNX Runtime.

scripts/ship.py MODEL PRESET [STRENGTH]

STRENGTH multiplies the colors of the distribution, and so the predicted color: the mean of the
likely colors is paler than the true one.
"""

import sys
from pathlib import Path

from colorlab import Colorizer
from colorlab.quiet import import_keras

import_keras()

from colorlab.backend import keras  # noqa: E402  after TensorFlow was made quiet
from colorlab.colorizer import SIDE_PER_CROP  # noqa: E402
from colorlab.export import export  # noqa: E402
from colorlab.model import presets  # noqa: E402

WEIGHTS = Path(__file__).parents[1] / "colorlab" / "model" / "weights"


def ship(model: Path, name: str, strength: float) -> Path:
    """Write the weights of a run's generator, or of a `.keras` file, over what ships.

    Half precision halves the file, and changes a weight by at most one part in 2,000. The weights
    are read back into float32, so coloring is as fast as before.
    """
    preset = presets.get(name)
    generator = preset.generator(preset.size)
    *weights, centers = Colorizer.load(model).generator.get_weights()
    keras.config.set_dtype_policy("float16")
    half = preset.generator(preset.size)
    half.set_weights([*weights, strength * centers])
    path = WEIGHTS / f"{name}.weights.h5"
    half.save_weights(path, overwrite=True)
    generator.load_weights(path)
    without_keras = path.with_name(f"{name}.onnx")
    without_keras.unlink(missing_ok=True)
    export(Colorizer(generator, side=round(SIDE_PER_CROP * preset.size)), without_keras)
    return path


if __name__ == "__main__":
    print(ship(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]) if sys.argv[3:] else 1.0))
