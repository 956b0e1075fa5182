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

from colorlab import objectives, replicas
from colorlab.augmentation import training_pair
from colorlab.backend import keras, ops, tf
from colorlab.errors import ColorlabError
from colorlab.fused import Adam

Tensor = Any
METRICS = ("content_loss", "generator_loss", "critic_loss", "critic_gradient")


@keras.saving.register_keras_serializable("colorlab")
class ColorGAN(keras.Model):
    """A generator, its running average, and a critic, trained by `fit` on plain RGB photos.

    The photos are encoded inside the step, so that the pipeline carries nothing but bytes. Calling
    the model, gray (N, H, W, 1) → chroma, uses the average, which is the one to keep.

    `fit` reports the mean over an epoch of: `content_loss`; `generator_loss` and `critic_loss`, of
    the objective; and `critic_gradient`, the L2 norm of the gradient that reaches one photo's
    predicted chroma through the critic. If `generator.trainable` is False when it is compiled, only
    the critic learns, and only `critic_loss` is measured.

    Made in the scope of a `tf.distribute.MirroredStrategy`, it trains on several devices to the
    weights that one would reach. Optimizers for `compile` are to be made in that scope too.
    """

    def __init__(
        self,
        generator: keras.Model,
        critic: keras.Model,
        *,
        ema: float = 0.998,
        seed: int = 0,
        averaged: keras.Model | None = None,
    ) -> None:
        """Take two built networks.

        Args:
            generator: gray (N, H, W, 1) → chroma (N, H/f, W/f, 2) in [-1, 1], any factor f.
            critic: [gray, chroma], both of the chroma's size → scores.
            ema: momentum of the generator's running average, in [0, 1).
            seed: of the random mix of grays.
            averaged: the running average to go on from; by default a copy of the generator.

        Raises:
            ColorlabError: if a network has a dtype policy other than float32 and mixed_bfloat16:
                no loss is scaled here, as mixed_float16 would need.
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
        objective: str | None = None,
        *,
        generator_optimizer: keras.optimizers.Optimizer | None = None,
        critic_optimizer: keras.optimizers.Optimizer | None = None,
        content_weight: float = 1.0,
        adversarial_weight: float = 1.0,
        match_gradients: bool = False,
        jit_compile: bool = False,
    ) -> None:
        """Choose what the next `fit` does. Optimizers start anew; weights and average go on.

        Args:
            objective: a name in `objectives.OBJECTIVES`, or None for content loss alone.
            generator_optimizer: by default the objective's own, or Adam(1e-3) for content alone.
            critic_optimizer: by default the objective's own.
            content_weight: of the content loss.
            adversarial_weight: of the generator's adversarial loss.
            match_gradients: scale the adversarial gradient at the generator's output to the norm
                of the content gradient before weighing the two (as Esser et al. 2021, arXiv
                2012.09841, equation 7): objectives differ in scale by orders of magnitude.
            jit_compile: compile the step with XLA; on several devices, what precedes the networks.
                On a CPU the steps of all presets are faster without.

        Raises:
            ColorlabError: if there is no such objective.
        """
        super().compile(optimizer=None, loss=None, jit_compile=False)
        # XLA compiles the three parts of a step, not the choice between them: on a CPU, what is
        # inside an XLA conditional runs an order of magnitude slower.
        self.jit_parts = jit_compile
        graph = partial(tf.function, jit_compile=jit_compile, autograph=False)
        self._encode_part = graph(self._encode)
        self._critic_part: Any = self._critic_turn
        self._generator_part: Any = self._generator_turn
        self.objective: Any = objectives.get(objective) if objective else None
        make_optimizer = self.objective.optimizer if self.objective else Adam
        with self.distribute_strategy.scope():
            # Replicas meet in these two parts, which TensorFlow does not allow inside a function.
            if not tf.distribute.has_strategy():
                self._critic_part = graph(self._critic_turn)
                self._generator_part = graph(self._generator_turn)
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
        self._guess = _with_logits(self.generator)

    def call(self, gray: Tensor) -> Tensor:
        """gray (N, H, W, 1) float32 in [0, 1] → chroma, by the averaged generator."""
        return self.averaged(gray, training=False)

    def train_step(self, data: Any) -> dict[str, Tensor]:
        """One batch of photos, uint8 (N, H, W, 3): the critic learns, then the generator.

        With k critic steps for each generator step, the generator learns on every k-th batch only,
        so that the critic sees fresh photos each time, as in WGAN's algorithm 1.
        """
        rgb, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        batch = self._encode_part(rgb)
        tf.distribute.get_replica_context().merge_call(self._learn, batch)
        return {name: mean.result() for name, mean in self.means.items()}

    def _learn(self, strategy: Any, gray: Tensor, light: Tensor, v: Tensor, chroma: Tensor) -> None:
        """Called once for all replicas: they must agree on which network learns."""

        def generator_turn() -> None:
            strategy.run(self._generator_part, (gray, light, v, chroma))

        if not self._in_turns:
            generator_turn()
        else:
            strategy.run(self._critic_part, (gray, light, chroma))
            if self.generator.trainable_variables:
                its_turn = ops.equal((self.step + 1) % self.objective.critic_steps, 0)
                tf.cond(its_turn, generator_turn, lambda: None)
        self.step.assign_add(1)

    @property
    def _in_turns(self) -> bool:
        """Whether the critic learns without the generator, always or most of the time."""
        return self.objective is not None and (
            self.objective.critic_steps > 1 or not self.generator.trainable_variables
        )

    def _encode(self, rgb: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The generator's gray; and, at its chroma's size: that gray, value, and true chroma."""
        gray = (*rgb.shape[:-1], 1)
        factor = rgb.shape[1] // self.generator.compute_output_shape(gray)[1]
        draws = {"uniform": replicas.uniform, "normal": replicas.normal}
        return training_pair(rgb, factor, seed=self.random, **draws)

    def _generator_turn(self, gray: Tensor, light: Tensor, v: Tensor, chroma: Tensor) -> None:
        variables = self.generator.trainable_variables
        with tf.GradientTape() as through_generator:
            predicted, *logits = self._guess(gray)
        if self.objective is not None and not self._in_turns:
            self._critic_step(light, chroma, predicted)  # both learn from one pass
        with tf.GradientTape() as from_content:
            from_content.watch([predicted, *logits])
            content = total = objectives.content_loss(v, chroma, predicted)
            for each in logits:
                unlikely = objectives.distribution_loss(v, chroma, each)
                total = total + objectives.DISTRIBUTION_WEIGHT * unlikely
        self.means["content_loss"].update_state(content)
        gradient, *others = (
            self.content_weight * replicas.share(each)
            for each in from_content.gradient(total, [predicted, *logits])
        )

        if self.objective is not None:
            with tf.GradientTape() as from_critic:
                from_critic.watch(predicted)
                loss = self.objective.generator_loss(self.critic([light, predicted], training=True))
            adversarial = replicas.share(from_critic.gradient(loss, predicted))
            # The loss is a mean over the batch: times its size, this is one photo's own gradient.
            batch_size = ops.shape(adversarial)[0] * replicas.count()
            norms = _norms(adversarial) * ops.cast(batch_size, "float32")
            self.means["critic_gradient"].update_state(norms)
            self.means["generator_loss"].update_state(loss)
            weight = self.adversarial_weight
            if self.match_gradients:
                weight *= _global_norm(gradient) / (_global_norm(adversarial) + 1e-12)
            gradient = gradient + weight * adversarial

        gradients = through_generator.gradient(
            [predicted, *logits], variables, output_gradients=[gradient, *others]
        )
        self.generator_optimizer.apply(gradients, variables)
        step = ops.cast(self.step, "float32")
        # A young average forgets its random start quickly.
        momentum = ops.minimum(self.ema, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.averaged.weights, self.generator.weights, strict=True):
            average.assign_add((1.0 - momentum) * (weight - average))

    def _critic_turn(self, gray: Tensor, light: Tensor, chroma: Tensor) -> None:
        self._critic_step(light, chroma, self.generator(gray, training=True))

    def _critic_step(self, light: Tensor, chroma: Tensor, predicted: Tensor) -> None:
        variables = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            real = self.critic([light, chroma], training=True)
            fake = self.critic([light, predicted], training=True)
            loss = self.objective.critic_loss(real, fake)
            total = loss
            if self.objective.gradient_penalty:
                penalty = self._gradient_penalty(light, chroma, predicted)
                total = loss + self.objective.gradient_penalty * penalty
            total = replicas.share(total)
        self.means["critic_loss"].update_state(loss)
        gradients = tape.gradient(total, variables)
        if self.objective.gradient_clip:
            limit = self.objective.gradient_clip
            gradients = [
                replicas.share(ops.clip(gradient, -limit, limit))
                for gradient in replicas.total(gradients)
            ]
        self.critic_optimizer.apply(gradients, variables)
        if self.objective.weight_clip:
            limit = self.objective.weight_clip
            for weight in variables:
                weight.assign(ops.clip(weight, -limit, limit))

    def _gradient_penalty(self, light: Tensor, chroma: Tensor, predicted: Tensor) -> Tensor:
        """E[(‖∇ score(x)‖ − 1)²] for x uniform on the lines from real to fake.

        A photo's score is the mean of its patches'.

        Source: Gulrajani et al. 2017, arXiv 1704.00028, equation 3.
        """
        mix = replicas.uniform((ops.shape(chroma)[0], 1, 1, 1), seed=self.random)
        between = mix * chroma + (1.0 - mix) * predicted
        with tf.GradientTape() as tape:
            tape.watch(between)
            scores = ops.mean(self.critic([light, between], training=True), axis=(1, 2, 3))
        gradient = tape.gradient(scores, between)
        return ops.mean(ops.square(_norms(gradient) - 1.0))

    def save_own_variables(self, store: Any) -> None:
        """Save the step, and the states of all random generators, which Keras would leave out."""
        for i, variable in enumerate(self._own_variables()):
            store[str(i)] = variable

    def load_own_variables(self, store: Any) -> None:
        """Load what `save_own_variables` saved."""
        own = self._own_variables()
        for i in store.keys():  # noqa: SIM118, Keras's store is no dict
            own[int(i)].assign(store[i])

    def _own_variables(self) -> list[Any]:
        states = [each for each in self.variables if each.name == "seed_generator_state"]
        return [self.step, *states]

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to build it again; the weights come after."""
        networks = {"generator": self.generator, "critic": self.critic, "averaged": self.averaged}
        saved = {k: keras.saving.serialize_keras_object(v) for k, v in networks.items()}
        return saved | {"ema": self.ema, "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Build it as `get_config` described it."""
        networks = ("generator", "critic", "averaged")
        built = {k: keras.saving.deserialize_keras_object(config[k]) for k in networks}
        return cls(**(config | built))

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile_from_config` needs to go on training where it stopped."""
        serialize = keras.optimizers.serialize
        return {
            "objective": self.objective.name if self.objective else None,
            "generator_optimizer": serialize(self.generator_optimizer),
            "critic_optimizer": serialize(self.critic_optimizer),
            "content_weight": self.content_weight,
            "adversarial_weight": self.adversarial_weight,
            "match_gradients": self.match_gradients,
            "jit_compile": self.jit_parts,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` described it; the optimizers' state comes after."""
        optimizers = ("generator_optimizer", "critic_optimizer")
        built = {k: keras.optimizers.deserialize(config[k]) for k in optimizers}
        self.compile(**(config | built))


def _with_logits(generator: keras.Model) -> Callable[[Tensor], list[Tensor]]:
    """gray → [chroma], and the logits of `histogram.annealed_mean`, if there are any."""
    if not any(layer.name == "logits" for layer in generator.layers):
        return lambda gray: [generator(gray, training=True)]
    outputs = [generator.output, generator.get_layer("logits").output]
    return partial(keras.Model(generator.input, outputs), training=True)


def _norms(x: Tensor) -> Tensor:
    """Of each photo. The epsilon keeps the root differentiable at 0."""
    return ops.sqrt(ops.sum(ops.square(x), axis=(1, 2, 3)) + 1e-12)


def _global_norm(x: Tensor) -> Tensor:
    """Of the whole batch, all replicas' rows."""
    return ops.sqrt(replicas.total(ops.sum(ops.square(x))) + 1e-12)
