"""Restarts: the network trained from one of several seeds, with checkpoints on the way.

A restart depends on the spectra, its seed and the settings of the training. How often it is saved,
what happens to it afterwards and how many others there are do not matter to it. Only its last
digits depend on those that are trained together with it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.autoencoder.arrays import fingerprint
from kondoflow.autoencoder.blocks import State
from kondoflow.autoencoder.checkpoints import read_checkpoint, write_checkpoint
from kondoflow.autoencoder.devices import calculation
from kondoflow.autoencoder.preparation import Prepared
from kondoflow.autoencoder.together import can_run_together, initial_states, run_together
from kondoflow.autoencoder.training import History, Trained, Trainer
from kondoflow.files.progress import Progress

logger = logging.getLogger("kondoflow")

LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy")


def versions() -> dict[str, str]:
    """What a training depends on beside data, settings and code: libraries and the device."""
    return {**{name: version(name) for name in LIBRARIES}, **calculation()}


def identity_of(prepared: Prepared, settings: Mapping[str, Any], seed: int) -> str:
    """Digest of the data and settings of a restart, by which its files are told apart.

    Args:
        prepared: The training.
        settings: Settings of a restart, see `kondoflow.stage.config.restart_settings`.
        seed: Seed of the restart.
    """
    trainer, whole = prepared.trainer, prepared.sampled_from
    return fingerprint(
        {**settings, "seed": seed, **({"sampled_from": whole} if whole else {})},
        train=np.asarray(trainer.train.values),
        validation=np.asarray(trainer.validation.values),
        train_weights=np.asarray(trainer.train.weights),
        validation_weights=np.asarray(trainer.validation.weights),
    )


def train_restarts(
    trainer: Trainer,
    seeds: Sequence[int],
    checkpoint: Path,
    identities: Sequence[str],
    code: str,
    every: int,
) -> list[Trained]:
    """Train some restarts, from their last checkpoint if there is one.

    Several are trained together (`autoencoder.together`), or one after another where their spectra
    are too many for that.

    Args:
        trainer: The training.
        seeds: Seed of each restart.
        checkpoint: File of the checkpoint.
        identities: Digest of each restart, see `identity_of`.
        code: Version of the code. A checkpoint of other code or libraries is not used.
        every: Epochs between checkpoints.

    Returns:
        The outcome of each restart.
    """
    alone = len(seeds) == 1
    if not alone and not can_run_together(trainer):
        logger.info("too many spectra to train restarts together: one after another")
        files = own_checkpoints(checkpoint, len(seeds))
        every_one = zip(seeds, files, identities, strict=True)
        return [
            train_restarts(trainer, [seed], file, [own], code, every)[0]
            for seed, file, own in every_one
        ]
    identity = fingerprint({"restarts": list(identities), "code": code, **versions()})
    template = trainer.initial_state(seeds[0]) if alone else initial_states(trainer, seeds)
    found = read_checkpoint(checkpoint, template, identity)
    state, history = found or (None, None)
    n_epochs = trainer.schedule.epochs
    done = last_saved = int(history.epoch[-1]) if history else 0
    progress = Progress("epoch", n_epochs, done)

    def after_block(state: State, history: History) -> None:
        nonlocal last_saved, done
        epoch = int(history.epoch[-1])
        if epoch - last_saved >= every or epoch == n_epochs:
            write_checkpoint(checkpoint, state, history, identity)
            last_saved = epoch
        progress.update(epoch - done, f"validation loss {validation_loss(trainer, history):.4g}")
        done = epoch

    with progress:
        if alone:
            return [trainer.run(seeds[0], state, history, after_block)]
        return run_together(trainer, seeds, state, history, after_block)


def own_checkpoints(checkpoint: Path, n_restarts: int) -> list[Path]:
    """Files of the checkpoints of restarts that are trained one after another."""
    names = (f"{checkpoint.stem}-{index}{checkpoint.suffix}" for index in range(n_restarts))
    return [checkpoint.with_name(name) for name in names]


def validation_loss(trainer: Trainer, history: History) -> float:
    """The lowest loss of the validation spectra after the last block, z at its mean."""
    kl = history.kl[-1, ..., -1, :].sum(axis=-1)
    return float(np.min(history.reconstruction[-1, ..., -1] + trainer.schedule.kl_weight * kl))
