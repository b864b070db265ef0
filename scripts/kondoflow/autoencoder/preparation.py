r"""From a set of spectra and the settings of a run to a training.

The network sees a spectrum A as x = (A - offset)/scale, and each point omega has a weight p in the
loss (`autoencoder.loss`). With the mean m over the training spectra and their total deviation s,

.. math::
    s^2 = \frac1n \sum_\omega w(\omega) \langle (A(\omega) - m(\omega))^2 \rangle,

over the n points, the loss `relative` has p = w scale^2 / (n s^2), so that the mean spectrum alone
has an error of 1. A weight of the KL term then means the same in any unit and on any grid. w is 1,
or, where the file holds an `uncertainty`, its inverse square, divided by the mean over points and
training spectra. The loss `sum` is that of arXiv:2107.08013, the plain sum over points of spectra
of order one: p = 1.

Offset and scale follow from the output of the decoder:

- `softplus`, for spectra that are positive and come near 0: offset 0, and the scale is the 99.9th
  percentile (for the loss `sum` the power of two nearest to it).
- `linear`, for all others: offset m and scale s (for the loss `sum` as above).

A few spectra that are much farther from the median spectrum than most take no part in the training,
and `model.json` names them. A single defect would otherwise set the unit for all others and
dominate the loss. If they are not few, they belong to the data and are kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import xarray as xr

from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.model import Architecture
from kondoflow.autoencoder.scaling import Scaling
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import PARTS, Trainer
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import channel_spectra
from kondoflow.files.splits import split_mask

logger = logging.getLogger("kondoflow")

LARGE = 0.999  # quantile that tells the size of spectra
FAR = 30.0  # times the median distance from the median spectrum
FEW = 0.01  # share of the spectra


class Prepared(NamedTuple):
    """What a training begins with.

    Attributes:
        trainer: The training.
        scaling: Units of its network.
        left_out: Samples of training and validation that are far from all others, ascending.
    """

    trainer: Trainer
    scaling: Scaling
    left_out: list[int]


def prepare(dataset: xr.Dataset, settings: Mapping[str, Any], source: Path) -> Prepared:
    """The training of a run's settings.

    Raises:
        InputError: If a part of the data is empty, the training spectra do not differ, or an
            uncertainty is not usable; names `source`.
    """
    values = channel_spectra(dataset, settings["channel"])
    masks = [split_mask(dataset, part) for part in PARTS]
    for part, mask in zip(PARTS, masks, strict=True):
        if not mask.any():
            raise InputError(source, f"{part} samples in split", 0, "at least 1")
    far = far_from_others(values, masks[0] | masks[1])
    left_out = np.flatnonzero(far).tolist()
    if left_out:
        logger.warning("samples %s are far from all others and are not trained on", left_out)
    masks = [mask & ~far for mask in masks]
    train = values[masks[0]]
    weights = point_weights(dataset, settings["channel"], masks[0], source)
    scaling = deviation(train, _rows(weights, masks[0]), source)
    variance = scaling.scale**2
    if settings["loss"] == "sum" or settings["output"] == "softplus":
        size = typical_size(train, source)
        scale = power_of_two(size) if settings["loss"] == "sum" else size
        scaling = Scaling(np.zeros(values.shape[1]), scale)
    weights = weights * (scaling.scale**2 / (values.shape[1] * variance))
    if settings["loss"] == "sum":
        weights = np.ones((1, values.shape[1]))
    architecture = Architecture(
        values.shape[1],
        tuple(settings["hidden"]),
        settings["n_latents"],
        settings["activation"],
        settings["output"],
    )
    parts = [
        Spectra(
            jnp.asarray(scaling.to_network(values[mask])),
            jnp.asarray(_rows(weights, mask), jnp.float32),
        )
        for mask in masks
    ]
    batch_size = min(settings["batch_size"], len(train))
    trainer = Trainer(architecture, Schedule.from_settings(settings), batch_size, *parts)
    return Prepared(trainer, scaling, left_out)


def _rows(weights: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Weights of some samples, or the one row that is valid for all."""
    return weights if len(weights) == 1 else weights[mask]


def typical_size(train: np.ndarray, source: Path) -> float:
    """The 99.9th percentile of the absolute values of spectra (sample, omega).

    Raises:
        InputError: If the spectra are zero almost everywhere.
    """
    size = float(np.quantile(np.abs(train).astype(np.float64), LARGE))
    if size == 0:
        raise InputError(source, "spectral_function", size, "above 0 in the training spectra")
    return size


def power_of_two(size: float) -> float:
    """The power of two nearest to a size: 1 for spectra of order one, as pi Gamma A is."""
    return float(np.exp2(np.round(np.log2(size))))


def deviation(train: np.ndarray, weights: np.ndarray, source: Path) -> Scaling:
    """Mean and total deviation of the training spectra.

    Args:
        train: Training spectra, (sample, omega).
        weights: Weights w of their points, (sample, omega) or (1, omega).
        source: File of the spectra, named in errors.

    Raises:
        InputError: If all are the same.
    """
    values = train.astype(np.float64)
    full = np.broadcast_to(weights, values.shape)
    total = full.sum(axis=0)
    mean = np.where(total > 0, (full * values).sum(axis=0) / np.where(total > 0, total, 1), 0.0)
    scale = float(np.sqrt((full * (values - mean) ** 2).mean()))
    if not scale > 0:
        allowed = "spectra that differ from each other"
        raise InputError(source, "spectral_function", "the same in all training samples", allowed)
    return Scaling(mean, scale)


def far_from_others(spectra: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which spectra are much farther from the median than most, if they are few, (sample,).

    Args:
        spectra: Spectra, (sample, omega).
        among: Mask of those that are judged, (sample,).
    """
    judged = spectra[among].astype(np.float64)
    distances = np.sqrt(((judged - np.median(judged, axis=0)) ** 2).mean(axis=1))
    far = np.zeros(len(spectra), bool)
    far[among] = distances > FAR * np.median(distances)
    return far if far.sum() <= max(1, FEW * len(judged)) else np.zeros(len(spectra), bool)


def point_weights(dataset: xr.Dataset, channel: str, train: np.ndarray, source: Path) -> np.ndarray:
    """Weights w of all points, (sample, omega), or (1, omega) if they are those of all samples.

    Args:
        dataset: A set of spectra; `uncertainty` has the dimensions of `spectral_function`, or lacks
            `sample`.
        channel: Channel of the network's input, see `files.spectra.channel_spectra`.
        train: Mask of the training spectra, (sample,).
        source: File of the set, named in errors.

    Raises:
        InputError: If an uncertainty is not above 0, or its dimensions are others.
    """
    if "uncertainty" not in dataset.variables:
        return np.ones((1, dataset.sizes["omega"]))
    given: xr.DataArray = dataset["uncertainty"]
    full = dataset["spectral_function"].dims
    if given.dims not in (full, full[1:], ("omega",)):
        allowed = f"{full} or {full[1:]}"
        raise InputError(source, "dimensions of uncertainty", given.dims, allowed)
    if not (given > 0).all():
        raise InputError(source, "uncertainty", float(given.min()), "above 0 everywhere")
    if "spin" in given.dims:
        of_mean = (given**2).sum("spin") ** 0.5 / given.sizes["spin"]
        given = of_mean if channel == "mean" else given.sel(spin=channel)
    precision = np.atleast_2d(given.to_numpy().astype(np.float64)) ** -2
    return precision / _rows(precision, train).mean()
