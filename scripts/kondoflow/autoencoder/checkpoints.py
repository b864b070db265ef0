"""Files of restarts: the checkpoint from which they go on, and their outcome.

A checkpoint holds the whole state of the training with its history. All files carry fingerprints of
data and settings, so that nothing goes on from the files of another run. One job trains one restart
or several together; its files hold all of them, along a dimension `restart`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import jax
import numpy as np
from safetensors import SafetensorError, safe_open

from kondoflow.autoencoder.arrays import packed, read_arrays
from kondoflow.autoencoder.blocks import State
from kondoflow.autoencoder.contract import RESTARTS
from kondoflow.autoencoder.model import Architecture, structure
from kondoflow.autoencoder.parameters import fill, named, read_weights, write_weights
from kondoflow.autoencoder.training import PARTS, History, Trained
from kondoflow.files.atomic import replacing
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset

logger = logging.getLogger("kondoflow")


def write_checkpoint(path: Path, state: State, history: History, identity: str) -> None:
    """Write the state of one restart, or the states of several."""
    arrays = {f"state{name}": array for name, array in named(state).items()}
    arrays |= {f"history.{name}": array for name, array in history._asdict().items()}
    with replacing(path) as temporary:
        temporary.write_bytes(packed(arrays, fingerprint=identity))


def read_checkpoint(path: Path, template: State, identity: str) -> tuple[State, History] | None:
    """Read the state of one restart or several, or None if there is none of this run.

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


def write_trained(
    weights: Path, history: Path, trained: Sequence[Trained], identities: Sequence[str]
) -> None:
    """Write the outcome of restarts: the kept weights, and the losses on the way to them.

    Args:
        weights: File of the weights; each array has a leading dimension (restart,).
        history: File of the losses.
        trained: The restarts.
        identities: Fingerprint of each.

    Raises:
        InputError: If a weight is not finite.
    """
    values = {
        "reconstruction": np.stack([each.history.reconstruction for each in trained]),
        "kl": np.stack([each.history.kl for each in trained]),
        "seed": np.array([each.seed for each in trained]),
        "kept_epoch": np.array([each.epoch for each in trained]),
        "kept_loss": np.array([each.loss for each in trained]),
    }
    attributes = {
        "title": "Restarts of a training",
        "device": trained[0].device,
        "fingerprint": " ".join(identities),
    }
    coordinates = {"epoch": trained[0].history.epoch, "part": np.array(PARTS)}
    stacked = jax.tree.map(lambda *arrays: np.stack(arrays), *(each.weights for each in trained))
    write_weights(weights, stacked)
    write_dataset(history, assemble(values, RESTARTS, attributes, coordinates))


def read_trained(
    weights: Path, history: Path, architecture: Architecture, identities: Sequence[str]
) -> list[Trained]:
    """Read the outcomes of the restarts that one job trained.

    Args:
        weights: File of their weights.
        history: File of their losses.
        architecture: Shapes of the network.
        identities: Fingerprints that the files must have.

    Raises:
        InputError: If a file can't be used or belongs to another run.
    """
    dataset = read_dataset(history, RESTARTS)
    found, expected = dataset.attrs.get("fingerprint"), " ".join(identities)
    if found != expected:
        allowed = f"{expected}, that of this run (remove the file, and it is made anew)"
        raise InputError(history, "fingerprint", found, allowed)
    shape = (len(identities),)
    template = jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct((*shape, *leaf.shape), leaf.dtype),
        structure(architecture)[1],
    )
    stacked = read_weights(weights, template)
    epoch, *losses = (dataset[name].to_numpy() for name in History._fields)
    return [
        Trained(
            seed=int(dataset["seed"][i]),
            weights=jax.tree.map(lambda array, i=i: array[i], stacked),
            loss=float(dataset["kept_loss"][i]),
            epoch=int(dataset["kept_epoch"][i]),
            history=History(epoch, *(each[i] for each in losses)),
            device=str(dataset.attrs["device"]),
        )
        for i in range(len(identities))
    ]


def read_all_trained(
    weights: Sequence[Path],
    histories: Sequence[Path],
    architecture: Architecture,
    identities: Sequence[str],
) -> list[Trained]:
    """Read the outcomes of all restarts of a run.

    Args:
        weights: File of weights of each job, in the order of the restarts.
        histories: File of losses of each job.
        architecture: Shapes of the network.
        identities: Fingerprint that each restart must have.

    Raises:
        InputError: See `read_trained`; also if there are more or fewer restarts in the files.
    """
    if len(weights) != len(histories):
        allowed = f"{len(weights)}, as there are files of weights"
        raise InputError("training", "number of histories", len(histories), allowed)
    counts = [read_dataset(path, RESTARTS).sizes["restart"] for path in histories]
    if sum(counts) != len(identities):
        raise InputError("training", "number of restarts", sum(counts), f"{len(identities)}")
    starts = np.cumsum([0, *counts])
    return [
        trained
        for own_weights, losses, (first, stop) in zip(
            weights, histories, pairwise(starts), strict=True
        )
        for trained in read_trained(own_weights, losses, architecture, identities[first:stop])
    ]
