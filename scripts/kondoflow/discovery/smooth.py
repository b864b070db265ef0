r"""A smooth function of several variables, fitted to samples without a choice of its form.

Kernel ridge regression (Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006, ch. 2)
in standardised variables x, with the kernel

.. math:: k(x, x') = e^{-|x - x'|^2/2 l^2} + T (1 + x \cdot x')^2 .

The second term, with a large T, leaves quadratic functions free of any penalty. With the matrix K
of the samples and the ridge s, the function is k(x)^T a, a = (K + s)^{-1} y. Its value at sample i,
had it been fitted to all others, follows without another fit (the same, eq. 5.12):

.. math:: y_i - \frac{a_i}{[(K + s)^{-1}]_{ii}} .

l and s are those of a grid for which these values are closest to y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LENGTHS = (0.7, 1.0, 1.5, 2.0, 3.0, 4.5)  # l, in standard deviations of the variables
RIDGES = 10.0 ** np.arange(-6, 0)
TREND = 100.0  # T
MOST = 2000  # samples that it is fitted to: the matrix of 2,000 takes two seconds a length


@dataclass(frozen=True)
class Smooth:
    """The function.

    Attributes:
        mean: Of each variable, (variable,).
        scale: Standard deviation of each, (variable,).
        at: Standardised variables of the samples it was fitted to, (n, variable).
        rows: Which samples these are among those that were given, (n,).
        length: l.
        ridge: s, in units of the variance of the values.
        weights: a, (n,).
        offset: Mean of the values.
        left_out: What the function says of each of these samples, fitted to all others, (n,).
    """

    mean: np.ndarray
    scale: np.ndarray
    at: np.ndarray
    rows: np.ndarray
    length: float
    ridge: float
    weights: np.ndarray
    offset: float
    left_out: np.ndarray

    def __call__(self, variables: np.ndarray) -> np.ndarray:
        """Values, (m,), for variables (m, variable)."""
        x = (variables - self.mean) / self.scale
        return self.offset + _kernel(x, self.at, self.length) @ self.weights


def fit_smooth(variables: np.ndarray, y: np.ndarray) -> Smooth:
    """Fit a smooth function.

    Args:
        variables: (sample, variable), none of them constant.
        y: (sample,), not all the same. Of more than `MOST` samples so many are drawn at random.
    """
    rows = np.arange(y.size)
    if y.size > MOST:
        rows = np.sort(np.random.default_rng(0).permutation(y.size)[:MOST])
    mean, scale = variables[rows].mean(axis=0), variables[rows].std(axis=0)
    x = (variables[rows] - mean) / scale
    offset, spread = float(y[rows].mean()), float(y[rows].std())
    values = (y[rows] - offset) / spread
    best = (np.inf, 0.0, 0.0, values, values)
    for length in LENGTHS:
        eigenvalues, vectors = np.linalg.eigh(_kernel(x, x, length))
        along, squares = vectors.T @ values, vectors**2
        for ridge in RIDGES:
            inverse = 1 / (np.maximum(eigenvalues, 0) + ridge)
            weights = vectors @ (inverse * along)
            off = weights / (squares @ inverse)
            error = float(np.mean(off**2))
            if error < best[0]:
                best = (error, length, float(ridge), weights, values - off)
    _, length, ridge, weights, left_out = best
    return Smooth(
        mean=mean,
        scale=scale,
        at=x,
        rows=rows,
        length=length,
        ridge=ridge,
        weights=spread * weights,
        offset=offset,
        left_out=offset + spread * left_out,
    )


def _kernel(x: np.ndarray, at: np.ndarray, length: float) -> np.ndarray:
    product = x @ at.T
    square = (x**2).sum(axis=1)[:, None] + (at**2).sum(axis=1) - 2 * product
    trend: np.ndarray = TREND * (1 + product) ** 2
    return np.exp(-np.maximum(square, 0) / (2 * length**2)) + trend
