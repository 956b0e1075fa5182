"""One training step: what is learned, when, from what; and that it can be stopped and continued."""

import keras
import numpy as np
import pytest
import tensorflow as tf
import tiny
from keras import layers

from colorlab.color.encoding import encode, value
from colorlab.data.toyworld import scenes
from colorlab.errors import ColorlabError
from colorlab.model import objectives
from colorlab.model.histogram import CENTERS, SPREAD, TEMPERATURE, annealed_mean
from colorlab.training.gan import ColorGAN

SIZE = 32
PHOTOS = scenes(12, size=SIZE, seed=0).reshape(6, 2, SIZE, SIZE, 3)  # six batches of two
# Photos without color have one gray, whichever of the random mixes of value and luma is drawn.
GRAY_PHOTOS = np.repeat(PHOTOS.max(axis=-1, keepdims=True), 3, axis=-1)
SGD = keras.optimizers.SGD


@keras.saving.register_keras_serializable("test_gan")
class Canvas(layers.Layer):
    """Paints its one weight over every photo: its gradient is that of what was painted."""

    def build(self, shape):
        self.paint = self.add_weight(shape=(1, *shape[1:3], 2), initializer="zeros")

    def call(self, gray):
        return self.paint + 0 * gray


def canvas(paint):
    gray = keras.Input((*paint.shape[:2], 1))
    model = keras.Model(gray, Canvas()(gray))
    model.set_weights([paint[None]])
    return model


def linear_critic(kernel):
    """Its score at a pixel is kernel · chroma there."""
    gray, chroma = keras.Input((None, None, 1)), keras.Input((None, None, 2))
    both = layers.Concatenate()([chroma, gray])
    model = keras.Model([gray, chroma], layers.Conv2D(1, 1, use_bias=False)(both))
    model.set_weights([np.reshape([*kernel, 0.0], (1, 1, 3, 1))])
    return model


def tiny_gan(**options):
    keras.utils.set_random_seed(0)
    return ColorGAN(tiny.generator(), tiny.critic(), **options)


class NewPrints(ColorGAN):
    def age(self, gray, **draws):
        return gray


def tiny_gan_of_new_prints():
    keras.utils.set_random_seed(0)
    return NewPrints(tiny.generator(), tiny.critic())


def fit(gan, batches, epochs=1):
    """Train on (number of batches, N, H, W, 3); return the last epoch's reports."""
    data = tf.data.Dataset.from_tensor_slices(batches)
    history = gan.fit(data, epochs=epochs, verbose=0, shuffle=False).history
    return {name: values[-1] for name, values in history.items()}


def changed(before, model):
    return any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def chroma_of(photos):
    """Scikit-image is what encode itself is checked against, in test_encoding.py."""
    return encode(photos.astype("float32") / 255)[1]


def test_content_alone_is_learned_and_the_critic_left_untouched():
    gan = tiny_gan()
    critic = gan.critic.get_weights()
    gan.compile(generator_optimizer=keras.optimizers.Adam(1e-2))
    first = fit(gan, PHOTOS)
    last = fit(gan, PHOTOS, epochs=10)
    assert last["content_loss"] < 0.9 * first["content_loss"]
    assert first["generator_loss"] == first["critic_loss"] == first["critic_gradient"] == 0
    assert not changed(critic, gan.critic)


@pytest.mark.parametrize("name", objectives.OBJECTIVES)
def test_every_objective_trains_both_networks_with_finite_numbers(name):
    gan = tiny_gan()
    before = gan.generator.get_weights(), gan.critic.get_weights()
    gan.compile(name)
    reports = fit(gan, PHOTOS)
    assert set(reports) == {"content_loss", "generator_loss", "critic_loss", "critic_gradient"}
    assert np.isfinite(list(reports.values())).all()
    assert reports["critic_gradient"] > 0
    assert changed(before[0], gan.generator) and changed(before[1], gan.critic)
    assert all(np.isfinite(weight).all() for weight in gan.get_weights())
    clipped = max(np.abs(weight).max() for weight in gan.critic.get_weights()) <= 0.01
    assert clipped == (name == "wasserstein")


def test_xla_trains_to_the_same_weights():
    weights = []
    for jit_compile in (False, True):
        gan = tiny_gan_of_new_prints()  # XLA would draw other numbers for old ones
        gan.compile("hinge", jit_compile=jit_compile, generator_optimizer=SGD(0.1))
        fit(gan, GRAY_PHOTOS[:3])
        weights.append(gan.generator.get_weights())
    for plain, compiled in zip(*weights, strict=True):
        np.testing.assert_allclose(plain, compiled, atol=1e-4)


def test_the_critic_learns_every_batch_and_the_generator_every_fifth():
    gan = tiny_gan()
    gan.compile("wasserstein")
    generator_moved, critic_moved = [], []
    for number in range(11):
        generator, critic = gan.generator.get_weights(), gan.critic.get_weights()
        fit(gan, PHOTOS[[number % 6]])
        generator_moved.append(changed(generator, gan.generator))
        critic_moved.append(changed(critic, gan.critic))
    assert generator_moved == [n in (4, 9) for n in range(11)]
    assert all(critic_moved)


