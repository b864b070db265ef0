"""Training on spectra that stay on the disk, for sets that are larger than memory.

The steps, their order and their random numbers are those of `autoencoder.training`. Only the
spectra of some steps are in memory at a time: they are gathered from the file, in the order of the
epoch, before a compiled loop takes these steps. For the same inputs the weights are the same bits
as those of a training in memory, if the set is evaluated in pieces there too (above
`blocks.EVALUATED` spectra).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder.blocks import State, Weights, draw, evaluate_in_pieces, make_step
from kondoflow.autoencoder.loss import Parts, Spectra
from kondoflow.autoencoder.model import Architecture
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import Trainer

PORTION = 1 << 27  # bytes of spectra that are gathered at once


@dataclass(frozen=True)
class StreamedTrainer(Trainer):
    """A training whose spectra are arrays of numpy, such as files that are mapped into memory."""

    def block(self, state: State, key: jax.Array, first: int, stop: int) -> tuple[State, Parts]:
        """Epochs first .. stop - 1, then an evaluation, with the result of `Trainer.block`."""
        n_steps, fixed = self.steps_per_epoch, (self.architecture, self.schedule)
        row = self.train.values.dtype.itemsize * self.train.values.shape[1]
        at_once = max(1, PORTION // (row * self.batch_size))
        carry = state.weights, state.optimiser
        shape = (n_steps, self.batch_size, self.architecture.n_latents)
        for epoch in range(first, stop):
            order, noise = _draw(key, np.int32(epoch), self.train.n_samples, shape)
            chosen = np.asarray(order)
            for begin in range(0, n_steps, at_once):
                portion = slice(begin, begin + at_once)
                values = jnp.asarray(self.train.values[chosen[portion]])
                given = values, self.train.weights, noise[portion], np.int32(epoch)
                carry = _steps(carry, *given, *fixed, n_steps)
        sets = self.train, self.validation
        return evaluate_in_pieces(state, carry, sets, stop, *fixed)


_draw = jax.jit(draw, static_argnums=(2, 3))


@partial(jax.jit, static_argnums=(5, 6, 7))
def _steps(
    carry: tuple[Weights, Any],
    values: jax.Array,
    weights: jax.Array,
    noise: jax.Array,
    epoch: jax.Array,
    architecture: Architecture,
    schedule: Schedule,
    n_steps: int,
) -> tuple[Weights, Any]:
    """Steps on the spectra values (step, batch, omega), whose points have weights (1, omega)."""
    step, kl_weight = make_step(architecture, schedule, n_steps), schedule.kl_weight_at(epoch)

    def on_batch(
        carry: tuple[Weights, Any], batch: tuple[jax.Array, jax.Array]
    ) -> tuple[tuple[Weights, Any], None]:
        spectra, noise = batch
        return step(carry, Spectra(spectra, weights), noise, kl_weight), None

    return jax.lax.scan(on_batch, carry, (values, noise))[0]
