r"""References against each other: which describes the target best, and which are excluded.

A reference has no constants to fit, so that the likelihoods of references can be compared
directly. Let d_i be the difference between target and reference (after the best map of the
target's objective, fitted on training samples) on samples that took no part in that fit. It is
taken as normal with a standard deviation that may grow with the value y,

.. math:: \sigma_i^2 = a^2 (1 + \rho^2 y_i^2),

because measured quantities have an absolute and a relative error: with rho = 0 errors count in
the target's unit, with a large one they count relative to the value, so that a target which spans
decades cannot hide a wrong law at its small values. For each reference a and rho are those of
highest likelihood; a is found in closed form, rho on a grid (rho = 0 for targets known up to a
monotone map, which have no scale). With L the log-likelihood and n the number of samples,

.. math:: F = \exp\bigl(2 (L_\mathrm{best} - L) / n\bigr)

is the factor by which the typical squared error of a reference exceeds that of the best; with
rho = 0 it is the ratio of the mean squared errors. Its uncertainty comes from resampling the
samples in pairs (Efron 1979). A reference is excluded if F exceeds `Rule.separate` in 97.5 % of the
resamples, else the data cannot separate it from the best.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.limits import Rule
from kondoflow.discovery.monotone import MIN_SAMPLES

RESAMPLES = 400
ROUNDING = 1e-7  # smallest error, relative to the target's spread, that is not rounding
RATIOS = 25  # grid points of rho


@dataclass(frozen=True)
class Rival:
    """One reference against the best.

    Attributes:
        factor: F of the module.
        interval: Its 95 % interval over resamples.
        excluded: Whether the data separate it from the best.
    """

    factor: float
    interval: tuple[float, float]
    excluded: bool


def log_likelihoods(errors: np.ndarray, y: np.ndarray, *, has_scale: bool) -> np.ndarray:
    """Log-likelihood of errors, highest over a and rho, without its constant.

    Args:
        errors: (..., n).
        y: The target's values, (..., n).
        has_scale: Whether an error may be relative to the value.

    Returns:
        Shape (...).
    """
    spread = float(np.std(y)) or 1.0
    n = errors.shape[-1]
    size = float(np.median(np.abs(y))) or spread
    steps = np.geomspace(1e-3 / size, 1e9 / size, RATIOS) if has_scale else np.empty(0)
    best = np.full(errors.shape[:-1], -np.inf)
    for ratio in [0.0, *steps]:
        growth = 1.0 + (ratio * y) ** 2
        squared = np.mean(errors**2 / growth, axis=-1)
        smallest = (ROUNDING * spread) ** 2 / (1.0 + (ratio * size) ** 2)
        a2 = np.maximum(squared, smallest)
        value = -0.5 * (n * np.log(a2) + n * squared / a2 + np.log(growth).sum(axis=-1))
        best = np.maximum(best, value)
    return best


def compare_rivals(
    errors: Mapping[str, np.ndarray], y: np.ndarray, seed: int, *, has_scale: bool
) -> dict[str, Rival]:
    """Compare references on the same samples.

    Args:
        errors: Difference between target and reference by name, each (n,); a reference that is
            not finite on some sample is worse than any other.
        y: The target, (n,).
        seed: Seed of the resamples.
        has_scale: Whether the target has a scale (is known up to an affine map at most).

    Returns:
        By name, the best first; empty with too few samples.
    """
    if y.size < MIN_SAMPLES or not errors:
        return {}
    usable = {name: values for name, values in errors.items() if np.isfinite(values).all()}
    if not usable:
        return {}
    names = list(usable)
    table = np.stack([usable[name] for name in names])
    found = log_likelihoods(table, np.broadcast_to(y, table.shape), has_scale=has_scale)
    best = int(np.argmax(found))
    draws = np.random.default_rng(seed).integers(y.size, size=(RESAMPLES, y.size))
    drawn = np.stack([log_likelihoods(row[draws], y[draws], has_scale=has_scale) for row in table])
    gaps = 2.0 * (drawn[best] - drawn) / y.size
    rivals = {}
    for index in np.argsort(-found, kind="stable"):
        low, high = np.exp(np.clip(np.quantile(gaps[index], [0.025, 0.975]), -700, 700))
        factor = float(np.exp(min(700.0, 2.0 * (found[best] - found[index]) / y.size)))
        excluded = bool(low > Rule.separate)
        rivals[names[index]] = Rival(factor, (float(low), float(high)), excluded)
    hopeless = Rival(float("inf"), (float("inf"), float("inf")), True)
    return rivals | {name: hopeless for name in errors if name not in usable}
