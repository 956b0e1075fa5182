"""One training step: a generator that colors, and a critic that teaches it.

gan = ColorGAN(generator, critic)
gan.compile()                     # content stage: regression alone
gan.fit(photos)                   # batches of uint8 RGB, (N, H, W, 3)
gan.compile("hinge")              # adversarial stage: the critic joins
gan.fit(photos)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Self

from colorlab.backend import keras, ops, tf
from colorlab.color import spaces
from colorlab.color.encoding import ColorSpace
from colorlab.data.augment import aged, training_pair
from colorlab.errors import ColorlabError
from colorlab.model import objectives
from colorlab.model.objectives import Objective
from colorlab.training import replicas

Tensor = Any
METRICS = ("content_loss", "generator_loss", "critic_loss", "critic_gradient")


@keras.saving.register_keras_serializable("colorlab")
class ColorGAN(keras.Model):
    """A generator, its running average, and a critic, trained by `fit` on plain RGB photos.

    The photos are encoded inside the step, so that the pipeline carries only bytes. Calling the
    model, gray (N, H, W, 1) → chroma, uses the running average, which is the generator to keep.

    To train with another content loss, or to imitate old prints differently, override
    `content_loss` or `age`.

    `fit` reports means over an epoch: `content_loss`; the objective's `generator_loss` and
    `critic_loss`; and `critic_gradient`, the L2 norm of the gradient that reaches one photo's
    predicted chroma through the critic. If `generator.trainable` is False when the model is
    compiled, only the critic learns, and only `critic_loss` is measured.

    If it is made in the scope of a `tf.distribute.MirroredStrategy`, it trains on several devices
    and reaches the same weights as on one. Make the optimizers for `compile` in that scope too.
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        *,
        ema: float = 0.998,
        seed: int = 0,
        averaged: keras.Model | None = None,
        space: str | ColorSpace = "polar",
    ) -> None:
        """Combine two built networks.

        Args:
            generator: gray (N, H, W, 1) → chroma (N, H/f, W/f, 2) in [-1, 1], any factor f.
            critic: [gray, chroma], both of the chroma's size → scores.
            ema: momentum of the generator's running average, in [0, 1).
            seed: seed for the random draws of a step, such as the mix of grays.
            averaged: the running average to continue from; by default a copy of the generator.
            space: the color space that the generator predicts, as a name in `spaces.SPACES` or an
                object of your own.

        Raises:
            ColorlabError: if a network has a dtype policy other than float32 and mixed_bfloat16.
                (mixed_float16 would need a scaled loss, which is not implemented.)
        """
        super().__init__(name="color_gan", dtype="float32")
        for network in (generator, critic):
            policy = network.dtype_policy.name
            if policy not in ("float32", "mixed_bfloat16"):
                raise ColorlabError(
                    f"{network.name} computes by {policy}; expected float32 or mixed_bfloat16: "
                    'call keras.config.set_dtype_policy("float32") before you build it.'
                )
        self.generator = generator
        self.critic = critic
        self.ema = ema
        self.seed = seed
        self.space: Any = spaces.get(space)
        if averaged is None:
            averaged = keras.models.clone_model(generator)
            averaged.set_weights(generator.get_weights())
        averaged.trainable = False
        self.averaged = averaged
        self.random = keras.random.SeedGenerator(seed)
        self.step = self.add_weight(
            shape=(), initializer="zeros", dtype="int64", trainable=False, name="step"
        )
        self.means = {name: keras.metrics.Mean(name) for name in METRICS}
        self.built = True

    def compile(
        self,
        objective: str | Objective | None = None,
        *,
        generator_optimizer: keras.optimizers.Optimizer | None = None,
        critic_optimizer: keras.optimizers.Optimizer | None = None,
        content_weight: float = 1.0,
        adversarial_weight: float = 1.0,
        match_gradients: bool = False,
        jit_compile: bool = False,
    ) -> None:
        """Choose what the next `fit` does. Optimizers start anew; weights and average are kept.

        Args:
            objective: a name in `objectives.OBJECTIVES`, an objective of your own, or None for the
                content loss alone.
            generator_optimizer: by default the objective's own, or Adam(1e-3) for the content loss
                alone.
            critic_optimizer: by default the objective's own.
            content_weight: weight of the content loss.
            adversarial_weight: weight of the generator's adversarial loss.
            match_gradients: before it is weighted, scale the adversarial gradient at the
                generator's output to the norm of the content gradient, because objectives differ
                in scale by orders of magnitude (after Esser et al. 2021, arXiv 2012.09841,
                equation 7, who match at the last layer).
            jit_compile: compile the step with XLA, on one device only. On a CPU, the steps of all
                presets are faster without XLA.

        Raises:
            ColorlabError: if there is no such objective, or nothing to learn.
        """
        if objective is None and not self.generator.trainable_variables:
            raise ColorlabError(
                "The generator is not trainable, so it cannot learn the content loss; set "
                "generator.trainable = True, or compile with an objective to train the critic."
            )
        super().compile(optimizer=None, loss=None, jit_compile=jit_compile)
        self.objective: Any = None if objective is None else objectives.get(objective)
        make_optimizer = self.objective.optimizer if self.objective else keras.optimizers.Adam
        with self.distribute_strategy.scope():
            self.generator_optimizer = generator_optimizer or make_optimizer()
            self.generator_optimizer.build(self.generator.trainable_variables)
            self.critic_optimizer = critic_optimizer or make_optimizer()
            self.critic_optimizer.build(self.critic.trainable_variables)
        if self.distribute_strategy.num_replicas_in_sync > 1:
            for layer in [*self.generator.layers, *self.critic.layers]:
                if isinstance(layer, keras.layers.BatchNormalization):
                    layer.synchronized = True  # statistics of the whole batch
        self.content_weight = content_weight
        self.adversarial_weight = adversarial_weight
        self.match_gradients = match_gradients
        self._forward = _with_logits(self.generator)

    def call(self, gray: Tensor) -> Tensor:
        """gray (N, H, W, 1) float32 in [0, 1] → chroma, by the averaged generator."""
        return self.averaged(gray, training=False)

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """Train on a batch of photos, uint8 (N, H, W, 3): first the critic, then the generator.

        The generator is run once. The gradients of its two losses are added up at its output, and
        go back through it together.
        """
        gray, condition, value, chroma = self.encode(data)
        with tf.GradientTape() as generator_tape:
            predicted, *logits = self._forward(gray)  # logits: none or one

        if self.objective:
            self._critic_learns(condition, chroma, predicted)

        # The gradient at the generator's output is that of the content loss ...
        outputs = [predicted, *logits]
        with tf.GradientTape() as content_tape:
            content_tape.watch(outputs)
            content = loss = self.content_loss(value, chroma, predicted)
            for each in logits:
                entropy = objectives.distribution_loss(value, chroma, each, self.space)
                loss += objectives.DISTRIBUTION_WEIGHT * entropy
        self.means["content_loss"].update_state(content)
        gradients = content_tape.gradient(loss, outputs)
        gradient, *others = (self.content_weight * replicas.share(each) for each in gradients)

        # ... plus that of the adversarial loss, which passes through the critic and leaves it as
        # it is.
        if self.objective:
            with tf.GradientTape() as adversarial_tape:
                adversarial_tape.watch(predicted)
                loss = self.objective.generator_loss(
                    self.critic([condition, predicted], training=True)
                )
            adversarial = replicas.share(adversarial_tape.gradient(loss, predicted))
            factor = self.adversarial_weight
            if self.match_gradients:
                factor *= _global_norm(gradient) / _global_norm(adversarial)
            gradient += factor * adversarial
            self.means["generator_loss"].update_state(loss)
            # The loss is a mean over the batch. Times the batch size, this is one photo's gradient.
            batch_size = ops.cast(ops.shape(adversarial)[0] * replicas.count(), "float32")
            self.means["critic_gradient"].update_state(
                batch_size * objectives.per_photo_norm(adversarial)
            )

        variables = self.generator.trainable_variables
        gradients = generator_tape.gradient(
            outputs, variables, output_gradients=[gradient, *others]
        )
        self.generator_optimizer.apply(gradients, variables)
        step = ops.cast(self.step, "float32")
        # A small momentum in the first steps lets the average forget its first weights quickly.
        momentum = ops.minimum(self.ema, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign_add((1.0 - momentum) * (weight - average))
        return self._end_step()

    def critic_step(self, data: Any) -> dict[str, Tensor]:
        """Train only the critic: the steps between two of the generator's are of this kind."""
        gray, condition, _, chroma = self.encode(data)
        self._critic_learns(condition, chroma, self.generator(gray, training=True))
        return self._end_step()

    def _critic_learns(self, condition: Tensor, chroma: Tensor, predicted: Tensor) -> None:
        """Train the critic on the gray with the true chroma and with the generator's chroma."""
        restraint, variables = self.objective.restraint, self.critic.trainable_variables

        def slope(x: Tensor) -> Tensor:  # of each photo's mean score, for the gradient penalty
            with tf.GradientTape() as inner_tape:
                inner_tape.watch(x)
                scores = ops.mean(self.critic([condition, x], training=True), axis=(1, 2, 3))
            return inner_tape.gradient(scores, x)

        def draw() -> Tensor:
            return replicas.uniform((ops.shape(chroma)[0], 1, 1, 1), seed=self.random)

        with tf.GradientTape() as tape:
            real = self.critic([condition, chroma], training=True)
            fake = self.critic([condition, predicted], training=True)
            loss = self.objective.critic_loss(real, fake)
            penalized = replicas.share(loss + restraint.penalty(slope, chroma, predicted, draw))
        self.means["critic_loss"].update_state(loss)
        gradients = restraint.gradients(replicas.total(tape.gradient(penalized, variables)))
        # Shared once more, because the optimizer sums over the replicas too.
        self.critic_optimizer.apply([replicas.share(each) for each in gradients], variables)
        restraint.after_step(variables)

    def content_loss(self, value: Tensor, chroma: Tensor, predicted: Tensor) -> Tensor:
        """`objectives.content_loss` in the generator's color space."""
        return objectives.content_loss(value, chroma, predicted, self.space)

    def age(self, gray: Tensor, **draws: Any) -> Tensor:
        """Make some of the grays look like old prints, as `augment.aged` does."""
        return aged(gray, **draws)

    def encode(self, data: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The generator's gray, and at the chroma's size: unaged gray, value and true chroma."""
        rgb, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        factor = rgb.shape[1] // self.generator.compute_output_shape((*rgb.shape[:-1], 1))[1]
        draws = {"uniform": replicas.uniform, "normal": replicas.normal}
        return training_pair(rgb, factor, seed=self.random, space=self.space, age=self.age, **draws)

    def _end_step(self) -> dict[str, Tensor]:
        """Count the step and return the means of the metrics."""
        self.step.assign_add(1)
        return {name: mean.result() for name, mean in self.means.items()}

    def make_train_function(self, force: bool = False) -> None:
        """Make the function that `fit` calls with an iterator of batches, for all devices.

        With k critic steps for each generator step, the generator learns only on every k-th batch,
        so that the critic sees fresh photos each time, as in WGAN's algorithm 1. With several
        devices, TensorFlow allows no update inside a condition, so each kind of step has a graph.
        """
        if getattr(self, "train_function", None) and not force:
            return
        both, critic = self._on_devices(self.train_step), self._on_devices(self.critic_step)
        period = self.objective.critic_steps if self.objective else 1

        def train_function(iterator: Any) -> Any:
            learns = self.generator.trainable_variables and (self.step.numpy() + 1) % period == 0
            return (both if learns else critic)(next(iterator))

        self.train_function: Any = train_function

    def _on_devices(self, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        strategy = self.distribute_strategy
        xla = self.jit_compile and strategy.num_replicas_in_sync == 1

        def on_devices(batch: Any) -> dict[str, Tensor]:
            logs = strategy.run(step, (batch,))
            return {name: strategy.reduce("MEAN", log, axis=None) for name, log in logs.items()}

        graph: Callable[[Any], Any] = tf.function(on_devices, jit_compile=xla, autograph=False)
        return graph

    def save_own_variables(self, store: Any) -> None:
        """Save the step and the states of the random generators, which Keras would leave out."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Load what `save_own_variables` saved."""
        own = self._own_variables()
        for i in store.keys():  # noqa: SIM118, Keras's store is not a dict
            own[int(i)].assign(store[i])

    def _own_variables(self) -> list[Any]:
        states = [each for each in self.variables if each.name == "seed_generator_state"]
        return [self.step, *states]

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to rebuild the model; the weights are loaded afterward."""
        networks = {"generator": self.generator, "critic": self.critic, "averaged": self.averaged}
        saved = {k: keras.saving.serialize_keras_object(v) for k, v in networks.items()}
        return saved | {"ema": self.ema, "seed": self.seed, "space": self.space.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild the model that `get_config` described.

        A color space that is not colorlab's is looked up by its name among Keras's custom objects
        (`keras.saving.custom_object_scope`).
        """
        networks = ("generator", "critic", "averaged")
        built = {k: keras.saving.deserialize_keras_object(config[k]) for k in networks}
        name = config.get("space", "polar")  # version 0.1.0 had no other
        space = keras.saving.get_registered_object(name) or name
        return cls(**(config | built | {"space": space}))

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile_from_config` needs to continue training where it stopped."""
        serialize = keras.optimizers.serialize
        return {
            "objective": self.objective.name if self.objective else None,
            "generator_optimizer": serialize(self.generator_optimizer),
            "critic_optimizer": serialize(self.critic_optimizer),
            "content_weight": self.content_weight,
            "adversarial_weight": self.adversarial_weight,
            "match_gradients": self.match_gradients,
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` described; the optimizers' state is loaded afterward.

        An objective that is not colorlab's is looked up by its name among Keras's custom objects
        (`keras.saving.custom_object_scope`).
        """
        name = config["objective"]
        own = keras.saving.get_registered_object(name) if name else None
        optimizers = ("generator_optimizer", "critic_optimizer")
        built = {k: keras.optimizers.deserialize(config[k]) for k in optimizers}
        self.compile(**(config | built | {"objective": own or name}))


def _with_logits(generator: keras.Model) -> Callable[[Tensor], list[Tensor]]:
    """gray → [chroma], with the logits of `histogram.annealed_mean` if there are any."""
    if not any(layer.name == "logits" for layer in generator.layers):
        return lambda gray: [generator(gray, training=True)]
    outputs = [generator.output, generator.get_layer("logits").output]
    return partial(keras.Model(generator.input, outputs), training=True)


def _global_norm(x: Tensor) -> Tensor:
    """The L2 norm over the whole batch, on all replicas."""
    return ops.sqrt(replicas.total(ops.sum(ops.square(x))) + 1e-12)
