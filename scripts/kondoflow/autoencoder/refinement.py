r"""A sharper decoder for the chosen network, whose codes stay as they are.

Under the KL term the decoder learns the mean spectrum over each posterior, which is blurred. After
the choice nothing is sampled any more. The decoder is then trained further with the encoder held
fixed and z at its mean. The squared error falls by an order of magnitude; latents, their KL
divergences and their meaning do not change. Inactive latents are silenced, that is, their weights
in the decoder are set to zero: what they still know of a spectrum must not help to reconstruct it.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from kondoflow.autoencoder.loss import squared_error
from kondoflow.autoencoder.model import Architecture, separate_network

FINAL_SHARE = 0.02  # of the learning rate at the end of its cosine


def refine_decoder(
    architecture: Architecture,
    weights: nnx.State,
    train: jax.Array,
    active: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> nnx.State:
    """Train the decoder on the means of the active latents.

    Args:
        architecture: Shapes of the network.
        weights: Its weights.
        train: Training spectra in the network's units, (n, omega).
        active: Which latents are active, (latent,).
        epochs: Number of steps, in passes over the training spectra; each batch is drawn anew. With
            0 the inactive latents are silenced and nothing is trained.
        batch_size: Spectra in a batch.
        learning_rate: At the beginning.
        seed: Seed of the batches.

    Returns:
        The weights with the refined decoder.
    """
    network = separate_network(architecture, weights)
    first = network.decoder.layers[0].kernel
    first[...] = first[...] * jnp.asarray(active, first.dtype)[:, None]
    mean, _ = network.encode(train)
    codes = mean * jnp.asarray(active, mean.dtype)[None, :]
    decoder, decoder_weights = nnx.split(network.decoder)
    n_steps = max(1, epochs * (len(train) // batch_size))
    if epochs:
        decoder_weights = _descend(
            decoder_weights,
            codes,
            train,
            jax.random.key(seed),
            decoder=decoder,
            n_steps=n_steps,
            batch_size=batch_size,
            learning_rate=learning_rate,
        )
    network.decoder = nnx.merge(decoder, decoder_weights)
    return nnx.split(network)[1]


@partial(jax.jit, static_argnames=("decoder", "n_steps", "batch_size", "learning_rate"))
def _descend(
    weights: nnx.State,
    codes: jax.Array,
    spectra: jax.Array,
    key: jax.Array,
    *,
    decoder: nnx.GraphDef,
    n_steps: int,
    batch_size: int,
    learning_rate: float,
) -> nnx.State:
    schedule = optax.cosine_decay_schedule(learning_rate, n_steps, FINAL_SHARE)
    optimiser = optax.adam(schedule)

    def loss(weights: nnx.State, chosen: jax.Array) -> jax.Array:
        decoded = jax.nn.softplus(nnx.merge(decoder, weights)(codes[chosen]))
        return jnp.mean(squared_error(decoded, spectra[chosen]))

    def step(
        carry: tuple[nnx.State, optax.OptState], key: jax.Array
    ) -> tuple[tuple[nnx.State, optax.OptState], None]:
        weights, adam = carry
        chosen = jax.random.randint(key, (batch_size,), 0, len(spectra))
        update, adam = optimiser.update(jax.grad(loss)(weights, chosen), adam, weights)
        return (optax.apply_updates(weights, update), adam), None

    carry = weights, optimiser.init(weights)
    return jax.lax.scan(step, carry, jax.random.split(key, n_steps))[0][0]
