"""Weights of the points of spectra in the loss, from their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from kondoflow.autoencoder.scaling import Scaling
from kondoflow.files.channels import chosen_parts
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import (
    channel_labels,
    channel_positions,
    chosen_channels,
    flat,
    is_mean,
)


def rows(weights: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Weights (sample, point) of the samples in a mask, or the one row (1, point) valid for all."""
    return weights if len(weights) == 1 else weights[mask]


def point_weights(
    dataset: xr.Dataset,
    channel: str | Sequence[str],
    spectra: np.ndarray,
    transform: Scaling,
    train: np.ndarray,
    source: Path,
) -> np.ndarray:
    """Weights w of all points, (sample, n), or (1, n) if they are those of all samples.

    An uncertainty of a spectrum becomes that of the transformed spectrum by its slope.

    Args:
        dataset: A set of spectra; `uncertainty` has the dimensions of `spectral_function`, or lacks
            `sample`, or has `omega` alone.
        channel: Channels of the network's input, see `files.spectra.channel_spectra`.
        spectra: The input, (sample, n).
        transform: Size and transform of the input.
        train: Mask of the training spectra, (sample,).
        source: File of the set, named in errors.

    Raises:
        InputError: If an uncertainty is not above 0, its dimensions are others, or the input is
            parts of spectra.
    """
    if "uncertainty" not in dataset.variables:
        return np.ones((1, spectra.shape[1]))
    if chosen_parts(channel, channel_labels(dataset)):
        allowed = (
            "channels themselves for spectra with an uncertainty, which their parts do not have"
        )
        raise InputError("autoencoder", "channel", channel, allowed)
    given = _of_channel(dataset, channel, source)
    plain = transform.transform == "none" and transform.normalise == "none"
    if not plain:
        given = given * transform.slopes(spectra)
    precision = given**-2.0
    return precision / rows(precision, train).mean()


def _of_channel(dataset: xr.Dataset, channel: str | Sequence[str], source: Path) -> np.ndarray:
    """Uncertainties of the input, (sample, n) or (1, n)."""
    given: xr.DataArray = dataset["uncertainty"]
    full = dataset["spectral_function"].dims
    if given.dims not in (full, full[1:], ("omega",)):
        allowed = f"{full} or {full[1:]}"
        raise InputError(source, "dimensions of uncertainty", given.dims, allowed)
    if not (given > 0).all():
        raise InputError(source, "uncertainty", float(given.min()), "above 0 everywhere")
    positions, dim = channel_positions(dataset, channel), str(full[1])
    if given.dims == ("omega",):
        values = np.tile(given.to_numpy(), max(1, len(chosen_channels(dataset, channel))))
        return np.atleast_2d(values.astype(np.float64))
    if positions:
        given = given.isel({dim: positions})
        if is_mean(channel):
            given = (given**2).sum(dim) ** 0.5 / given.sizes[dim]
    values = given.to_numpy().astype(np.float64)
    return flat(values) if "sample" in given.dims else values.reshape(1, -1)
