"""The generators: their shapes and sizes, and that a photo's color is its own."""

import numpy as np
import pytest
from keras import Model
from keras.applications import MobileNetV2

from colorlab.model import presets
from colorlab.model.generators import mobile_unet, pix2pix_generator, residual_unet, size_multiple


def photos(count, size, seed=0):
    return np.random.default_rng(seed).random((count, size, size, 1), dtype=np.float32)


@pytest.fixture(scope="module")
def pix2pix():
    return pix2pix_generator()


@pytest.fixture(scope="module")
def small():
    return presets.get("small").generator(96)


@pytest.fixture(scope="module")
def tiny():
    return residual_unet((8, 16), num_blocks=1)


@pytest.fixture(scope="module")
def mobile():
    return mobile_unet()


def convolutions(model):
    return [layer for layer in model.layers if "conv" in layer.name]


def test_pix2pix_has_the_paper_s_table_of_layers(pix2pix):
    table = [(layer.output.shape[1], layer.filters) for layer in convolutions(pix2pix)]
    down = [(128, 64), (64, 128), (32, 256), (16, 512), (8, 512), (4, 512), (2, 512), (1, 512)]
    up = [(2, 512), (4, 512), (8, 512), (16, 512), (32, 256), (64, 128), (128, 64)]
    assert table == [*down, *up]
    assert {layer.kernel_size for layer in convolutions(pix2pix)} == {(4, 4)}
    assert {layer.strides for layer in convolutions(pix2pix)} == {(2, 2)}
    assert pix2pix.input_shape == (None, 256, 256, 1)
    assert pix2pix.output_shape == (None, 256, 256, 2)


def test_pix2pix_concatenates_a_skip_to_every_level_but_the_bottleneck(pix2pix):
    # Appendix 6.1.1's U-Net decoder counts the channels after the concatenation.
    joined = [layer.output.shape[1:] for layer in pix2pix.layers if "concat" in layer.name]
    channels = [1024, 1024, 1024, 1024, 512, 256, 128]
    assert joined == [(2**n, 2**n, width) for n, width in enumerate(channels, 1)]


def test_pix2pix_has_as_many_weights_as_worked_out_by_hand(pix2pix):
    kernel = 4 * 4
    # A normalized level has a scale and a shift a channel; the others have a bias.
    down = (
        (kernel * 1 * 64 + 64)
        + (kernel * 64 * 128 + 2 * 128)
        + (kernel * 128 * 256 + 2 * 256)
        + (kernel * 256 * 512 + 2 * 512)
        + 3 * (kernel * 512 * 512 + 2 * 512)
        + (kernel * 512 * 512 + 512)
    )
    # Each level up but the first reads the one below and its skip, of the same width.
    up = (
        (kernel * 512 * 512 + 2 * 512)
        + 3 * (kernel * (512 + 512) * 512 + 2 * 512)
        + (kernel * (512 + 512) * 256 + 2 * 256)
        + (kernel * (256 + 256) * 128 + 2 * 128)
        + (kernel * (128 + 128) * 64 + 2 * 64)
        + (kernel * (64 + 64) * 2 + 2)
    )
    assert pix2pix.count_params() == down + up == 54_410_434


def test_pix2pix_s_bottleneck_carries_something(pix2pix):
    # Instance normalization of a 1×1 map would make it the same for every photo.
    bottleneck = next(x for x in pix2pix.layers if x.output.shape[1:] == (1, 1, 512))
    norms = [layer.output.shape[1] for layer in pix2pix.layers if "norm" in layer.name]
    assert min(norms) == 2
    black, white = Model(pix2pix.input, bottleneck.output)(
        np.stack([np.zeros((256, 256, 1), "float32"), photos(1, 256)[0]])
    )
    assert np.abs(np.asarray(black - white)).max() > 1e-3


