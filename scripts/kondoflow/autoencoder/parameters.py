"""The weights of a network as named arrays, in memory and on disk (`autoencoder.arrays`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from kondoflow.autoencoder.arrays import packed, read_arrays
from kondoflow.files.atomic import replacing
from kondoflow.files.errors import InputError


def _name(path: tuple[Any, ...]) -> str:
    attributes = ("key", "name", "idx")  # of the kinds of node in a pytree's path
    keys = [getattr(entry, name) for entry in path for name in attributes if hasattr(entry, name)]
    return ".".join(str(key) for key in keys if key != "value")


def named(tree: Any) -> dict[str, np.ndarray]:
    """The arrays of a tree of parameters, of any shapes, by their paths."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {_name(path): np.asarray(leaf) for path, leaf in leaves}


def fill(template: Any, arrays: Mapping[str, np.ndarray], source: Path) -> Any:
    """The template with its arrays replaced by those of the same names.

    Raises:
        InputError: If an array is missing or has another shape; names `source`.
    """
    leaves, structure = jax.tree_util.tree_flatten_with_path(template)
    filled = []
    for path, leaf in leaves:
        name = _name(path)
        if name not in arrays or arrays[name].shape != leaf.shape:
            found = arrays[name].shape if name in arrays else None
            raise InputError(source, name, found, f"an array of shape {leaf.shape}")
        filled.append(jax.numpy.asarray(arrays[name], dtype=leaf.dtype))
    return jax.tree_util.tree_unflatten(structure, filled)


def write_weights(path: Path, weights: Any) -> None:
    """Write the weights of a network.

    Raises:
        InputError: If one is not finite.
    """
    arrays = named(weights)
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            allowed = "finite (try a lower learning_rate)"
            raise InputError("training", name, "NaN or infinity", allowed)
    with replacing(path) as temporary:
        temporary.write_bytes(packed(arrays))


def read_weights(path: Path, template: Any) -> Any:
    """Read the weights of a network.

    Args:
        path: The file.
        template: Weights with the same structure.

    Raises:
        InputError: If the file can't be used or does not fit.
    """
    return fill(template, read_arrays(path), path)
