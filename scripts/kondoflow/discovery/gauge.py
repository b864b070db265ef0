r"""The monotone map of a target, fixed by an input that has a unit.

A target y that is known up to a monotone map, and is a function of a quantity with a dimension,
obeys with an input W of that dimension and numbers q

.. math:: h(y) = \log W + \phi(q)

for some monotone h: dimensional analysis leaves nothing else. Unlike the ranks of y, h is then no
matter of convention, but follows from the data, and phi(q) remains to be searched, without W. An
input of the same dimension as W, to some power, enters as their ratio.

h is a sum of rising ramps in the rank of y with weights that are not negative, phi a polynomial in
the numbers, or in the logarithms of those of one sign; those that depend linearly on others are
left out. The weights solve a non-negative least-squares problem from which the polynomial is
projected out. Where y hardly changes, as on a plateau, h is uncertain; the fit is repeated with
samples weighted by the inverse square of the residuals of their neighbours in rank. A polynomial
too stiff for phi bends h, so that its kind and degree are chosen by generalised cross-validation
(Craven & Wahba 1979).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.optimize import nnls

from kondoflow.files.ranks import rank
from kondoflow.formulas.dimensions import Dimension

FEWEST = 80  # samples
RAMPS = (20, 80)  # fewest and most
SAMPLES_OF_RAMP = 5
LARGEST_DEGREE = 6  # of the polynomial
SAMPLES = 8  # that each of its terms needs
DEPENDENT = 1e-6  # share of an argument outside the others, below which it is left out
ROUNDS = 3  # of reweighting
NEIGHBOURS = 31  # samples whose residuals give a sample its weight
LARGEST_RATIO = 10.0  # of a residual's size to the smallest, so that no sample loses all weight
NO_MAP = 0.05  # share of the variance of log W left over from which there is no such map


@dataclass(frozen=True)
class Gauge:
    """The map on the samples it was found on.

    Attributes:
        h: Its values, (n,).
        log_scale: Logarithm of the scale W, (n,).
        weights: What each sample is worth, (n,), sum 1.
        left: Weighted share of the variance of log W that the fit leaves.
    """

    h: np.ndarray
    log_scale: np.ndarray
    weights: np.ndarray
    left: float

    @property
    def phi(self) -> np.ndarray:
        """What is left to be explained by numbers, (n,)."""
        return self.h - self.log_scale


@dataclass(frozen=True)
class Reduced:
    """Inputs as one scale and numbers.

    Attributes:
        scale: W as a formula of the inputs.
        numbers: Formula of each number.
        log_scale: Logarithm of the scale, (n,).
        X: Numbers, (n, number).
    """

    scale: str
    numbers: tuple[str, ...]
    log_scale: np.ndarray
    X: np.ndarray


def find_gauge(reduced: Reduced, y: np.ndarray) -> Gauge | None:
    """Look for the map of a target, (n,), of which only the order counts; None if none fits."""
    bases = sorted(_polynomials(reduced.X), key=lambda basis: -basis.shape[1])
    if y.size < FEWEST or not bases:
        return None
    ranks = rank(y) / y.size
    falling = 1 + 1 / y.size - ranks
    # The richest polynomial tells whether h rises or falls.
    first = [_fit(order, reduced.log_scale, bases[0]) for order in (ranks, falling)]
    rises = first[0].left <= first[1].left
    order = ranks if rises else falling
    found = [min(first, key=lambda gauge: gauge.left)]
    found += [_fit(order, reduced.log_scale, basis) for basis in bases[1:]]
    spare = [1 - basis.shape[1] / y.size for basis in bases]
    _, best = min(zip(spare, found, strict=True), key=lambda pair: pair[1].left / pair[0] ** 2)
    return best if best.left < NO_MAP else None


def reduce_inputs(
    names: Sequence[str], X: np.ndarray, dimensions: Sequence[Dimension]
) -> Reduced | None:
    """Inputs as a scale, the first with a dimension, and numbers.

    Args:
        names: Of the inputs.
        X: Their values, (n, input).
        dimensions: Of each.

    Returns:
        None if there is no scale or no number, or several base dimensions.
    """
    bases = {base for dimension in dimensions for base in dimension}
    scales = [index for index, dimension in enumerate(dimensions) if dimension]
    if len(bases) != 1 or len(names) == 1 or not (X[:, scales] > 0).all():
        return None
    (base,) = bases
    powers = [dimension.get(base, 0.0) for dimension in dimensions]
    W = scales[0]
    texts, columns = [], []
    for index, name in enumerate(names):
        ratio = powers[index] / powers[W]
        if index != W:
            texts.append(f"({name}/{names[W]}**({ratio!r}))" if ratio else name)
            columns.append(X[:, index] / X[:, W] ** ratio if ratio else X[:, index])
    scale = names[W] if powers[W] == 1 else f"{names[W]}**({1 / powers[W]!r})"
    return Reduced(scale, tuple(texts), np.log(X[:, W]) / powers[W], np.array(columns).T)


def _polynomials(numbers: np.ndarray) -> Iterator[np.ndarray]:
    """Polynomials of rising degree in numbers, (n, number), and in their logarithms.

    Yields:
        All products of the standardised arguments up to a degree, (n, product).
    """
    one_sign = (numbers > 0).all(axis=0) | (numbers < 0).all(axis=0)
    logarithms = np.where(one_sign, np.log(np.abs(np.where(one_sign, numbers, 1.0))), numbers)
    for arguments in (logarithms, numbers) if one_sign.any() else (numbers,):
        x = _independent(arguments)
        columns = [np.ones(len(x))]
        for degree in range(1, LARGEST_DEGREE + 1):
            products = combinations_with_replacement(range(x.shape[1]), degree)
            columns += [x[:, list(chosen)].prod(axis=1) for chosen in products]
            if len(columns) * SAMPLES > len(x):
                break
            yield np.array(columns).T


def _independent(arguments: np.ndarray) -> np.ndarray:
    """Standardised arguments, (n, argument), none of which is a sum of others."""
    spread = arguments.std(axis=0)
    x = (arguments - arguments.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    kept: list[int] = []
    for index in range(x.shape[1]):
        others = x[:, kept]
        rest = x[:, index] - others @ np.linalg.lstsq(others, x[:, index])[0] if kept else x[:, 0]
        if rest.std() > DEPENDENT:
            kept.append(index)
    return x[:, kept]


def _fit(ranks: np.ndarray, log_scale: np.ndarray, basis: np.ndarray) -> Gauge:
    """The map h of ranks in (0, 1], (n,), for a phi that is a sum of columns, (n, column)."""
    knots = np.linspace(0, 1, int(np.clip(ranks.size // SAMPLES_OF_RAMP, *RAMPS)) + 1)
    ramps = np.clip((ranks[:, None] - knots[:-1]) / np.diff(knots), 0, 1)
    weights = np.full(ranks.size, 1 / ranks.size)
    order = np.argsort(ranks, kind="stable")
    for _ in range(ROUNDS):
        root = np.sqrt(weights)[:, None]
        q, _ = np.linalg.qr(root * basis)
        target = root[:, 0] * log_scale
        matrix = root * ramps
        target, matrix = target - q @ (q.T @ target), matrix - q @ (q.T @ matrix)
        heights, _ = nnls(matrix, target)
        residual = target - matrix @ heights
        left = float(residual @ residual / max(target @ target, 1e-300))
        near = uniform_filter1d(
            (residual[order] / root[order, 0]) ** 2, min(NEIGHBOURS, ranks.size), mode="nearest"
        )
        size = np.empty_like(near)
        size[order] = np.sqrt(near)
        size = np.clip(size, size.max() / LARGEST_RATIO, None) if size.max() > 0 else size + 1
        weights = size**-2 / np.sum(size**-2)
    return Gauge(ramps @ heights, log_scale, weights, left)
