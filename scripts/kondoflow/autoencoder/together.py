"""Several restarts trained at once, as one program (vmap).

A step of a small network keeps a GPU busy for a fraction of the time that it takes to start it. The
same step of several networks starts once. Each restart has its own weights, optimiser, order of the
spectra and noise, all from its own seed; the spectra are shared. A restart of a group therefore
differs from the same restart trained alone by rounding only.

Restarts that are lost half-way (`training.LOST`) are trained alone once the group is done. These
trainings are rare and short, and save no checkpoints.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder import blocks
from kondoflow.autoencoder.blocks import State, train_block
from kondoflow.autoencoder.loss import Parts, Spectra
from kondoflow.autoencoder.training import (
    EVALUATE_EVERY,
    History,
    Trained,
    Trainer,
    extend,
    outcome,
)

logger = logging.getLogger("kondoflow")


def can_run_together(trainer: Trainer) -> bool:
    """Whether a block of this training is one program: its spectra are in memory and not too many.

    Args:
        trainer: The training.
    """
    sets = (trainer.train, trainer.validation)
    return all(
        isinstance(each.values, jax.Array) and each.n_samples <= blocks.EVALUATED for each in sets
    )


def initial_states(trainer: Trainer, seeds: Sequence[int]) -> State:
    """States before the first epoch, each array with a leading dimension (restart,)."""
    return jax.tree.map(lambda *each: jnp.stack(each), *map(trainer.initial_state, seeds))


def run_together(
    trainer: Trainer,
    seeds: Sequence[int],
    states: State | None = None,
    history: History | None = None,
    after_block: Callable[[State, History], None] | None = None,
) -> list[Trained]:
    """Train several restarts to their ends.

    Args:
        trainer: The training, see `can_run_together`.
        seeds: Seed of each restart.
        states: States to go on from, see `initial_states`.
        history: History up to these: `reconstruction` (block, restart, part) and `kl` (block,
            restart, part, latent).
        after_block: Called with states and history after every block.

    Returns:
        The outcome of each restart.

    Raises:
        InputError: If a loss is not finite; names epoch and learning rate.
    """
    states = states or initial_states(trainer, seeds)
    history = history or no_history(trainer, len(seeds))
    keys = jnp.stack([jax.random.key(seed) for seed in seeds])
    n_epochs = trainer.schedule.epochs
    done = int(history.epoch[-1]) if len(history.epoch) else 0
    while done < n_epochs:
        stop = min(done + EVALUATE_EVERY, n_epochs)
        states, parts = _train_blocks(
            states,
            keys,
            (np.int32(done), np.int32(stop)),
            (trainer.train, trainer.validation),
            architecture=trainer.architecture,
            schedule=trainer.schedule,
            batch_size=trainer.batch_size,
        )
        history = extend(history, stop, parts)
        trainer.check(history)
        if after_block:
            after_block(states, history)
        done = stop
    return [
        _finished(trainer, seed, jax.tree.map(lambda array, i=i: array[i], states), own)
        for i, (seed, own) in enumerate(zip(seeds, apart(history, len(seeds)), strict=True))
    ]


def no_history(trainer: Trainer, n_restarts: int) -> History:
    """The common history of some restarts before the first block."""
    epoch, *losses = trainer.no_history()
    return History(epoch, *(np.stack([each] * n_restarts, axis=1) for each in losses))


def apart(history: History, n_restarts: int) -> list[History]:
    """The history of each restart."""
    epoch, reconstruction, kl = history
    return [History(epoch, reconstruction[:, i], kl[:, i]) for i in range(n_restarts)]


def _finished(trainer: Trainer, seed: int, state: State, history: History) -> Trained:
    """The outcome of a restart; of one that was lost half-way, after a training of its own."""
    stops = history.epoch.tolist()
    for index, (done, stop) in enumerate(zip([0, *stops], stops, strict=False)):
        until = History(*(array[: index + 1] for array in history))
        if trainer.looked_at(done, stop) and trainer.lost(until):
            logger.info("worse than the mean spectrum by epoch %d: begins with it, alone", stop)
            return trainer.run(seed, again=True)
    return outcome(seed, state, history)


@partial(
    jax.jit, static_argnames=("architecture", "schedule", "batch_size"), donate_argnames="states"
)
def _train_blocks(
    states: State,
    keys: jax.Array,
    bounds: tuple[np.int32, np.int32],
    sets: tuple[Spectra, Spectra],
    **fixed: Any,
) -> tuple[State, Parts]:
    """`train_block` for each restart, whose states and keys have a leading dimension (restart,)."""
    block, in_axes = partial(train_block, **fixed), (0, 0, None, None, None, None)
    trained: tuple[State, Parts] = jax.vmap(block, in_axes)(states, keys, *bounds, *sets)
    return trained
