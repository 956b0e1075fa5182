"""RGB ⇄ (gray, chroma): what goes in comes out, and the light is never changed."""

import colorsys

import numpy as np
import pytest
import tensorflow as tf
from skimage.color import hsv2rgb, rgb2hsv, rgb2lab

from colorlab.color.adjustments import adjust
from colorlab.color.encoding import HueSaturation, PolarChroma, decode, encode, luma, value
from colorlab.color.spaces import SPACES, Lab
from colorlab.errors import ColorlabError

HSV = [PolarChroma, HueSaturation]
LEVEL = 1 / 255

COLORS = np.random.default_rng(0).random((40, 50, 3), dtype=np.float32)
CORNERS = np.array(
    [(r, g, b) for r in (0, 1) for g in (0, 1) for b in (0, 1)], np.float32
)  # black, white, and the six saturated colors
SEAM = np.array([[1, 0, 0], [1, 0, 1e-3], [1, 1e-3, 0], [0.5, 0.2, 0.2]], np.float32)  # red
GRAYS = np.repeat(np.array([[0], [1e-4], [0.5], [1]], np.float32), 3, axis=1)
AWKWARD = np.concatenate([CORNERS, SEAM, GRAYS])


def polar(hue, saturation):
    angle = 2 * np.pi * np.asarray(hue)
    saturation = np.asarray(saturation)
    return np.stack([saturation * np.cos(angle), saturation * np.sin(angle)], -1).astype("float32")


def every_chroma():
    """All of the disk, its rim, and points far outside it: (37, 33, 2)."""
    hue, radius = np.meshgrid(np.linspace(0, 1, 37), np.linspace(0, 2, 33), indexing="ij")
    return polar(hue, radius)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_8_bit_colors_come_back_exactly(space):
    ramp = np.arange(256, dtype=np.uint8)
    # Lab takes twelve times as long as the others: of its reds, each fifth.
    some = ramp[:: 5 if space is Lab else 1]
    seen = 0
    for reds in some[:, None]:  # small parts, which stay in the processor's cache
        cube = np.stack(np.meshgrid(reds, ramp, ramp, indexing="ij"), axis=-1)
        seen += cube[..., 0].size
        gray, chroma = encode(cube.astype(np.float32) / 255, space=space)
        back = decode(gray, chroma, space=space)
        assert np.abs(back * 255 - cube).max() < 0.5  # so that rounding gives the very byte
    assert seen == len(some) * 256**2


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("keep", ["value", "luma"])
def test_a_photo_comes_back_whichever_gray_is_kept(space, keep):
    gray, chroma = encode(COLORS, keep=keep, space=space)
    back = decode(gray, chroma, keep=keep, space=space)
    np.testing.assert_allclose(back, COLORS, atol=2e-5)


def test_hue_saturation_and_value_are_scikit_image_s():
    rgb = np.concatenate([COLORS.reshape(-1, 3), AWKWARD])
    gray, chroma = encode(rgb, space=HueSaturation)
    expected = rgb2hsv(rgb)
    np.testing.assert_allclose(chroma, expected[:, :2], atol=2e-6)
    np.testing.assert_allclose(gray, expected[:, 2:], atol=1e-7)


def test_polar_chroma_is_the_hue_s_point_in_the_disk():
    _, chroma = encode(COLORS)
    hue, saturation, _ = np.moveaxis(rgb2hsv(COLORS), -1, 0)
    np.testing.assert_allclose(chroma, polar(hue, saturation), atol=1e-5)


def test_the_hue_of_a_point_is_its_angle_from_red():
    degrees = np.array([0, 30, 90, 180, 270, 330])
    hue, saturation = PolarChroma.to_hue_saturation(polar(degrees / 360, 0.5).astype(np.float32))
    np.testing.assert_allclose(360 * hue, degrees, atol=1e-4)  # red is 0, not 360
    np.testing.assert_allclose(saturation, 0.5, rtol=1e-6)


@pytest.mark.parametrize("space", HSV)
def test_the_hue_of_gray_is_0_as_in_scikit_image(space):
    hue, saturation = space.to_hue_saturation(encode(GRAYS, space=space)[1])
    np.testing.assert_array_equal([hue, saturation], rgb2hsv(GRAYS)[:, :2].T)


def test_a_hue_given_as_a_number_wraps():
    hue, _ = HueSaturation.to_hue_saturation(np.array([[1.25, 0.5], [-0.25, 0.5]], np.float32))
    np.testing.assert_array_equal(hue, [0.25, 0.75])