def test_pix2pix_drops_out_in_training_and_never_else(pix2pix):
    gray = photos(1, 256)
    once, twice = (np.asarray(pix2pix(gray, training=True)) for _ in range(2))
    assert np.abs(once - twice).max() > 1e-3
    once, twice = (np.asarray(pix2pix(gray, training=False)) for _ in range(2))
    np.testing.assert_array_equal(once, twice)
    dropped = [layer.output.shape[1] for layer in pix2pix.layers if "dropout" in layer.name]
    assert dropped == [2, 4, 8]


@pytest.mark.parametrize("name", ["pix2pix", "tiny"])
def test_chroma_is_float32_within_1(name, request):
    model = request.getfixturevalue(name)
    weights = model.get_weights()
    model.set_weights([10 * weight for weight in weights])
    chroma = np.asarray(model(photos(1, 256)))
    model.set_weights(weights)
    assert chroma.dtype == np.float32
    assert 0.9 < np.abs(chroma).max() <= 1


def test_small_has_3_to_5_million_weights_and_toy_less_than_300_000(small):
    assert 3_000_000 < small.count_params() < 5_000_000
    assert presets.get("toy").generator(64).count_params() < 300_000


@pytest.mark.parametrize("size", [(32, 32), (48, 80), (160, 112)])
def test_small_takes_any_multiple_of_16_and_gives_chroma_at_half_size(small, size):
    chroma = small(np.zeros((1, *size, 1), "float32"))
    assert chroma.shape == (1, size[0] // 2, size[1] // 2, 2)


def test_an_untrained_small_paints_nearly_gray(small):
    assert np.abs(np.asarray(small(photos(2, 96)))).max() < 0.5


def test_small_sees_a_whole_crop_at_once(small):
    gray = photos(1, 96)
    changed = gray.copy()
    changed[:, -16:, -16:] = 0
    corner = np.asarray(small(gray) - small(changed))[0, :8, :8]
    assert np.abs(corner).max() > 0


@pytest.mark.parametrize("size", [(64, 64), (96, 160)])
def test_mobile_takes_any_multiple_of_32_and_gives_chroma_at_a_quarter(mobile, size):
    chroma = np.asarray(mobile(photos(1, 160)[:, : size[0], : size[1]]))
    assert chroma.shape == (1, size[0] // 4, size[1] // 4, 2)
    assert np.hypot(*np.moveaxis(chroma, -1, 0)).max() <= 1


def test_mobile_s_encoder_is_mobilenet_v2_for_one_channel(mobile):
    """Keras's own, up to its last block: the same weights, but for the first convolution's."""
    whole = MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3))
    expected = Model(whole.input, whole.get_layer("block_16_project_BN").output)
    depth = len(expected.layers)
    names = ("Conv2D", "DepthwiseConv2D", "BatchNormalization", "ReLU", "Add")

    def shapes(model):
        each = [layer for layer in model.layers if type(layer).__name__ in names]
        return [[tuple(weight.shape) for weight in layer.weights] for layer in each]

    ours, theirs = shapes(mobile), shapes(expected)
    assert len(theirs) == depth - 5  # an input, and four layers that pad
    assert ours[0] == [(3, 3, 1, 32)] and theirs[0] == [(3, 3, 3, 32)]
    assert ours[1 : len(theirs)] == theirs[1:]


@pytest.mark.parametrize(
    ("name", "multiple"), [("tiny", 4), ("small", 16), ("mobile", 32), ("pix2pix", 256)]
)
def test_the_multiple_of_a_size_is_read_off_the_network(name, multiple, request):
    assert size_multiple(request.getfixturevalue(name)) == multiple


@pytest.mark.parametrize("name", ["pix2pix", "small"])
def test_a_photo_has_its_own_color_alone_and_in_a_batch(name, request):
    model = request.getfixturevalue(name)
    gray = photos(3, 256 if name == "pix2pix" else 96)
    alone = np.asarray(model(gray[1:2]))
    np.testing.assert_array_equal(model(gray[1:2]), alone)
    np.testing.assert_allclose(model(gray)[1:2], alone, atol=1e-5)
