"""A polynomial of several arguments, of the degree that predicts best, and its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

SPARE = 2.5  # samples for each term, at least
LARGEST_DEGREE = 8
ROUNDING = 1e-13  # of what is fitted: errors below it differ by chance, from one CPU to the next


@dataclass(frozen=True)
class Polynomial:
    """A polynomial fitted by least squares.

    Attributes:
        error: Mean squared error by generalised cross-validation, not below that of rounding.
        degree: The degree, the lowest of those that predict alike.
        gradient: At the samples, (n, argument).
        linear: Coefficients of what stands beside it.
    """

    error: float
    degree: int
    gradient: np.ndarray
    linear: np.ndarray


def fit_polynomial(
    u: np.ndarray,
    tau: np.ndarray,
    beside: np.ndarray | None = None,
    largest: int = LARGEST_DEGREE,
) -> Polynomial:
    """Fit the polynomial of the degree that predicts best.

    Args:
        u: Arguments, (n, argument), none of them constant.
        tau: What is fitted, (n,).
        beside: Columns, (n, column), of which a sum stands beside the polynomial.
        largest: Degree up to which polynomials are tried.
    """
    n, d = u.shape
    others = np.zeros((n, 0)) if beside is None else beside
    x, spread = (u - u.mean(axis=0)) / u.std(axis=0), u.std(axis=0)
    powers: list[np.ndarray] = []
    fits = []
    least = float(np.mean((ROUNDING * tau) ** 2))
    for degree in range(largest + 1):
        powers += [
            np.bincount(np.array(chosen, dtype=int), minlength=d)
            for chosen in combinations_with_replacement(range(d), degree)
        ]
        if degree and (len(powers) + others.shape[1]) * SPARE > n:
            break
        matrix = np.column_stack([*(np.prod(x**power, axis=1) for power in powers), others])
        solved = np.linalg.lstsq(matrix, tau)[0]
        spare = 1 - matrix.shape[1] / n
        error = float(np.mean((tau - matrix @ solved) ** 2)) / spare**2
        fits.append((max(error, least), degree, len(powers), solved))
    error, degree, count, solved = min(fits, key=lambda fit: fit[0])
    gradient = np.zeros((n, d))
    for power, factor in zip(powers[:count], solved, strict=False):
        for index in np.flatnonzero(power):
            lower = power - (np.arange(d) == index)
            gradient[:, index] += factor * power[index] * np.prod(x**lower, axis=1)
    return Polynomial(error, degree, gradient / spread, solved[count:])
