"""A trained model as it is stored: `weights.safetensors`, and `model.json` for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from flax import nnx

from kondoflow.autoencoder.arrays import read_weights
from kondoflow.autoencoder.conventions import NUMBERS, Conventions
from kondoflow.autoencoder.model import ACTIVATIONS, OUTPUTS, Architecture, Autoencoder, structure
from kondoflow.autoencoder.scaling import SIZES, TRANSFORMS, Scaling
from kondoflow.files.errors import InputError
from kondoflow.files.results import read_result

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
    return Model(
        network=nnx.merge(graph, read_weights(weights, template)),
        scaling=Scaling.from_json(content, np.array(content["omega"])),
        channel=content["channel"],
        omega=np.array(content["omega"]),
        variational=content["settings"]["kl_weight"] > 0,
        active_above=float(content["settings"]["active_above"]),
        conventions=Conventions.from_json(content),
        channels=tuple(content["channels"]),
    )


def _read_description(path: Path) -> dict[str, Any]:
    content = read_result(path, {"architecture": dict, "settings": dict})
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