@pytest.mark.parametrize("space", HSV)
def test_decode_is_scikit_image_s_hsv2rgb(space):
    hsv = COLORS  # any three numbers in [0, 1] are a color
    chroma = polar(hsv[..., 0], hsv[..., 1]) if space is PolarChroma else hsv[..., :2]
    rgb = decode(hsv[..., 2:], chroma, space=space)
    np.testing.assert_allclose(rgb, hsv2rgb(hsv), atol=1e-5)


def test_lab_chroma_is_scikit_image_s():
    rgb = np.concatenate([COLORS.reshape(-1, 3), AWKWARD])
    _, chroma = encode(rgb, space=Lab)
    np.testing.assert_allclose(134.0 * chroma, rgb2lab(rgb)[..., 1:], atol=0.01)
    blue = encode(np.array([[0.0, 0.0, 1.0]], np.float32), space=Lab)[1]
    assert 0.99 < np.linalg.norm(blue) < 1.0  # the farthest point of the disk


@pytest.mark.parametrize("keep", ["value", "luma"])
def test_lab_s_colors_outside_srgb_are_clipped_and_the_light_is_kept(keep):
    gray = np.linspace(0, 1, 37, dtype=np.float32)[:, None, None] * np.ones((1, 33, 1), np.float32)
    rgb = decode(gray, every_chroma(), keep=keep, space=Lab)
    assert 0 <= rgb.min() <= rgb.max() <= 1
    light = luma(rgb) if keep == "luma" else value(rgb)
    np.testing.assert_allclose(light, gray, atol=1e-5)


def test_luma_and_value_are_their_formulas():
    red, green, blue = np.moveaxis(COLORS, -1, 0)
    np.testing.assert_allclose(
        luma(COLORS)[..., 0], 0.299 * red + 0.587 * green + 0.114 * blue, atol=1e-6
    )
    np.testing.assert_array_equal(value(COLORS), COLORS.max(axis=-1, keepdims=True))
    np.testing.assert_array_equal(encode(COLORS, keep="luma")[0], luma(COLORS))
    np.testing.assert_array_equal(encode(COLORS, keep="value")[0], value(COLORS))


def test_chroma_does_not_depend_on_the_gray_that_is_kept():
    np.testing.assert_array_equal(encode(COLORS, keep="luma")[1], encode(COLORS)[1])


@pytest.mark.parametrize("keep", ["value", "luma"])
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_the_light_is_kept_under_any_chroma(keep, space):
    gray = np.linspace(0, 1, 256, dtype=np.float32)[:, None, None, None]
    chroma = every_chroma()[None]
    rgb = decode(gray, chroma, keep=keep, space=space)
    assert rgb.shape == (256, 37, 33, 3)
    light = rgb @ np.array([0.299, 0.587, 0.114]) if keep == "luma" else rgb.max(axis=-1)
    np.testing.assert_allclose(light, np.broadcast_to(gray[..., 0], light.shape), atol=1e-5)
    assert rgb.min() >= -1e-6 and rgb.max() <= 1 + 1e-6


def test_keeping_luma_keeps_the_hue_and_lowers_saturation_only_where_it_must():
    hue, saturation, light = np.moveaxis(COLORS.astype(float), -1, 0)
    rgb = decode(light[..., None].astype("float32"), polar(hue, saturation), keep="luma")
    found = rgb2hsv(rgb)
    apart = np.abs(found[..., 0] - hue)
    assert np.minimum(apart, 1 - apart)[(saturation > 0.05) & (light < 0.95)].max() < 1e-3
    # The brightest color of that hue and saturation is enough for the light: nothing was lowered.
    brightest = hsv2rgb(np.stack([hue, saturation, np.ones_like(hue)], -1))
    enough = brightest @ np.array([0.299, 0.587, 0.114]) > light + 1e-4
    np.testing.assert_allclose(found[..., 1][enough], saturation[enough], atol=1e-4)
    np.testing.assert_allclose(found[..., 2][~enough & (light < 1)], 1, atol=1e-3)


def test_the_result_is_float32_whatever_happens_inside():
    for keep in ("value", "luma"):
        gray, chroma = encode(COLORS, keep=keep)
        rgb = decode(gray, chroma, keep=keep)
        assert (gray.dtype, chroma.dtype, rgb.dtype) == (np.float32,) * 3


