"""A trained network on disk: weights as safetensors, everything else about it as JSON.

`weights.safetensors` holds float32 arrays by name (`encoder.layers.0.kernel`, shape (in, out));
`model.json` holds the architecture, the settings, the scale by which spectra are divided, the
frequencies, the restarts and where they were trained. No code is stored and none is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from autoencoder.network import ACTIVATIONS, Architecture, Autoencoder, network_of
from datafiles.atomic import read_json, replacing, write_json
from datafiles.errors import InputError

FORMAT = 1  # of model.json
WEIGHTS, DESCRIPTION = "weights.safetensors", "model.json"
KEYS = {  # key of model.json: type
    "format": int,
    "n_omega": int,
    "hidden": list,
    "activation": str,
    "n_latents": int,
    "variational": bool,
    "channel": str,
    "scale": float,
    "omega": list,
}


@dataclass(frozen=True)
class Model:
    """A trained network with what is needed to use it.

    Args:
        network: Encoder and decoder of scaled spectra.
        variational: Whether codes are sampled.
        channel: Spectrum it was trained on: "up", "down" or "mean".
        scale: What spectra are divided by.
        omega: Frequencies, (omega,), float64.
        description: All of model.json.
    """

    network: Autoencoder
    variational: bool
    channel: str
    scale: float
    omega: np.ndarray
    description: Mapping[str, Any]


def write_model(
    weights_path: Path,
    description_path: Path,
    weights: Mapping[str, np.ndarray],
    architecture: Architecture,
    details: Mapping[str, Any],
) -> None:
    """Write a model.

    Args:
        weights_path: Where the weights go.
        description_path: Where the description goes.
        weights: Arrays by name.
        architecture: Of the network.
        details: The keys of `KEYS` that the architecture lacks, and any more (JSON values).
    """
    description = {
        "format": FORMAT,
        "n_omega": architecture.n_omega,
        "hidden": list(architecture.hidden),
        "activation": architecture.activation,
        "n_latents": architecture.n_latents,
        **details,
    }
    with replacing(weights_path) as temporary:
        save_file(dict(weights), temporary)
    write_json(description_path, description)


def read_model(folder: Path) -> Model:
    """Read a model from the folder of a run, see `load_model`."""
    return load_model(folder / WEIGHTS, folder / DESCRIPTION)


def load_model(weights_path: Path, description_path: Path) -> Model:
    """Read a model and check that weights and description belong together.

    Raises:
        InputError: If a file is missing or unreadable, or names, shapes or values don't fit.
    """
    description = _read_description(description_path)
    architecture = Architecture(
        description["n_omega"],
        tuple(description["hidden"]),
        description["activation"],
        description["n_latents"],
    )
    weights = _read_weights(weights_path)
    _check_weights(weights_path, weights, architecture)
    return Model(
        network=network_of(architecture, weights),
        variational=description["variational"],
        channel=description["channel"],
        scale=description["scale"],
        omega=np.array(description["omega"], dtype=np.float64),
        description=description,
    )


def _read_description(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(path, "file", None, "an existing description of a model (JSON)")
    content = read_json(path)
    if not isinstance(content, dict):
        raise InputError(path, "content", type(content).__name__, "a JSON object")
    for key, kind in KEYS.items():
        if type(content.get(key)) is not kind:
            raise InputError(path, key, content.get(key), f"of type {kind.__name__}")
    if content["format"] != FORMAT:
        raise InputError(path, "format", content["format"], f"{FORMAT}")
    if content["activation"] not in ACTIVATIONS:
        allowed = f"one of {', '.join(ACTIVATIONS)}"
        raise InputError(path, "activation", content["activation"], allowed)
    if not content["scale"] > 0:
        raise InputError(path, "scale", content["scale"], "above 0")
    if len(content["omega"]) != content["n_omega"]:
        allowed = f"{content['n_omega']}, as n_omega"
        raise InputError(path, "number of omega", len(content["omega"]), allowed)
    return content


def _read_weights(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise InputError(path, "file", None, "an existing safetensors file")
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(path, "content", str(error), "a readable safetensors file") from error


def _check_weights(
    path: Path, weights: Mapping[str, np.ndarray], architecture: Architecture
) -> None:
    wanted = shapes_of(architecture)
    if set(weights) != set(wanted):
        odd = sorted(set(weights) ^ set(wanted))
        raise InputError(path, "arrays", odd, "those of the described network, no more, no fewer")
    for name, shape in wanted.items():
        if weights[name].shape != shape:
            raise InputError(path, f"shape of {name}", weights[name].shape, f"{shape}")
        if not np.isfinite(weights[name]).all():
            raise InputError(path, name, "NaN or infinity", "finite everywhere")


def shapes_of(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Shape of each array of a network, by name."""
    into = (architecture.n_omega, *architecture.hidden, 2 * architecture.n_latents)
    out = (architecture.n_latents, *reversed(architecture.hidden), architecture.n_omega)
    shapes: dict[str, tuple[int, ...]] = {}
    for half, widths in (("encoder", into), ("decoder", out)):
        for index, (n_in, n_out) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
            shapes[f"{half}.layers.{index}.kernel"] = (n_in, n_out)
            shapes[f"{half}.layers.{index}.bias"] = (n_out,)
    return shapes
