"""One restart: the network trained from one of several seeds, with checkpoints on the way.

A restart depends on nothing but the spectra, its seed and the settings of the training. How often
it is saved, what happens to it afterwards and how many others there are do not matter to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.autoencoder.arrays import fingerprint
from kondoflow.autoencoder.blocks import State
from kondoflow.autoencoder.checkpoints import read_checkpoint, write_checkpoint
from kondoflow.autoencoder.devices import calculation
from kondoflow.autoencoder.preparation import Prepared
from kondoflow.autoencoder.training import History, Trained, Trainer
from kondoflow.files.progress import Progress

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


def train_restart(
    trainer: Trainer, seed: int, checkpoint: Path, identity: str, code: str, every: int
) -> Trained:
    """Train one restart, from its last checkpoint if there is one.

    Args:
        trainer: The training.
        seed: Seed of the restart.
        checkpoint: File of the checkpoint.
        identity: See `identity_of`.
        code: Version of the code. A checkpoint of other code or libraries is not used.
        every: Epochs between checkpoints.
    """
    identity = fingerprint({"restart": identity, "code": code, **versions()})
    found = read_checkpoint(checkpoint, trainer.initial_state(seed), identity)
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
        return trainer.run(seed, state, history, after_block)


def validation_loss(trainer: Trainer, history: History) -> float:
    """The loss of the validation spectra after the last block, z at its mean."""
    kl = history.kl[-1, -1].sum()
    return float(history.reconstruction[-1, -1] + trainer.schedule.kl_weight * kl)