@pytest.mark.parametrize("shape", [(3,), (7, 3), (5, 4, 3), (2, 5, 4, 3), (2, 1, 5, 4, 3)])
def test_any_leading_shape_gives_the_same_numbers(shape):
    pixels = COLORS.reshape(-1, 3)[: np.prod(shape[:-1], dtype=int)]
    gray, chroma = encode(pixels.reshape(shape))
    flat_gray, flat_chroma = encode(pixels)
    assert gray.shape == (*shape[:-1], 1) and chroma.shape == (*shape[:-1], 2)
    np.testing.assert_array_equal(gray.reshape(-1, 1), flat_gray)
    np.testing.assert_array_equal(chroma.reshape(-1, 2), flat_chroma)
    assert decode(gray, chroma).shape == shape


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
@pytest.mark.parametrize("keep", ["value", "luma"])
@pytest.mark.parametrize("jit_compile", [None, True], ids=["eager", "xla"])
def test_tensors_give_what_arrays_give(space, keep, jit_compile):
    def there_and_back(rgb):
        gray, chroma = encode(rgb, keep=keep, space=space)
        return gray, chroma, decode(gray, chroma, keep=keep, space=space)

    rgb = np.concatenate([COLORS.reshape(-1, 3), AWKWARD])
    gray, chroma, back = there_and_back(rgb)
    run = tf.function(there_and_back, jit_compile=True) if jit_compile else there_and_back
    tensors = run(tf.constant(rgb))
    assert all(tf.is_tensor(tensor) and tensor.dtype == tf.float32 for tensor in tensors)
    for tensor, array in zip(tensors, (gray, chroma, back), strict=True):
        np.testing.assert_allclose(tensor, array, atol=2e-5)


def chroma_gradient(rgb, space, weights):
    x = tf.constant(rgb)
    with tf.GradientTape() as tape:
        tape.watch(x)
        gray, chroma = encode(x, keep="luma", space=space)
        total = tf.reduce_sum(tf.concat([gray, chroma], -1) * weights)
    return tape.gradient(total, x).numpy()


def rgb_gradients(gray, chroma, keep, space, weights):
    gray, chroma = tf.constant(gray), tf.constant(chroma)
    with tf.GradientTape() as tape:
        tape.watch([gray, chroma])
        total = tf.reduce_sum(decode(gray, chroma, keep=keep, space=space) * weights)
    return [gradient.numpy() for gradient in tape.gradient(total, [gray, chroma])]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_gradients_are_finite_at_black_white_gray_and_the_red_seam(space):
    weights = np.array([1.0, 2.0, 3.0], np.float32)
    assert np.isfinite(chroma_gradient(AWKWARD, space, weights)).all()
    for keep in ("value", "luma"):
        gray, chroma = encode(AWKWARD, keep=keep, space=space)
        for gradient in rgb_gradients(gray, chroma, keep, space, weights):
            assert np.isfinite(gradient).all()


def numeric_gradient(function, x):
    """Central differences in float64, of a function of one point."""
    steps = np.eye(x.size) * 1e-6
    return np.array([(function(x + step) - function(x - step)) / 2e-6 for step in steps])


def test_gradients_of_encode_agree_with_finite_differences_of_colorsys():
    weights = np.array([1.0, 2.0, 3.0])

    def total(rgb):
        h, s, _ = colorsys.rgb_to_hsv(*rgb)
        x, y = s * np.cos(2 * np.pi * h), s * np.sin(2 * np.pi * h)
        return weights @ [np.dot(rgb, [0.299, 0.587, 0.114]), x, y]

    points = np.array([[0.8, 0.3, 0.1], [0.2, 0.7, 0.4], [0.3, 0.4, 0.9], [0.9, 0.1, 0.15]])
    found = chroma_gradient(points.astype("float32"), PolarChroma, weights.astype("float32"))
    expected = [numeric_gradient(total, point) for point in points]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("keep", ["value", "luma"])
def test_gradients_of_decode_agree_with_finite_differences_of_colorsys(keep):
    weights = np.array([1.0, 2.0, 4.0])

    def total(point):
        light, x, y = point
        h, s = np.arctan2(y, x) / (2 * np.pi) % 1, np.hypot(x, y)
        rgb = np.array(colorsys.hsv_to_rgb(h, s, 1.0))
        return weights @ rgb * (light / (rgb @ [0.299, 0.587, 0.114] if keep == "luma" else 1))

    points = np.array([[0.2, 0.5, 0.1], [0.15, -0.4, 0.3], [0.05, 0.2, -0.6], [0.3, -0.1, -0.2]])
    gray, chroma = points[:, :1].astype("float32"), points[:, 1:].astype("float32")
    found = rgb_gradients(gray, chroma, keep, PolarChroma, weights.astype("float32"))
    expected = [numeric_gradient(total, point) for point in points]
    np.testing.assert_allclose(np.concatenate(found, -1), expected, rtol=1e-3, atol=1e-3)


