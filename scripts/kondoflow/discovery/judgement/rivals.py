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

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.monotone import MIN_SAMPLES

RESAMPLES = 400
PORTION = 50  # resamples that are held in memory at once
ROUNDING = 1e-7  # smallest error, relative to the target's spread, that is not rounding
RATIOS = 25  # grid points of rho

Widths = tuple[float, float]


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


def log_likelihoods(
    errors: np.ndarray, y: np.ndarray, counts: np.ndarray, widths: Widths, *, has_scale: bool
) -> np.ndarray:
    """Log-likelihoods of errors on resamples, highest over a and rho, without their constant.

    A resample enters by how often it holds each sample, so that its means are products of matrices.

    Args:
        errors: (reference, n).
        y: The target's values, (n,).
        counts: (resample, n), each row with the sum n.
        widths: Widths of y.
        has_scale: Whether an error may be relative to the value.

    Returns:
        Shape (resample, reference).
    """
    spread, size = widths
    n = y.size
    steps = np.geomspace(1e-3 / size, 1e9 / size, RATIOS) if has_scale else np.empty(0)
    best = np.full((len(counts), len(errors)), -np.inf)
    for ratio in [0.0, *steps]:
        growth = 1.0 + (ratio * y) ** 2
        squared = counts @ (errors**2 / growth).T / n
        smallest = (ROUNDING * spread) ** 2 / (1.0 + (ratio * size) ** 2)
        a2 = np.maximum(squared, smallest)
        value = -0.5 * (n * np.log(a2) + n * squared / a2 + (counts @ np.log(growth))[:, None])
        best = np.maximum(best, value)
    return best


def widths(y: np.ndarray, counts: np.ndarray) -> Widths:
    """Standard deviation of values y, and median of their magnitudes.

    `counts` says how often each value occurs; both arrays are (n,).

    Values that do not differ have the deviation 1; a median of 0 is replaced by the deviation.
    """
    n = counts.sum()
    spread = float(np.sqrt(counts @ (y - counts @ y / n) ** 2 / n)) or 1.0
    ordered = np.argsort(np.abs(y))
    upto = np.cumsum(counts[ordered])
    middle = np.searchsorted(upto, [(n - 1) // 2, n // 2], side="right")
    return spread, float(np.abs(y[ordered[middle]]).mean()) or spread


def resamples(n: int, seed: int) -> Iterator[np.ndarray]:
    """How often each resample holds each of n samples, in portions (resample, n)."""
    rng = np.random.default_rng(seed)
    for start in range(0, RESAMPLES, PORTION):
        draws = rng.integers(n, size=(min(PORTION, RESAMPLES - start), n))
        yield np.stack([np.bincount(row, minlength=n) for row in draws]).astype(np.float64)


def compare_rivals(
    errors: Mapping[str, np.ndarray], y: np.ndarray, seed: int, *, has_scale: bool
) -> dict[str, Rival]:
    """Compare references on the same samples.

    Args:
        errors: Difference between target and reference by name, each (n,); a reference that is
            not finite on some sample is worse than any other, with an infinite factor.
        y: The target, (n,).
        seed: Seed of the resamples.
        has_scale: Whether the target has a scale (is known up to an affine map at most).

    Returns:
        By name, the best first; empty with too few samples.
    """
    if y.size < MIN_SAMPLES or not errors:
        return {}
    usable = {name: values for name, values in errors.items() if np.isfinite(values).all()}
    hopeless = Rival(float("inf"), (float("inf"), float("inf")), True)
    if not usable:
        return dict.fromkeys(errors, hopeless)
    names = list(usable)
    table = np.stack([usable[name] for name in names])
    once = np.ones((1, y.size))
    found = log_likelihoods(table, y, once, widths(y, once[0]), has_scale=has_scale)[0]
    best = int(np.argmax(found))
    together = widths(y, sum(counts.sum(axis=0) for counts in resamples(y.size, seed)))
    parts = [
        log_likelihoods(table, y, counts, together, has_scale=has_scale)
        for counts in resamples(y.size, seed)
    ]
    drawn = np.concatenate(parts).T
    gaps = 2.0 * (drawn[best] - drawn) / y.size
    rivals = {}
    for index in np.argsort(-found, kind="stable"):
        low, high = np.exp(np.clip(np.quantile(gaps[index], [0.025, 0.975]), -700, 700))
        factor = float(np.exp(min(700.0, 2.0 * (found[best] - found[index]) / y.size)))
        excluded = bool(low > Rule.separate)
        rivals[names[index]] = Rival(factor, (float(low), float(high)), excluded)
    return rivals | {name: hopeless for name in errors if name not in usable}
