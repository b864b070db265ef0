r"""Agreement of two quantities up to a monotone map.

A latent variable is defined only up to a strictly monotone map, so a linear correlation
understates what it knows. The invariant measure is the share of variance explained by the best
monotone function (isotonic regression; Barlow et al. 1972),

.. math:: R^2_{\mathrm{iso}}(x \to y)
    = 1 - \min_{g\ \mathrm{monotone}} \frac{\sum_i (y_i - g(x_i))^2}{\sum_i (y_i - \bar y)^2},

which the pool-adjacent-violators algorithm finds exactly in O(n log n), once for rising and once
for falling g. It depends on x through its order alone, hence is the same for x and any strictly
rising or falling function of x.

On samples that did not take part in the fit, g is continued between two neighbouring x by the
mean of their values and beyond the ends by the end values. This too uses order alone, unlike
linear interpolation in x, so that held-out scores keep the invariance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

HALF = 0.5000001  # of the variance, with room for rounding
MIN_SAMPLES = 10  # with fewer, no correlation, map or residual is reported


@dataclass(frozen=True)
class MonotoneMap:
    """A monotone step function.

    Attributes:
        x: Where it was fitted, (n,), strictly increasing.
        y: Its values there, (n,), monotone.
    """

    x: np.ndarray
    y: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values at x, any shape."""
        last = len(self.x) - 1
        below = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, last)
        above = np.clip(np.searchsorted(self.x, x, side="left"), 0, last)
        return (self.y[below] + self.y[above]) / 2

    def shortened(self) -> MonotoneMap:
        """The same map with only the first and the last point of every constant stretch."""
        step = np.diff(self.y) != 0
        kept = np.r_[True, step] | np.r_[step, True]
        return MonotoneMap(self.x[kept], self.y[kept])


def fit_monotone(x: np.ndarray, y: np.ndarray) -> MonotoneMap:
    """Best monotone function from x to y, rising or falling, whichever explains more.

    Args:
        x: Argument, (n,), finite; equal values share one function value.
        y: Target, (n,), finite.
    """
    groups = _grouped(x, y)
    return MonotoneMap(groups.points, _best(groups, y))


def monotone_values(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values at x of the best monotone function from x to y, (n,): `fit_monotone(x, y)(x)`."""
    groups = _grouped(x, y)
    return _best(groups, y)[groups.of_sample]


class _Groups(NamedTuple):
    """Samples with the same argument, by rising argument."""

    points: np.ndarray  # argument, (group,)
    means: np.ndarray  # of y, (group,)
    weights: np.ndarray  # number of samples, (group,)
    of_sample: np.ndarray  # group of each sample, (n,)


def _grouped(x: np.ndarray, y: np.ndarray) -> _Groups:
    order = np.argsort(x)
    points = x[order]
    if (points[1:] > points[:-1]).all():  # nearly always, and much faster
        of_sample = np.empty_like(order)
        of_sample[order] = np.arange(order.size)
        return _Groups(points, y[order], np.ones(x.size), of_sample)
    points, of_sample, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(of_sample, weights=y) / counts
    return _Groups(points, means, counts.astype(np.float64), of_sample)


def _best(groups: _Groups, y: np.ndarray) -> np.ndarray:
    """Values of the best monotone function, (group,).

    What the best rising function explains of the variance and what the best falling one explains
    are together at most 1, because the rising functions less their mean form a cone and the
    product of a rising and a falling one has no positive mean. So one that explains more than
    half is the best, and the other is not looked for.
    """
    points, means, weights, _ = groups
    centre = weights @ means / y.size
    # The sign of the correlation of ranks is a good first guess.
    rises = np.arange(points.size) @ (weights * (means - centre)) >= 0
    fits, explained = [], []
    for rising in (rises, not rises):
        fit = isotonic_regression(means, weights=weights, increasing=bool(rising)).x
        fits.append(fit)
        with np.errstate(over="ignore"):
            explained.append(float(weights @ (fit - centre) ** 2))
            half = HALF * float(np.sum((y - centre) ** 2))
        if explained[0] > half:
            break
    best: np.ndarray = fits[int(np.argmax(explained))]
    return best


def unexplained(y: np.ndarray, prediction: np.ndarray, variance: float | None = None) -> float:
    """1 - R^2 of a prediction (sample,) of y (sample,); infinite where undefined.

    It is the mean squared error in units of the variance of y, which may be given.
    """
    if variance is None:
        variance = variance_of(y)
    with np.errstate(over="ignore"):
        error = float(np.mean((y - prediction) ** 2)) if y.size else np.inf
    return error / variance if variance > 0 and np.isfinite(error) else np.inf


def variance_of(y: np.ndarray) -> float:
    """Mean squared distance of values (sample,) from their mean; 0 without values."""
    return float(np.mean((y - y.mean()) ** 2)) if y.size else 0.0


def isotonic_residual(x: np.ndarray, y: np.ndarray) -> float:
    """1 - R^2 of y (sample,) after the best monotone map of x (sample,), on the same samples."""
    return unexplained(y, monotone_values(x, y))


def affine_residual(x: np.ndarray, y: np.ndarray) -> float:
    """1 - R^2 of y (sample,) after the best affine map of x: 1 - Pearson's r squared."""
    return unexplained(y, fit_affine(x, y)(x))


@dataclass(frozen=True)
class AffineMap:
    """x -> offset + slope x."""

    offset: float
    slope: float

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Values at x, any shape."""
        return self.offset + self.slope * x


def fit_affine(x: np.ndarray, y: np.ndarray) -> AffineMap:
    """Least-squares affine map from x to y, both (n,)."""
    centred = x - x.mean()
    with np.errstate(over="ignore"):
        spread = float(centred @ centred)
    slope = float(centred @ (y - y.mean())) / spread if 0 < spread < np.inf else 0.0
    return AffineMap(float(y.mean()) - slope * float(x.mean()), slope)
