"""Blocks of epochs as compiled programs, of which only the results leave the device.

Sets of up to `EVALUATED` spectra are trained on and evaluated in one program. Larger ones are
evaluated in pieces of that size, so that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from kondoflow.autoencoder.loss import Parts, Spectra, loss_parts
from kondoflow.autoencoder.model import Architecture, structure
from kondoflow.autoencoder.schedule import Schedule

EVALUATED = 65_536  # spectra that are evaluated at once

Weights = nnx.State


class State(NamedTuple):
    """Everything that training changes."""

    weights: Weights
    optimiser: Any
    best_weights: Weights
    best_loss: jax.Array  # scalar
    best_epoch: jax.Array  # scalar


@partial(
    jax.jit, static_argnames=("architecture", "schedule", "batch_size"), donate_argnames="state"
)
def train_block(
    state: State,
    key: jax.Array,
    first: jax.Array,
    stop: jax.Array,
    train: Spectra,
    validation: Spectra,
    *,
    architecture: Architecture,
    schedule: Schedule,
    batch_size: int,
) -> tuple[State, Parts]:
    """Train for the epochs first .. stop - 1, then evaluate training and validation spectra.

    The bounds are known only when it runs, so that one compilation serves blocks of any length.

    Args:
        state: State before the block.
        key: Random key of the training.
        first: First epoch, a scalar.
        stop: Epoch after the last, a scalar.
        train: Training spectra in units of the network, (sample, omega).
        validation: Validation spectra, likewise.
        architecture: Shapes of the network.
        schedule: Course of KL weight and learning rate.
        batch_size: Spectra in a step of the optimiser.

    Returns:
        The state after the block, and the losses of both sets, see `keep_better`.
    """
    weights, adam = train_epochs(state, key, first, stop, train, architecture, schedule, batch_size)
    seen, unseen = (
        parts_of(weights, spectra, architecture, schedule) for spectra in (train, validation)
    )
    return keep_better(state, weights, adam, seen, unseen, stop, schedule)


def train_epochs(
    state: State,
    key: jax.Array,
    first: jax.Array,
    stop: jax.Array,
    train: Spectra,
    architecture: Architecture,
    schedule: Schedule,
    batch_size: int,
) -> tuple[Weights, Any]:
    """Weights and optimiser after the epochs first .. stop - 1; arguments as in `train_block`."""
    n_steps = max(1, train.n_samples // batch_size)
    step = make_step(architecture, schedule, n_steps)

    def epoch(index: jax.Array, carry: tuple[Weights, Any]) -> tuple[Weights, Any]:
        shape = (n_steps, batch_size, architecture.n_latents)
        batches, noise = draw(key, index, train.n_samples, shape)
        kl_weight = schedule.kl_weight_at(index)

        def on_batch(
            carry: tuple[Weights, Any], batch: tuple[jax.Array, jax.Array]
        ) -> tuple[tuple[Weights, Any], None]:
            chosen, noise = batch
            return step(carry, train.take(chosen), noise, kl_weight), None

        return jax.lax.scan(on_batch, carry, (batches, noise))[0]

    return jax.lax.fori_loop(first, stop, epoch, (state.weights, state.optimiser))


def make_step(
    architecture: Architecture, schedule: Schedule, n_steps: int
) -> Callable[[tuple[Weights, Any], Spectra, jax.Array, jax.Array], tuple[Weights, Any]]:
    """A function that does one step of the optimiser.

    Args:
        architecture: Shapes of the network.
        schedule: Course of KL weight and learning rate.
        n_steps: Steps in an epoch.

    Returns:
        A function of weights with optimiser, spectra (batch, omega), noise (batch, latent) and KL
        weight (a scalar), which gives the new weights with the optimiser.
    """
    graph, _ = structure(architecture)
    variational, optimiser = schedule.kl_weight > 0, schedule.optimiser(n_steps)

    def loss(
        weights: Weights, spectra: Spectra, noise: jax.Array, kl_weight: jax.Array
    ) -> jax.Array:
        model = nnx.merge(graph, weights)
        return loss_parts(model, spectra, noise, variational=variational).total(kl_weight)

    def step(
        carry: tuple[Weights, Any], batch: Spectra, noise: jax.Array, kl_weight: jax.Array
    ) -> tuple[Weights, Any]:
        weights, adam = carry
        gradient = jax.grad(loss)(weights, batch, noise, kl_weight)
        update, adam = optimiser.update(gradient, adam, weights)
        return optax.apply_updates(weights, update), adam

    return step


def draw(
    key: jax.Array, epoch: jax.Array, n_samples: int, shape: tuple[int, int, int]
) -> tuple[jax.Array, jax.Array]:
    """Indices of the spectra, (step, batch), and noise, (step, batch, latent), of an epoch."""
    n_steps, batch_size, n_latents = shape
    order_key, noise_key = jax.random.split(jax.random.fold_in(key, epoch))
    order = jax.random.permutation(order_key, n_samples)[: n_steps * batch_size]
    # Drawn flat: XLA takes ten times as long to compile a draw of three dimensions.
    noise = jax.random.normal(noise_key, (n_steps * batch_size * n_latents,))
    return order.reshape(n_steps, batch_size), noise.reshape(shape)


def parts_of(
    weights: Weights, spectra: Spectra, architecture: Architecture, schedule: Schedule
) -> Parts:
    """Losses of spectra (sample, omega), decoded from the mean of q(z|x)."""
    model = nnx.merge(structure(architecture)[0], weights)
    return loss_parts(model, spectra, None, variational=schedule.kl_weight > 0)


def keep_better(
    state: State,
    weights: Weights,
    adam: Any,
    seen: Parts,
    unseen: Parts,
    stop: jax.Array,
    schedule: Schedule,
) -> tuple[State, Parts]:
    """The state after a block, and the losses of training and validation spectra.

    The state keeps the weights with the lowest validation loss so far.

    Args:
        state: State before the block.
        weights: Weights after it.
        adam: Optimiser after it.
        seen: Losses of the training spectra.
        unseen: Losses of the validation spectra.
        stop: Epochs done, a scalar.
        schedule: Gives the KL weight of the loss.

    Returns:
        The state; and losses with `reconstruction` (part,) and `kl` (part, latent), the training
        spectra first.
    """
    total = unseen.total(schedule.kl_weight)
    better = total < state.best_loss
    best = jax.tree.map(lambda new, old: jnp.where(better, new, old), weights, state.best_weights)
    parts = jax.tree.map(lambda a, b: jnp.stack([a, b]), seen, unseen)
    new = State(
        weights,
        adam,
        best,
        jnp.minimum(total, state.best_loss),
        jnp.where(better, stop, state.best_epoch).astype(jnp.int32),
    )
    return new, parts


compiled_epochs = jax.jit(train_epochs, static_argnums=(5, 6, 7))
_parts_of = jax.jit(parts_of, static_argnums=(2, 3))
_keep_better = jax.jit(keep_better, static_argnames="schedule")


def evaluate_in_pieces(
    state: State,
    trained: tuple[Weights, Any],
    sets: tuple[Spectra, Spectra],
    stop: int,
    architecture: Architecture,
    schedule: Schedule,
) -> tuple[State, Parts]:
    """The end of a block whose sets are too large to be evaluated at once.

    Args:
        state: State before the block.
        trained: Weights and optimiser after its epochs.
        sets: Training and validation spectra, (sample, omega) each, in memory or not.
        stop: Epochs done after the block.
        architecture: Shapes of the network.
        schedule: Course of KL weight and learning rate.

    Returns:
        The state after the block and the losses, see `keep_better`.
    """

    def mean(spectra: Spectra) -> Parts:
        n_samples = spectra.n_samples
        parts = []
        for begin in range(0, n_samples, EVALUATED):
            piece = spectra.take(slice(begin, begin + EVALUATED))
            loaded = Spectra(jnp.asarray(piece.values), piece.weights)
            of_piece = _parts_of(trained[0], loaded, architecture, schedule)
            share = piece.n_samples / n_samples
            parts.append(jax.tree.map(lambda part, share=share: share * part, of_piece))
        return jax.tree.map(lambda *each: sum(each), *parts)

    return _keep_better(state, *trained, *map(mean, sets), np.int32(stop), schedule)
