r"""A sharper decoder for the chosen network, whose codes stay as they are.

Under the KL term the decoder learns the mean spectrum over each posterior, which is blurred. After
the choice the decoder D is trained further, to D', with the encoder held fixed:

.. math::
    \Big\langle |D'(\mu) - x|^2 + c \, |D'(\mu + \sigma\epsilon) - D(\mu + \sigma\epsilon)|^2
    \Big\rangle, \qquad \epsilon \sim N(0, 1), \quad c = 0.1.

The first term sharpens the spectra that are decoded from the means mu: their squared error falls by
an order of magnitude, while latents, their KL divergences and their meaning do not change. The
second term keeps the decoder a generator. Without it, D' follows the spectra from code to code, and
what it gives between codes lies far outside the data. With it, draws from a posterior are decoded
nearly as they were before. (Measured figures: `studies/generator.md`.)

Inactive latents are silenced, that is, their weights in the decoder are set to zero: what they
still know of a spectrum must not help to reconstruct it.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from kondoflow.autoencoder.loss import Spectra, squared_error
from kondoflow.autoencoder.model import OUTPUTS, Architecture, separate_network

ANCHOR = 0.1  # the c above
FINAL_SHARE = 0.02  # of the learning rate at the end of its cosine


def refine_decoder(
    architecture: Architecture,
    weights: nnx.State,
    train: Spectra,
    active: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    anchor: float = ANCHOR,
) -> nnx.State:
    """Train the decoder on the means of the active latents, anchored at draws.

    Args:
        architecture: Shapes of the network.
        weights: Its weights.
        train: Training spectra.
        active: Which latents are active, (latent,).
        epochs: Number of steps, in passes over the training spectra; each batch is drawn anew. With
            0 the inactive latents are silenced and nothing is trained.
        batch_size: Spectra in a batch.
        learning_rate: At the beginning.
        seed: Seed of the batches and draws.
        anchor: Weight c of the second term.

    Returns:
        The weights with the refined decoder.
    """
    network = separate_network(architecture, weights)
    first = network.decoder.layers[0].kernel
    first[...] = first[...] * jnp.asarray(active, first.dtype)[:, None]
    mean, log_variance = network.encode(train.values)
    heard = jnp.asarray(active, mean.dtype)[None, :]
    codes, deviations = mean * heard, jnp.exp(log_variance / 2) * heard
    decoder, decoder_weights = nnx.split(network.decoder)
    n_steps = max(1, epochs * (train.n_samples // batch_size))
    if epochs:
        decoder_weights = _descend(
            decoder_weights,
            codes,
            deviations,
            train,
            jax.random.key(seed),
            decoder=decoder,
            output=architecture.output,
            n_steps=n_steps,
            batch_size=batch_size,
            learning_rate=learning_rate,
            anchor=anchor,
        )
    network.decoder = nnx.merge(decoder, decoder_weights)
    return nnx.split(network)[1]


@partial(
    jax.jit,
    static_argnames=("decoder", "output", "n_steps", "batch_size", "learning_rate", "anchor"),
)
def _descend(
    weights: nnx.State,
    codes: jax.Array,
    deviations: jax.Array,
    spectra: Spectra,
    key: jax.Array,
    *,
    decoder: nnx.GraphDef,
    output: str,
    n_steps: int,
    batch_size: int,
    learning_rate: float,
    anchor: float,
) -> nnx.State:
    schedule = optax.cosine_decay_schedule(learning_rate, n_steps, FINAL_SHARE)
    optimiser = optax.adam(schedule)

    def decode(weights: nnx.State, z: jax.Array) -> jax.Array:
        return OUTPUTS[output](nnx.merge(decoder, weights)(z))

    unrefined = jax.tree.map(jnp.copy, weights)

    def loss(weights: nnx.State, chosen: jax.Array, noise: jax.Array) -> jax.Array:
        target = spectra.take(chosen)
        drawn = codes[chosen] + deviations[chosen] * noise
        before = target._replace(values=decode(unrefined, drawn))
        sharp = squared_error(decode(weights, codes[chosen]), target)
        return jnp.mean(sharp + anchor * squared_error(decode(weights, drawn), before))

    def step(
        carry: tuple[nnx.State, optax.OptState], key: jax.Array
    ) -> tuple[tuple[nnx.State, optax.OptState], None]:
        weights, adam = carry
        batch_key, noise_key = jax.random.split(key)
        chosen = jax.random.randint(batch_key, (batch_size,), 0, spectra.n_samples)
        noise = jax.random.normal(noise_key, (batch_size * codes.shape[1],))
        gradient = jax.grad(loss)(weights, chosen, noise.reshape(batch_size, -1))
        update, adam = optimiser.update(gradient, adam, weights)
        return (optax.apply_updates(weights, update), adam), None

    carry = weights, optimiser.init(weights)
    return jax.lax.scan(step, carry, jax.random.split(key, n_steps))[0][0]
