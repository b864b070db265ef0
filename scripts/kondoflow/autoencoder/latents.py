"""Sets of spectra and their latents as files: `latents.nc`, and what is decoded from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.autoencoder.contract import DECODED, LATENTS
from kondoflow.autoencoder.deciding import BATCH
from kondoflow.autoencoder.encoding import (
    Encoding,
    decode,
    encode,
    on_grid_of,
)
from kondoflow.autoencoder.storage import Model
from kondoflow.autoencoder.traversals import STEPS, points_along
from kondoflow.files.contract import assemble, check
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import channel_spectra
from kondoflow.files.splits import split_mask

PORTION = BATCH  # samples that are encoded together, so that memory does not grow with the set
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

    Returns:
        Variables over (sample,), (sample, latent) and others, see `contract.LATENTS`.

    Raises:
        InputError: If the grid does not cover that of the model or there is no test spectrum.
    """
    test = split_mask(dataset, "test")
    if not test.any():
        raise InputError(source, "test samples in split", 0, "at least 1")
    content = _encoded(model, dataset, source)
    examples = best_median_worst(content["reconstruction_error"], test)
    shown = [_example(model, dataset, source, k) for k in examples]
    inputs, reconstructions = zip(*shown, strict=True)
    train = split_mask(dataset, "train")
    known = content["mean"][train if train.any() else slice(None)]
    along = points_along(known, model.conventions.active)
    content |= {
        "split": dataset["split"].to_numpy(),
        "step": STEPS,
        "traversal_latents": along,
        "traversal": decode(model, along),
        "example": examples,
        "example_input": np.stack(inputs),
        "example_reconstruction": np.stack(reconstructions),
    }
    encoded = assemble(content, LATENTS, _attributes(model), _channels(model))
    encoded["omega"].attrs |= dataset["omega"].attrs
    return encoded


def encode_any(model: Model, dataset: xr.Dataset, source: Path) -> xr.Dataset:
    """What `latents.nc` holds of each spectrum by itself, without a split or other spectra.

    Args:
        model: The trained model.
        dataset: Spectra, (sample, omega) or (sample, channel, omega).
        source: Their file, named in errors.

    Returns:
        Variables over (sample,) and (sample, latent), some of those of `contract.LATENTS`.

    Raises:
        InputError: If the grid does not cover that of the model.
    """
    encoded = assemble(_encoded(model, dataset, source), LATENTS, _attributes(model))
    encoded["omega"].attrs |= dataset["omega"].attrs
    return encoded


def decode_dataset(model: Model, latents: xr.Dataset, source: Path) -> xr.Dataset:
    """A set of spectra (sample, omega), decoded from latents `mean` (sample, latent).

    Raises:
        InputError: If the latents are missing or do not fit the model; names `source`.
    """
    check(latents, {"mean": LATENTS["mean"]}, source)
    z, n_latents = latents["mean"].to_numpy(), len(model.conventions.order)
    if z.shape[1] != n_latents:
        raise InputError(source, "number of latents", z.shape[1], f"{n_latents}, as in the model")
    if not np.isfinite(z).all():
        raise InputError(source, "mean", "NaN or infinity", "finite everywhere")
    values = {"spectral_function": decode(model, z), "omega": model.omega}
    attributes = {"title": "Decoded spectra", "channel": str(model.channel)}
    return assemble(values, DECODED, attributes, _channels(model))


def channel_on_grid(model: Model, dataset: xr.Dataset, source: Path) -> np.ndarray:
    """The spectra of a set that the model takes, (sample, ..., omega), float32, on its grid."""
    omega = dataset["omega"].to_numpy()
    given = channel_spectra(dataset, model.channel)
    return on_grid_of(model, given, omega, source).astype(np.float32)


def _encoded(model: Model, dataset: xr.Dataset, source: Path) -> dict[str, np.ndarray]:
    """Latents and errors of a set of spectra by the data contract, found portion by portion."""
    portions = [
        _of_portion(*_portion(model, dataset, source, first))
        for first in range(0, dataset.sizes["sample"], PORTION)
    ]
    return {
        **{name: np.concatenate([each[name] for each in portions]) for name in portions[0]},
        "kl": model.conventions.kl,
        "active": model.conventions.active,
        "omega": model.omega,
    }


def _portion(
    model: Model, dataset: xr.Dataset, source: Path, first: int
) -> tuple[np.ndarray, Encoding]:
    """The spectra from a sample on, (sample, ..., omega), and their encoding."""
    chosen = dataset.isel(sample=slice(first, first + PORTION))
    values = channel_on_grid(model, chosen, source)
    return values, encode(model, values)


def _of_portion(values: np.ndarray, encoding: Encoding) -> dict[str, np.ndarray]:
    """Latents and errors of spectra (sample, ..., omega)."""
    difference = (encoding.reconstruction - values).astype(np.float64)
    points = tuple(range(1, difference.ndim))
    return {
        "mean": encoding.mean,
        "log_variance": encoding.log_variance,
        "reconstruction_error": (difference**2).sum(axis=points),
        "absolute_error": np.abs(difference).mean(axis=points),
    }


def _example(
    model: Model, dataset: xr.Dataset, source: Path, sample: int
) -> tuple[np.ndarray, np.ndarray]:
    """A sample's spectrum and its reconstruction, (..., omega) both.

    The portion is encoded again: a batch of another size would round differently.
    """
    first = sample - sample % PORTION
    values, encoding = _portion(model, dataset, source, first)
    return values[sample - first], encoding.reconstruction[sample - first]


def _channels(model: Model) -> dict[str, np.ndarray]:
    """Labels of a model's channels, if it has several."""
    return {"channel": np.array(model.channels)} if model.channels else {}


def _attributes(model: Model) -> dict[str, Any]:
    """How the latents were made of the network's own, and what they are sorted by."""
    return {
        "title": "Latents",
        "source": "variational autoencoder" if model.variational else "plain autoencoder",
        "references": "arXiv:2107.08013",
        "relevance": model.conventions.relevance,
        "relevance_comment": RELEVANCE[model.variational],
        "active_above": model.active_above,
        "network_latent": model.conventions.order,
        "factor": model.conventions.factor,
        "shift": model.conventions.shift,
        "factor_comment": "latent of the network = factor * latent + shift",
    }


def best_median_worst(error: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the test samples with the lowest, the median and the highest error, (3,).

    Args:
        error: Error of each sample, (sample,).
        test: Whether a sample is a test sample, (sample,).
    """
    samples = np.flatnonzero(test)
    ranked = samples[np.argsort(error[samples], kind="stable")]
    return ranked[[0, len(ranked) // 2, -1]]
