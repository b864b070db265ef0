"""Files of one restart: the checkpoint from which it goes on, and its outcome.

A checkpoint holds the whole state of the training with its history. Both files carry a fingerprint
of data and settings, so that nothing goes on from the files of another run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import jax
import numpy as np
from safetensors import SafetensorError, safe_open

from kondoflow.autoencoder.arrays import packed, read_arrays
from kondoflow.autoencoder.blocks import State
from kondoflow.autoencoder.contract import RESTART
from kondoflow.autoencoder.model import Architecture, structure
from kondoflow.autoencoder.parameters import fill, named, read_weights, write_weights
from kondoflow.autoencoder.training import PARTS, History, Trained
from kondoflow.files.atomic import replacing
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset

logger = logging.getLogger("kondoflow")


def write_checkpoint(path: Path, state: State, history: History, identity: str) -> None:
    """Write the state of one restart."""
    arrays = {f"state{name}": array for name, array in named(state).items()}
    arrays |= {f"history.{name}": array for name, array in history._asdict().items()}
    with replacing(path) as temporary:
        temporary.write_bytes(packed(arrays, fingerprint=identity))


def read_checkpoint(path: Path, template: State, identity: str) -> tuple[State, History] | None:
    """Read the state of one restart, or None if there is none of this run.

    Args:
        path: The checkpoint.
        template: A state with the same structure.
        identity: Fingerprint of the run.
    """
    if not path.is_file():
        return None
    try:
        with safe_open(path, "numpy") as handle:
            found = (handle.metadata() or {}).get("fingerprint")
        if found != identity:
            logger.info("checkpoint %s belongs to another run and is not used", path.name)
            return None
        arrays = read_arrays(path)
        own = {key.removeprefix("state"): value for key, value in arrays.items()}
        state = fill(template, own, path)
        history = _read_history(arrays, path)
    except (SafetensorError, InputError) as error:
        logger.warning("checkpoint %s is not readable and is not used: %s", path.name, error)
        return None
    logger.info("the training goes on after epoch %d", history.epoch[-1])
    return state, history


def _read_history(arrays: Mapping[str, np.ndarray], source: Path) -> History:
    names = [f"history.{field}" for field in History._fields]
    for name in names:
        if name not in arrays:
            raise InputError(source, name, None, "an array")
    return History(*(arrays[name] for name in names))


def write_trained(weights: Path, history: Path, trained: Trained, identity: str) -> None:
    """Write the outcome of one restart: the kept weights, and the losses on the way to them.

    Raises:
        InputError: If a weight is not finite.
    """
    values = {"reconstruction": trained.history.reconstruction, "kl": trained.history.kl}
    attributes = {
        "title": "One restart of a training",
        "seed": trained.seed,
        "kept_epoch": trained.epoch,
        "kept_loss": trained.loss,
        "device": trained.device,
        "fingerprint": identity,
    }
    coordinates = {"epoch": trained.history.epoch, "part": np.array(PARTS)}
    write_weights(weights, trained.weights)
    write_dataset(history, assemble(values, RESTART, attributes, coordinates))


def read_trained(
    weights: Path, history: Path, architecture: Architecture, identity: str
) -> Trained:
    """Read the outcome of one restart.

    Args:
        weights: File of its weights.
        history: File of its losses.
        architecture: Shapes of the network.
        identity: Fingerprint that the files must have.

    Raises:
        InputError: If a file can't be used or belongs to another run.
    """
    dataset = read_dataset(history, RESTART)
    found = dataset.attrs.get("fingerprint")
    if found != identity:
        allowed = f"{identity}, that of this run (remove the file, and it is made anew)"
        raise InputError(history, "fingerprint", found, allowed)
    losses = History(*(dataset[name].to_numpy() for name in History._fields))
    template = structure(architecture)[1]
    return Trained(
        seed=int(dataset.attrs["seed"]),
        weights=jax.tree.map(jax.numpy.asarray, read_weights(weights, template)),
        loss=float(dataset.attrs["kept_loss"]),
        epoch=int(dataset.attrs["kept_epoch"]),
        history=losses,
        device=str(dataset.attrs["device"]),
    )


def read_all_trained(
    weights: Sequence[Path],
    histories: Sequence[Path],
    architecture: Architecture,
    identities: Sequence[str],
) -> list[Trained]:
    """Read the outcomes of all restarts of a run.

    Args:
        weights: File of weights of each restart.
        histories: File of losses of each restart.
        architecture: Shapes of the network.
        identities: Fingerprint that the files of each restart must have.

    Raises:
        InputError: See `read_trained`; also if there are more or fewer files than restarts.
    """
    for name, files in (("weights", weights), ("histories", histories)):
        if len(files) != len(identities):
            raise InputError("training", f"number of {name}", len(files), f"{len(identities)}")
    return [
        read_trained(own_weights, losses, architecture, identity)
        for own_weights, losses, identity in zip(weights, histories, identities, strict=True)
    ]
