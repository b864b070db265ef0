r"""Corrections in a small quantity, found without any formula.

Dimensional analysis makes the logarithm of a quantity Y with the unit of a scale W a function of
dimensionless numbers, log(Y/W) = phi(q). A further scale that the system keeps to itself, such as
the width of a band, spoils this by a small number g. To first order every quantity x behind the
numbers, and Y itself, gets a factor of its own:

.. math:: \log\frac{Y}{W (1 + k_Y g)} = \phi\bigl(q(x_1 (1 + k_1 g), x_2 (1 + k_2 g), \ldots)\bigr)

The right k make the samples collapse onto one function phi, whatever it is. phi is a polynomial of
Chebyshev's in the logarithms of the numbers (`Surface`), solved for inside a nonlinear fit of k
(variable projection; Golub & Pereyra 1973). The limit g -> 0 of a law is the law without the
factors. Uncertainties are standard deviations over halves of the samples, divided by sqrt(2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import least_squares

DEGREES = (3, 4, 5, 6, 8, 10)
PER_TERM = 5  # training samples for each coefficient of the polynomial, at least
RIDGE = 1e-5  # of the coefficients, in units of the target's spread, for each sample
WIDE = 20.0  # ratio of largest to smallest from which a number counts by its logarithm
MARGIN = 0.02  # of the extent, added on either side
HALVES = 8  # in which the fit is repeated for uncertainties
FOLDS = 4  # of the choice of the degree
SAME = 1e-9  # share of the variance of a number that the others leave, below which it is left out

Numbers = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Surface:
    """A smooth function of the numbers.

    Attributes:
        basis: From numbers, (n, number), to the polynomials, (n, term).
        coefficients: Of the polynomials, (term,).
    """

    basis: Callable[[np.ndarray], np.ndarray]
    coefficients: np.ndarray

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        """Values, (n,)."""
        return self.basis(numbers) @ self.coefficients


@dataclass(frozen=True)
class Collapse:
    """The corrections.

    Attributes:
        factors: k of each quantity, then that of the target, (quantity and one,).
        uncertainties: Of each, (quantity and one,).
        before: Held-out error of the surface without corrections.
        after: With them.
    """

    factors: np.ndarray
    uncertainties: np.ndarray
    before: float
    after: float


def fit_surface(numbers: np.ndarray, y: np.ndarray, *, extent: np.ndarray | None = None) -> Surface:
    """Fit a smooth function, of the degree that cross-validation chooses.

    Args:
        numbers: (n, number).
        y: (n,).
        extent: Numbers on which it will be asked for, (m, number); those it is fitted to else.
    """
    basis = _basis(numbers if extent is None else extent, choose_degree(numbers, y))
    return Surface(basis, _solve(basis(numbers), y))


def choose_degree(numbers: np.ndarray, y: np.ndarray) -> int:
    """Degree with the lowest error on folds left out, (n, number) and (n,)."""
    fold = np.random.default_rng(0).permutation(y.size) % FOLDS
    errors: dict[int, float] = {}
    for degree in DEGREES:
        matrix = _basis(numbers, degree)(numbers)
        if errors and matrix.shape[1] * PER_TERM > y.size * (FOLDS - 1) / FOLDS:
            break
        left = [
            y[fold == k] - matrix[fold == k] @ _solve(matrix[fold != k], y[fold != k])
            for k in range(FOLDS)
        ]
        errors[degree] = float(np.mean(np.concatenate(left) ** 2))
    return min(errors, key=errors.__getitem__)


def find_collapse(numbers: Numbers, g: np.ndarray, y: np.ndarray, n_quantities: int) -> Collapse:
    """Find the factors k that make samples collapse.

    Args:
        numbers: From the factors of all quantities, (quantity, n), to the numbers, (n, number).
        g: The small quantity, (n,).
        y: log(Y/W), (n,).
        n_quantities: Number of quantities.
    """
    plain = np.zeros(n_quantities + 1)
    degree = choose_degree(numbers(np.ones((n_quantities, y.size))), y)
    everything = np.arange(y.size)

    def left(k: np.ndarray, rows: np.ndarray) -> np.ndarray:
        factors = 1.0 + np.outer(k, g)
        target = y - np.log(np.maximum(factors[-1], 1e-3))
        x = numbers(np.maximum(factors[:-1], 1e-3))
        matrix = _basis(x, degree)(x[rows])
        return target[rows] - matrix @ _solve(matrix, target[rows])

    def fit(rows: np.ndarray) -> np.ndarray:
        return least_squares(lambda k: left(k, rows), plain, x_scale=0.1).x

    factors = fit(everything)
    rng = np.random.default_rng(0)
    halves = [fit(np.sort(rng.permutation(y.size)[: y.size // 2])) for _ in range(HALVES)]
    spread = np.std(halves, axis=0, ddof=1) / np.sqrt(2)

    def held_out(k: np.ndarray) -> float:
        scaled = 1.0 + np.outer(k, g)
        x, target = numbers(scaled[:-1]), y - np.log(scaled[-1])
        matrix = _basis(x, degree)(x)
        fold = np.random.default_rng(1).permutation(y.size) % FOLDS
        rest = [
            target[fold == j] - matrix[fold == j] @ _solve(matrix[fold != j], target[fold != j])
            for j in range(FOLDS)
        ]
        return float(np.sqrt(np.mean(np.concatenate(rest) ** 2)))

    return Collapse(factors, spread, held_out(plain), held_out(factors))


def _solve(matrix: np.ndarray, y: np.ndarray) -> np.ndarray:
    ridge = RIDGE * np.sqrt(len(matrix)) * np.eye(matrix.shape[1])
    padded = np.concatenate([y, np.zeros(matrix.shape[1])])
    return np.linalg.lstsq(np.vstack([matrix, ridge]), padded)[0]


def _basis(numbers: np.ndarray, degree: int) -> Callable[[np.ndarray], np.ndarray]:
    """Polynomials up to a total degree over the extent of some numbers, (n, number)."""
    maps = [_straight(column) for column in numbers.T]
    kept = independent(np.column_stack([np.log(np.abs(c) + 1e-300) for c in numbers.T]))
    extents = []
    for index in kept:
        x = maps[index](numbers[:, index])
        low, high = float(x.min()), float(x.max())
        pad = MARGIN * (high - low) or 1.0
        extents.append((low - pad, high + pad))
    powers = [each for each in product(range(degree + 1), repeat=len(kept)) if sum(each) <= degree]

    def basis(rows: np.ndarray) -> np.ndarray:
        columns = []
        for index, (low, high) in zip(kept, extents, strict=True):
            x = 2 * (maps[index](rows[:, index]) - low) / (high - low) - 1
            columns.append(np.polynomial.chebyshev.chebvander(np.clip(x, -1, 1), degree))
        table = np.ones((len(rows), len(powers)))
        for place, column in enumerate(columns):
            table *= column[:, [each[place] for each in powers]]
        return table

    return basis


def independent(logarithms: np.ndarray) -> list[int]:
    """Columns, (n, number), none of which is a product of powers of those before it."""
    kept: list[int] = []
    for index in range(logarithms.shape[1]):
        column = logarithms[:, index] - logarithms[:, index].mean()
        if not np.any(np.abs(column) > 1e-12):
            continue
        others = logarithms[:, kept] - logarithms[:, kept].mean(axis=0)
        rest = column - others @ np.linalg.lstsq(others, column)[0] if kept else column
        if rest @ rest > SAME * (column @ column):
            kept.append(index)
    return kept


def _straight(column: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A map under which a number, (n,), fills its extent evenly."""
    typical = float(np.median(np.abs(column))) or 1.0
    if (column > 0).all() and column.max() > WIDE * column.min():
        if column.min() > typical / (10 * WIDE):
            return lambda x: np.log(np.maximum(x, 1e-300))
        return lambda x: np.log1p(np.abs(x) / typical)
    return lambda x: np.arcsinh(x / typical)
