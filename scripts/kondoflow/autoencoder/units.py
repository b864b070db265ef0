"""The units in which a network sees the training spectra, see `autoencoder.preparation`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from kondoflow.autoencoder.scaling import Scaling, widths_of
from kondoflow.files.errors import InputError

LARGE = 0.999  # quantile that tells the size of spectra
# Spectra come near 0 if the quantile SMALL is below the share NEAR_ZERO of their size.
SMALL, NEAR_ZERO = 0.01, 0.1


class Moments(NamedTuple):
    """Weighted moments of the training spectra at each point.

    Attributes:
        mean: (n,).
        variance: Mean of the weighted squared distance from it, (n,).
    """

    mean: np.ndarray
    variance: np.ndarray


def moments(values: np.ndarray, weights: np.ndarray) -> Moments:
    """Moments of values (sample, n) with weights (sample, n), or (1, n) for all samples."""
    full = np.broadcast_to(weights, values.shape)
    total = full.sum(axis=0)
    mean = np.where(total > 0, (full * values).sum(axis=0) / np.where(total > 0, total, 1), 0.0)
    return Moments(mean, (full * (values - mean) ** 2).mean(axis=0))


def output_of(train: np.ndarray, settings: Mapping[str, Any]) -> str:
    """Function of the decoder's output: that of the settings, chosen by the data for `auto`.

    Args:
        train: Training spectra, (sample, n).
        settings: Settings of the run.

    Raises:
        InputError: If `softplus` is asked for and can't give the spectra.
    """
    plain = settings["transform"] == "none" and settings["scaling"] == "common"
    if settings["output"] == "auto":
        near = np.quantile(train, SMALL) < NEAR_ZERO * typical_size(train)
        return "softplus" if plain and train.min() >= 0 and near else "linear"
    if settings["output"] == "softplus" and not plain:
        allowed = "linear or auto with a transform or with scaling by point"
        raise InputError("autoencoder", "output", "softplus", allowed)
    if settings["output"] == "softplus" and train.min() < 0:
        allowed = "linear or auto for spectra with negative values"
        raise InputError("autoencoder", "output", "softplus", allowed)
    return str(settings["output"])


def transform_of(train: np.ndarray, settings: Mapping[str, Any], omega: np.ndarray) -> Scaling:
    """Size and transform of a run, with offset 0 and scale 1.

    Args:
        train: Training spectra, (sample, n).
        settings: Settings of the run.
        omega: Frequencies, (omega,).
    """
    n = train.shape[1]
    plain = Scaling(np.zeros(n), 1.0, normalise=settings["normalise"], widths=widths_of(omega, n))
    size = float(np.median(plain.sizes(train)))
    unit = 1.0
    if settings["transform"] != "none":
        magnitude = np.abs(train[train != 0].astype(np.float64))
        unit = float(np.median(magnitude)) if magnitude.size else 1.0
    return replace(plain, transform=settings["transform"], unit=unit, size=size)


def with_units(
    transform: Scaling,
    train: np.ndarray,
    spread: Moments,
    settings: Mapping[str, Any],
    output: str,
) -> Scaling:
    """Add offset and scale.

    Args:
        transform: Size and transform.
        train: Training spectra, (sample, n).
        spread: Moments of the transformed training spectra.
        settings: Settings of the run.
        output: Function of the decoder's output.
    """
    zero = np.zeros(train.shape[1])
    if settings["loss"] == "sum":
        return replace(transform, offset=zero, scale=power_of_two(typical_size(train)))
    if output == "softplus":
        return replace(transform, offset=zero, scale=typical_size(train))
    offset = spread.mean if settings["centring"] else zero
    if settings["scaling"] == "point":
        deviation = np.sqrt(spread.variance)
        return replace(transform, offset=offset, scale=np.where(deviation > 0, deviation, 1.0))
    return replace(transform, offset=offset, scale=float(np.sqrt(spread.variance.mean())))


def typical_size(train: np.ndarray) -> float:
    """The 99.9th percentile of the absolute values that are not 0, of any shape; 1 if all are 0."""
    magnitude = np.abs(train[train != 0].astype(np.float64))
    return float(np.quantile(magnitude, LARGE)) if magnitude.size else 1.0


def power_of_two(size: float) -> float:
    """The power of two nearest to a size: 1 for spectra of order one, as pi Gamma A is."""
    return float(np.exp2(np.round(np.log2(size))))
