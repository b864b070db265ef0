"""The files of a trained model, read and checked without a network.

`autoencoder.storage` makes a network of them, which takes JAX and Flax a second to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.autoencoder.arrays import read_arrays
from kondoflow.autoencoder.conventions import NUMBERS, Conventions
from kondoflow.autoencoder.scaling import SIZES, TRANSFORMS, Scaling
from kondoflow.files.errors import InputError
from kondoflow.files.results import read_result

ACTIVATIONS = ("silu", "relu")  # of the hidden layers
OUTPUTS = ("linear", "softplus")  # of the decoder
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
class Stored:
    """What a decoder is made of.

    Attributes:
        layers: Kernel (n_in, n_out) and bias (n_out,) of each layer of the decoder.
        activation: Name of the function between them, of `ACTIVATIONS`.
        output: Name of the function after them, of `OUTPUTS`.
        scaling: Units of the network.
        conventions: Order, sign and unit of its latents.
    """

    layers: list[tuple[np.ndarray, np.ndarray]]
    activation: str
    output: str
    scaling: Scaling
    conventions: Conventions


def read_stored(weights: Path, description: Path) -> Stored:
    """Read what the decoder of a trained model is made of.

    Args:
        weights: The safetensors file.
        description: The `model.json` beside it.

    Raises:
        InputError: If a file is missing, unreadable, or does not fit the other.
    """
    content = read_description(description)
    shape, arrays = content["architecture"], read_arrays(weights)
    widths = [shape["n_latents"], *reversed(shape["hidden"]), shape["n_omega"]]

    def array(name: str, expected: tuple[int, ...]) -> np.ndarray:
        found = arrays[name].shape if name in arrays else None
        if found != expected:
            raise InputError(weights, name, found, f"an array of shape {expected}")
        return arrays[name]

    layers = []
    for index, (n_in, n_out) in enumerate(pairwise(widths)):
        bias = array(f"decoder.layers.{index}.bias", (n_out,))
        layers.append((array(f"decoder.layers.{index}.kernel", (n_in, n_out)), bias))
    return Stored(
        layers=layers,
        activation=shape["activation"],
        output=shape["output"],
        scaling=Scaling.from_json(content, np.array(content["omega"])),
        conventions=Conventions.from_json(content),
    )


def read_description(path: Path) -> dict[str, Any]:
    """Read and check `model.json`.

    Raises:
        InputError: If it is missing, unreadable, or at odds with itself.
    """
    content = read_result(path, {"architecture": dict, "settings": dict})
    for key, kind in DESCRIPTION.items():
        value: Any = content
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if not isinstance(value, kind) or isinstance(value, bool):
            names = " or ".join(each.__name__ for each in kind)
            raise InputError(path, key, value, f"of type {names}")
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
            allowed = f"{number}, as architecture.n_omega and channels say"
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
