"""Restarts: the same network trained from several seeds, each saved in checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from kondoflow.autoencoder.storage import fingerprint, read_checkpoint, write_checkpoint
from kondoflow.autoencoder.training import History, State, Trained, Trainer

LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy")
NOT_OF_RESTARTS = ("checkpoint_every", "active_above", "refine_epochs")  # settings without effect


def versions() -> dict[str, str]:
    """Versions of the libraries on which a training depends."""
    return {name: version(name) for name in LIBRARIES}


def identity_of(
    trainer: Trainer, settings: Mapping[str, Any], seeds: Sequence[int], code: str
) -> str:
    """Digest of all that the restarts of a run depend on, by which checkpoints are told apart.

    Args:
        trainer: The training.
        settings: Settings of the run.
        seeds: Seed of each restart.
        code: Version of the code.
    """
    decisive = {key: value for key, value in settings.items() if key not in NOT_OF_RESTARTS}
    return fingerprint(
        {**decisive, "seeds": list(seeds), "code": code, **versions()},
        train=np.asarray(trainer.train.values),
        validation=np.asarray(trainer.validation.values),
        train_weights=np.asarray(trainer.train.weights),
        validation_weights=np.asarray(trainer.validation.weights),
    )


def train_restarts(
    trainer: Trainer, seeds: Sequence[int], folder: Path, identity: str, every: int
) -> list[Trained]:
    """Train all restarts, each from its last checkpoint if there is one.

    Args:
        trainer: The training.
        seeds: Seed of each restart.
        folder: Folder of the checkpoints.
        identity: Fingerprint of the run.
        every: Epochs between checkpoints.
    """
    n_epochs = trainer.schedule.epochs
    bar = tqdm(total=n_epochs * len(seeds), desc="training", unit="epoch", disable=None)

    def train(index: int) -> Trained:
        path = folder / f"restart_{index}.safetensors"
        found = read_checkpoint(path, trainer.initial_state(seeds[index]), identity)
        state, history = found or (None, None)
        done = last_saved = int(history.epoch[-1]) if history else 0
        bar.update(done)

        def after_block(state: State, history: History) -> None:
            nonlocal done, last_saved
            epoch = int(history.epoch[-1])
            bar.update(epoch - done)
            done = epoch
            if epoch - last_saved >= every or epoch == n_epochs:
                write_checkpoint(path, state, history, identity)
                last_saved = epoch

        return trainer.run(seeds[index], state, history, after_block)

    with bar:
        return [train(index) for index in range(len(seeds))]