def test_a_fixed_generator_stays_and_its_critic_learns_as_beside_one_of_rate_zero():
    critics = []
    for trainable in (True, False):
        gan = tiny_gan()
        gan.generator.trainable = trainable
        colors = gan.generator.get_weights() + gan.averaged.get_weights()
        gan.compile("hinge", generator_optimizer=SGD(0.0))
        reports = fit(gan, PHOTOS)
        critics.append(gan.critic.get_weights())
    assert reports["critic_loss"] > 0
    for before, after in zip(
        colors, gan.generator.get_weights() + gan.averaged.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(before, after)
    for learning, fixed in zip(*critics, strict=True):
        np.testing.assert_allclose(learning, fixed, atol=1e-6)


def test_the_generator_s_gradient_is_content_plus_critic():
    paint = np.random.default_rng(0).uniform(-0.5, 0.5, (SIZE, SIZE, 2)).astype("float32")
    kernel = np.array([3.0, 4.0], np.float32)
    photo = PHOTOS[:1, :1]
    gan = ColorGAN(canvas(paint), linear_critic(kernel))
    gan.compile(
        "wasserstein_gradient_clip",
        generator_optimizer=SGD(1.0),
        critic_optimizer=SGD(0.0),
        content_weight=2.0,
        adversarial_weight=7.0,
    )
    gan.step.assign(4)  # the fifth batch is the generator's
    reports = fit(gan, photo)
    # By hand: content is mean(weight · √(|Δ|² + 1e-6)), the critic's loss −mean(kernel · chroma).
    chroma, pixels = chroma_of(photo[0, 0]), SIZE * SIZE
    difference = paint - chroma
    distance = np.sqrt((difference**2).sum(-1, keepdims=True) + 1e-6)
    weight = np.maximum(photo[0, 0].max(-1, keepdims=True) / 255, 0.1)
    weight = weight * (1 + 4 * np.linalg.norm(chroma, axis=-1, keepdims=True))
    content = weight * difference / distance / pixels
    expected = paint - 2 * content + 7 * kernel / pixels
    np.testing.assert_allclose(gan.generator.get_weights()[0][0], expected, atol=1e-5)
    np.testing.assert_allclose(reports["content_loss"], (weight * distance).mean(), rtol=1e-4)
    # ‖kernel‖ = 5 at each of SIZE² pixels, divided by their number.
    assert reports["critic_gradient"] == pytest.approx(5 / SIZE, rel=1e-4)
    assert reports["generator_loss"] == pytest.approx(-(paint @ kernel).mean(), rel=1e-4)


def test_a_distribution_is_learned_by_how_unlikely_the_truth_is():
    """The gradient is content's plus 0.05 times the cross entropy's, which is written down here."""
    gray = keras.Input((SIZE, SIZE, 1))
    # Only the bias has a say: the gray that the network sees is aged at random.
    gan = ColorGAN(keras.Model(gray, annealed_mean(0 * gray)), linear_critic(np.zeros(2)))
    gan.compile(generator_optimizer=SGD(1.0))
    photo = GRAY_PHOTOS[:1, :1]  # all its pixels have chroma 0, and the loss weighs them by value
    _, bias, centers = gan.generator.get_weights()
    fit(gan, photo)
    seen = np.maximum(photo[0, 0].max(-1) / 255, 0.1)
    shares = np.exp(-(CENTERS**2).sum(-1) / (2 * SPREAD**2))
    with tf.GradientTape() as tape:
        variable = tf.Variable(bias)
        chroma = tf.linalg.matvec(centers[0, 0], tf.nn.softmax(variable / TEMPERATURE), True)
        distance = tf.sqrt(tf.reduce_sum(chroma**2) + 1e-6)
        entropy = tf.nn.softmax_cross_entropy_with_logits(shares / shares.sum(), variable)
        loss = tf.reduce_mean(seen * (distance + 0.05 * entropy))
    expected = bias - tape.gradient(loss, variable)
    np.testing.assert_allclose(gan.generator.get_weights()[1], expected, atol=1e-6)


def test_matched_gradients_weigh_the_critic_by_the_content_s_norm():
    paint = np.zeros((SIZE, SIZE, 2), np.float32)
    kernel = np.array([300.0, 400.0], np.float32)  # its scale must not matter

    def update(adversarial_weight):
        gan = ColorGAN(canvas(paint), linear_critic(kernel))
        gan.compile(
            "hinge",
            generator_optimizer=SGD(1.0),
            critic_optimizer=SGD(0.0),
            adversarial_weight=adversarial_weight,
            match_gradients=True,
        )
        fit(gan, PHOTOS[:1])
        return gan.generator.get_weights()[0][0]

    content = update(0.0)
    # Two photos share the one canvas: the canvas's gradient is the sum of both photos' own.
    adversarial = update(0.5) - content
    direction = kernel / np.linalg.norm(kernel)
    np.testing.assert_allclose(adversarial[..., 0] / adversarial[..., 1], 0.75, rtol=1e-3)
    per_photo = np.stack([-each for each in content_gradients(PHOTOS[0], paint)])
    expected = 0.5 * np.linalg.norm(per_photo) * np.sqrt(2) / SIZE * direction
    np.testing.assert_allclose(adversarial, np.broadcast_to(expected, paint.shape), rtol=1e-3)


def content_gradients(photos, paint):
    """Of each photo's predicted chroma, for the mean over all of them."""
    chroma = tf.constant(chroma_of(photos))
    predicted = tf.repeat(paint[None], len(photos), axis=0)
    with tf.GradientTape() as tape:
        tape.watch(predicted)
        light = value(photos.astype("float32") / 255)
        loss = objectives.content_loss(light, chroma, predicted)
    return tape.gradient(loss, predicted).numpy()


def test_the_critic_s_gradient_is_each_photo_s_own_norm():
    gan = tiny_gan_of_new_prints()
    gan.compile("least_squares", critic_optimizer=SGD(0.0))
    gray = GRAY_PHOTOS[0, ..., :1].astype("float32") / 255
    light = tf.constant(gray.reshape(2, SIZE // 2, 2, SIZE // 2, 2, 1).mean((2, 4)))
    norms = []
    for photo in range(2):
        chroma = tf.constant(gan.generator(gray[photo : photo + 1]))
        with tf.GradientTape() as tape:
            tape.watch(chroma)
            scores = gan.critic([light[photo : photo + 1], chroma])
            loss = 0.5 * tf.reduce_mean((scores - 1) ** 2)
        norms.append(np.linalg.norm(tape.gradient(loss, chroma)))
    reports = fit(gan, GRAY_PHOTOS[:1])
    assert reports["critic_gradient"] == pytest.approx(np.mean(norms), rel=1e-3)


@pytest.mark.parametrize(("name", "limit"), [("wasserstein_gradient_clip", 0.01), ("hinge", None)])
def test_the_original_clips_the_critic_s_gradients(name, limit):
    gan = tiny_gan()
    gan.compile(name, critic_optimizer=SGD(1.0))
    before = gan.critic.get_weights()
    fit(gan, PHOTOS[:1])
    steps = [a - b for a, b in zip(gan.critic.get_weights(), before, strict=True)]
    largest = max(np.abs(step).max() for step in steps)
    assert largest == pytest.approx(0.01, rel=1e-3) if limit else largest > 0.02


def test_the_gradient_penalty_of_a_linear_critic_is_the_closed_form():
    paint = np.full((SIZE, SIZE, 2), [0.2, -0.1], np.float32)
    kernel = np.array([30.0, -40.0])
    photo = PHOTOS[:1, :1]
    gan = ColorGAN(canvas(paint), linear_critic(kernel))
    gan.compile("wasserstein_gp", critic_optimizer=SGD(0.01))
    reports = fit(gan, photo)
    # The mean score's gradient is kernel/SIZE² at each of SIZE² pixels: its norm is ‖kernel‖/SIZE.
    norm = np.linalg.norm(kernel) / SIZE
    wasserstein = (paint - chroma_of(photo[0, 0])).mean((0, 1))
    penalty = 10 * 2 * (norm - 1) * kernel / np.linalg.norm(kernel) / SIZE
    expected = kernel - 0.01 * (wasserstein + penalty)
    np.testing.assert_allclose(gan.critic.get_weights()[0].ravel()[:2], expected, rtol=1e-5)
    assert reports["critic_loss"] == pytest.approx(wasserstein @ kernel, rel=1e-3)


def test_the_average_follows_the_generator_with_the_momentum_written():
    gan = tiny_gan(ema=0.15)
    gan.compile()
    average = gan.generator.get_weights()
    for momentum in (1 / 10, 0.15, 0.15):  # (1 + step) / (10 + step), until ema is smaller
        fit(gan, PHOTOS[:1])
        average = [
            momentum * old + (1 - momentum) * new
            for old, new in zip(average, gan.generator.get_weights(), strict=True)
        ]
    for expected, found in zip(average, gan.averaged.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    gray = PHOTOS[0, ..., :1].astype("float32") / 255
    np.testing.assert_array_equal(gan(gray), gan.averaged(gray))
    assert np.abs(np.asarray(gan(gray) - gan.generator(gray))).max() > 0


def test_the_average_is_what_a_loaded_model_colors_with(tmp_path):
    gan = tiny_gan()
    gan.compile()
    fit(gan, PHOTOS[:2])
    gan.save(tmp_path / "gan.keras")
    gray = PHOTOS[0, ..., :1].astype("float32") / 255
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded(gray), gan(gray))


def test_an_unknown_objective_is_refused():
    with pytest.raises(ColorlabError, match="No objective 'gan'"):
        tiny_gan().compile("gan")
