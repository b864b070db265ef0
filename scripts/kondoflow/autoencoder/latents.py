"""What the encoding of a set of spectra writes: `latents.nc`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.autoencoder.encoding import STEPS, encode, on_grid_of, traverse
from kondoflow.autoencoder.storage import Model
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import channel_spectra
from kondoflow.files.splits import split_mask

RELEVANCE = {  # what latents are sorted by, by whether the network is variational
    True: "KL divergence in nats, training mean",
    False: "rise of the squared error when the latent is held at its training mean, as a share of "
    "the training spectra's variance",
}


def encode_dataset(model: Model, dataset: xr.Dataset, source: Path) -> xr.Dataset:
    """Content of `latents.nc`: the latents of a set of spectra and how well they are decoded.

    Args:
        model: The trained model.
        dataset: The set of spectra.
        source: Its file, named in errors.

    Raises:
        InputError: If the grid does not cover that of the model or there is no test spectrum.
    """
    given, test = channel_spectra(dataset, model.channel), split_mask(dataset, "test")
    if not test.any():
        raise InputError(source, "test samples in split", 0, "at least 1")
    omega = dataset["omega"].to_numpy()
    values = on_grid_of(model, given, omega, source).astype(np.float32)
    encoding = encode(model, values)
    difference = (encoding.reconstruction - values).astype(np.float64)
    points = tuple(range(1, difference.ndim))
    squared, absolute = (difference**2).sum(axis=points), np.abs(difference).mean(axis=points)
    examples = best_median_worst(squared, test)
    content = {
        "mean": encoding.mean,
        "log_variance": encoding.log_variance,
        "kl": model.conventions.kl,
        "active": model.conventions.active,
        "reconstruction_error": squared,
        "absolute_error": absolute,
        "split": dataset["split"].to_numpy(),
        "omega": model.omega,
        "step": STEPS,
        "traversal": traverse(model),
        "example": examples,
        "example_input": values[examples],
        "example_reconstruction": encoding.reconstruction[examples],
    }
    attributes = {
        "title": "Latents",
        "source": "variational autoencoder" if model.variational else "plain autoencoder",
        "references": "arXiv:2107.08013",
        "relevance": model.conventions.relevance,
        "relevance_comment": RELEVANCE[model.variational],
        "active_above": model.active_above,
        "network_latent": model.conventions.order,
    }
    channels = {"channel": np.array(model.channels)} if model.channels else {}
    return assemble(content, LATENTS, attributes, channels)


def best_median_worst(error: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the test samples with the lowest, the median and the highest error, (3,)."""
    samples = np.flatnonzero(test)
    ranked = samples[np.argsort(error[samples], kind="stable")]
    return ranked[[0, len(ranked) // 2, -1]]