def test_no_strength_is_gray_and_full_strength_changes_nothing():
    gray, chroma = encode(COLORS)
    np.testing.assert_array_equal(adjust(chroma, strength=0), np.zeros_like(chroma))
    np.testing.assert_allclose(adjust(chroma), chroma, atol=1e-5)
    np.testing.assert_array_equal(
        decode(gray, adjust(chroma, strength=0)), np.repeat(gray, 3, axis=-1)
    )


def test_strength_multiplies_saturation_up_to_1():
    chroma = polar([0.1, 0.6, 0.9], [0.2, 0.4, 0.8])
    expected = polar([0.1, 0.6, 0.9], [0.4, 0.8, 1.0])
    np.testing.assert_allclose(adjust(chroma, strength=2), expected, atol=1e-5)


def test_hue_shift_turns_red_to_green_and_360_degrees_change_nothing():
    _, chroma = encode(np.array([[1, 0, 0], [0.5, 0.5, 0.5]], np.float32))
    light = np.array([[1], [0.5]], np.float32)
    turned = decode(light, adjust(chroma, hue_shift=120))
    np.testing.assert_allclose(turned, [[0, 1, 0], [0.5, 0.5, 0.5]], atol=1e-5)
    turned = decode(light, adjust(chroma, hue_shift=-120))
    np.testing.assert_allclose(turned, [[0, 0, 1], [0.5, 0.5, 0.5]], atol=1e-5)
    _, chroma = encode(COLORS)
    np.testing.assert_allclose(adjust(chroma, hue_shift=360), chroma, atol=1e-5)


def test_saturation_is_a_gamma_that_leaves_gray_and_pure_colors():
    chroma = polar([0.3] * 3, [0.0, 0.25, 1.0])
    lifted = adjust(chroma, saturation=2)
    np.testing.assert_allclose(lifted, polar([0.3] * 3, [0.0, 0.5, 1.0]), atol=1e-5)
    lowered = adjust(chroma, saturation=0.5)
    np.testing.assert_allclose(lowered, polar([0.3] * 3, [0.0, 0.0625, 1.0]), atol=1e-5)


def test_warmth_tints_gray_orange_or_blue_and_stays_in_the_disk():
    gray, chroma = encode(np.full((1, 3), 0.8, np.float32))
    for warmth, hue in ((1.0, 30 / 360), (-0.5, 210 / 360), (-1.0, 210 / 360)):
        tinted = decode(gray, adjust(chroma, warmth=warmth))
        expected = colorsys.hsv_to_rgb(hue, 0.25 * abs(warmth), 0.8)
        np.testing.assert_allclose(tinted, [expected], atol=1e-5)
    strong = polar([30 / 360, 210 / 360], [0.9, 0.9])
    expected = polar([30 / 360, 210 / 360], [1.0, 0.65])
    np.testing.assert_allclose(adjust(strong, warmth=1), expected, atol=1e-5)
    # The saturation is limited before the warmth is added, as the order says.
    expected = polar([30 / 360, 210 / 360], [1.0, 0.75])
    np.testing.assert_allclose(adjust(strong, strength=2, warmth=1), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("knob", "message"),
    [
        ({"strength": -0.1}, "strength is -0.1; expected 0"),
        ({"strength": float("nan")}, "strength is nan; expected 0"),
        ({"saturation": 0}, "saturation is 0; expected above 0"),
        ({"saturation": -1}, "saturation is -1; expected above 0"),
        ({"warmth": 1.1}, "warmth is 1.1; expected -1"),
        ({"warmth": -1.1}, "warmth is -1.1; expected -1"),
    ],
)
def test_a_knob_out_of_range_is_named(knob, message):
    with pytest.raises(ColorlabError, match=message):
        adjust(np.zeros((2, 2, 2), np.float32), **knob)


@pytest.mark.parametrize("kind", [np.asarray, tf.constant])
def test_bytes_are_refused_and_not_taken_for_colors(kind):
    with pytest.raises(ColorlabError, match=r"rgb is .*uint8.*; expected float32"):
        encode(kind(np.zeros((2, 2, 3), np.uint8)))


def test_wrong_arguments_are_named():
    gray, chroma = encode(COLORS)
    with pytest.raises(ColorlabError, match="keep is 'brightness'"):
        encode(COLORS, keep="brightness")
    with pytest.raises(ColorlabError, match="keep is 'brightness'"):
        decode(gray, chroma, keep="brightness")
    with pytest.raises(ColorlabError, match=r"rgb has shape \(40, 50, 1\); .* 3 long"):
        encode(gray)
    with pytest.raises(ColorlabError, match=r"gray has shape \(40, 50, 3\); .* 1 long"):
        decode(COLORS, chroma)
    with pytest.raises(ColorlabError, match=r"chroma has shape \(40, 50, 3\); .* 2 long"):
        decode(gray, COLORS)
