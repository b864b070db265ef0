"""A trained model as it is stored: `weights.safetensors`, and `model.json` for everything else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flax import nnx

from kondoflow.autoencoder.conventions import Conventions
from kondoflow.autoencoder.model import Architecture, Autoencoder, structure
from kondoflow.autoencoder.parameters import read_weights
from kondoflow.autoencoder.scaling import Scaling
from kondoflow.autoencoder.stored import read_description


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
    """Read a trained model; arguments and errors are those of `stored.read_stored`."""
    content = read_description(description)
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
