"""Weights and checkpoints on disk: safetensors for arrays, JSON for everything else.

Arrays are named by their path in the network, such as `encoder.layers.0.kernel`. A checkpoint holds
the whole state of one restart with its history, and a fingerprint of data and settings, so that
a run goes on only from its own checkpoints. Every file carries a digest of its arrays, which is
compared when the file is read.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np
from flax import nnx
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from kondoflow.autoencoder.conventions import NUMBERS, Conventions
from kondoflow.autoencoder.model import ACTIVATIONS, OUTPUTS, Architecture, Autoencoder, structure
from kondoflow.autoencoder.scaling import SIZES, TRANSFORMS, Scaling
from kondoflow.autoencoder.training import History, State
from kondoflow.files.atomic import read_json, replacing
from kondoflow.files.errors import InputError

logger = logging.getLogger("kondoflow")

DESCRIPTION = {  # keys of model.json that a reader relies on: types
    "architecture.n_omega": (int,),
    "architecture.hidden": (list,),
    "architecture.n_latents": (int,),
    "architecture.activation": (str,),
    "architecture.output": (str,),
    "settings.kl_weight": (int, float),
    "settings.active_above": (int, float),
    "scale": (int, float, list),
    "offset": (list,),
    "transform": (str,),
    "unit": (int, float),
    "normalise": (str,),
    "size": (int, float),
    "channel": (str, list),
    "channels": (list,),
    "omega": (list,),
    "order": (list,),
    "active": (list,),
    **dict.fromkeys(NUMBERS, (list,)),
}


@dataclass(frozen=True)
class Model:
    """A trained model as it is read back.

    Attributes:
        network: The network.
        scaling: Units of the network.
        channel: Channels that the network takes, as the setting names them.
        omega: Its frequency grid, (n,).
        variational: False for a plain autoencoder.
        active_above: Relevance above which a latent was taken for active.
        conventions: Order, sign and unit of its latents, and which of them are active.
        channels: Labels of the channels if they are several.
    """

    network: Autoencoder
    scaling: Scaling
    channel: str | list[str]
    omega: np.ndarray
    variational: bool
    active_above: float
    conventions: Conventions
    channels: tuple[str, ...] = ()


def write_weights(path: Path, weights: nnx.State) -> None:
    """Write the weights of a network.

    Raises:
        InputError: If one is not finite.
    """
    arrays = _named(weights)
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            allowed = "finite (try a lower learning_rate)"
            raise InputError("training", name, "NaN or infinity", allowed)
    with replacing(path) as temporary:
        temporary.write_bytes(_packed(arrays))


def read_model(weights: Path, description: Path) -> Model:
    """Read a trained model.

    Args:
        weights: The safetensors file.
        description: The `model.json` beside it.

    Raises:
        InputError: If a file is missing, unreadable, or does not fit the other.
    """
    content = _read_description(description)
    shape = content["architecture"]
    architecture = Architecture(
        shape["n_omega"],
        tuple(shape["hidden"]),
        shape["n_latents"],
        shape["activation"],
        shape["output"],
    )
    graph, template = structure(architecture)
    arrays = _read_arrays(weights)
    return Model(
        network=nnx.merge(graph, _fill(template, arrays, weights)),
        scaling=Scaling.from_json(content, np.array(content["omega"])),
        channel=content["channel"],
        omega=np.array(content["omega"]),
        variational=content["settings"]["kl_weight"] > 0,
        active_above=float(content["settings"]["active_above"]),
        conventions=Conventions.from_json(content),
        channels=tuple(content["channels"]),
    )


def _read_description(path: Path) -> dict[str, Any]:
    content = read_json(path)
    for key, kind in DESCRIPTION.items():
        value: Any = content
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            names = " or ".join(each.__name__ for each in kind)
            raise InputError(path, key, value, f"of type {names}")
    assert isinstance(content, dict)
    shape = content["architecture"]
    if shape["activation"] not in ACTIVATIONS:
        allowed = f"one of {', '.join(ACTIVATIONS)}"
        raise InputError(path, "architecture.activation", shape["activation"], allowed)
    if shape["output"] not in OUTPUTS:
        allowed = f"one of {', '.join(OUTPUTS)}"
        raise InputError(path, "architecture.output", shape["output"], allowed)
    expected = {
        "omega": shape["n_omega"] // max(1, len(content["channels"])),
        "offset": shape["n_omega"],
        **({"scale": shape["n_omega"]} if isinstance(content["scale"], list) else {}),
    }
    for name, number in expected.items():
        if len(content[name]) != number:
            allowed = f"{number}, by architecture.n_omega and channels"
            raise InputError(path, f"number of {name}", len(content[name]), allowed)
    for name in ("scale", "unit", "size"):
        if not np.all(np.asarray(content[name], np.float64) > 0):
            raise InputError(path, name, content[name], "above 0")
    for name, known in (("transform", tuple(TRANSFORMS)), ("normalise", SIZES)):
        if content[name] not in known:
            raise InputError(path, name, content[name], f"one of {', '.join(known)}")
    _check_conventions(content, shape["n_latents"], path)
    return content


def _check_conventions(content: Mapping[str, Any], n_latents: int, path: Path) -> None:
    if sorted(map(str, content["order"])) != sorted(map(str, range(n_latents))):
        raise InputError(path, "order", content["order"], f"each of 0 .. {n_latents - 1} once")
    for latent in content["active"]:
        if latent not in content["order"]:
            raise InputError(path, "active", latent, "an entry of order")
    for name in NUMBERS:
        values = content[name]
        numbers = [each for each in values if isinstance(each, int | float)]
        if len(values) != n_latents or len(numbers) != n_latents:
            raise InputError(path, name, values, f"{n_latents} numbers")
    if 0 in content["factor"]:
        raise InputError(path, "factor", content["factor"], f"{n_latents} numbers other than 0")


def fingerprint(settings: Mapping[str, Any], **arrays: np.ndarray) -> str:
    """Digest of a run's settings and data."""
    digest = hashlib.sha256(json.dumps(dict(settings), sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def write_checkpoint(path: Path, state: State, history: History, identity: str) -> None:
    """Write the state of one restart."""
    arrays = {f"state{name}": array for name, array in _named(state).items()}
    arrays |= {f"history.{name}": array for name, array in history._asdict().items()}
    with replacing(path) as temporary:
        temporary.write_bytes(_packed(arrays, fingerprint=identity))


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
        arrays = _read_arrays(path)
        own = {key.removeprefix("state"): value for key, value in arrays.items()}
        state = _fill(template, own, path)
        history = _read_history(arrays, path)
    except (SafetensorError, InputError) as error:
        logger.warning("checkpoint %s is not readable and is not used: %s", path.name, error)
        return None
    logger.info("%s goes on after epoch %d", path.stem, history.epoch[-1])
    return state, history


def _read_history(arrays: Mapping[str, np.ndarray], source: Path) -> History:
    names = [f"history.{field}" for field in History._fields]
    for name in names:
        if name not in arrays:
            raise InputError(source, name, None, "an array")
    return History(*(arrays[name] for name in names))


def _packed(arrays: Mapping[str, np.ndarray], **metadata: str) -> bytes:
    """Content of a file that holds arrays with their digest."""
    return save(dict(arrays), metadata={**metadata, "digest": fingerprint({}, **arrays)})


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise InputError(path, "file", None, "an existing safetensors file")
    try:
        with safe_open(path, "numpy") as handle:
            expected = (handle.metadata() or {}).get("digest")
        arrays = load_file(path)
    except SafetensorError as error:
        raise InputError(path, "content", str(error), "a readable safetensors file") from error
    if expected is not None and expected != fingerprint({}, **arrays):
        raise InputError(path, "content", "damaged", "what its digest says")
    return arrays


def _name(path: tuple[Any, ...]) -> str:
    attributes = ("key", "name", "idx")  # of the kinds of node in a pytree's path
    keys = [getattr(entry, name) for entry in path for name in attributes if hasattr(entry, name)]
    return ".".join(str(key) for key in keys if key != "value")


def _named(tree: Any) -> dict[str, np.ndarray]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {_name(path): np.asarray(leaf) for path, leaf in leaves}


def _fill(template: Any, arrays: Mapping[str, np.ndarray], source: Path) -> Any:
    """The template with its arrays replaced by those of the same names."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(template)
    filled = []
    for path, leaf in leaves:
        name = _name(path)
        if name not in arrays or arrays[name].shape != leaf.shape:
            found = arrays[name].shape if name in arrays else None
            raise InputError(source, name, found, f"an array of shape {leaf.shape}")
        filled.append(jax.numpy.asarray(arrays[name], dtype=leaf.dtype))
    return jax.tree_util.tree_unflatten(structure, filled)
