r"""Laws that are a root of a quadratic equation, which follow without a search.

Levels that repel each other, such as those of two coupled oscillators, are eigenvalues of a matrix
of two rows, and so the roots of

.. math:: y^2 = y\, L(x) + Q(x) , \qquad y = \frac{L}{2} \pm \sqrt{\frac{L^2}{4} + Q} ,

with L linear in the inputs and Q quadratic. Evolution misses them: neither the sum nor the root
says anything alone. Their coefficients follow by least squares, with y on both sides. A sample's
weight is that of an error of y, 1/(2 y - L)^2. Then one term after another is left out, always the
one that says least, and each equation on the way is a candidate.

What stands below the root is written as a sum of squares (Cholesky), :math:`(a - b)^2` and not
:math:`a^2 - 2 a b + b^2`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

MOST_INPUTS = 6
ROUNDS = 4  # of the weights
FLATTEST = 1e-3  # slope 2 y - L, relative to the typical one, below which weights stay the same
SMALL = (1e-6, 1e-2)  # shares below which coefficients are left out: rounding, and noise
WORST = 0.05  # share of the variance that a root may leave


def roots(
    names: Sequence[str], X: np.ndarray, y: np.ndarray, symbols: Collection[str]
) -> list[str]:
    """Roots of quadratic equations that are near to the target, as texts.

    The arguments are those of `sums.short_sums`.
    """
    if not {"sqrt", "mul", "add", "sub"} <= set(symbols) or not 0 < len(names) <= MOST_INPUTS:
        return []
    scale, spread = np.abs(X).max(axis=0), np.abs(y).max()
    if not (scale > 0).all() or not spread > 0:
        return []
    leaves, v = np.column_stack([X / scale, np.ones_like(y)]), y / spread
    n = leaves.shape[1]
    pairs = [(i, j) for i in range(n) for j in range(i, n)]
    products = [leaves[:, i] * leaves[:, j] for i, j in pairs]
    columns = np.column_stack([v[:, None] * leaves, *products])
    if y.size < 2 * columns.shape[1]:
        return []
    units = spread / np.append(scale, 1.0)  # of L, and with each other of Q
    kept, found = np.arange(columns.shape[1]), []
    while kept.size:
        coefficients, gain = _fitted(columns, leaves, v, kept)
        linear, matrix = coefficients[:n] / 2, np.zeros((n, n))
        for (i, j), value in zip(pairs, coefficients[n:], strict=True):
            matrix[i, j] += value / 2
            matrix[j, i] += value / 2
        matrix += np.outer(linear, linear)
        below = np.einsum("si,ij,sj->s", leaves, matrix, leaves)
        middle = leaves @ linear
        sign = 1.0 if np.mean(v > middle) > 0.5 else -1.0
        error = v - middle - sign * np.sqrt(np.maximum(below, 0.0))
        if np.mean(error**2) > WORST * v.var():
            break
        found += [_written(names, units, linear, matrix, sign, small) for small in SMALL]
        kept = np.delete(kept, np.argmin(gain))
    return list(dict.fromkeys(found))


def _fitted(
    columns: np.ndarray, leaves: np.ndarray, v: np.ndarray, kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of all columns, and by how much each that is kept lowers the error."""
    weights, full = np.ones_like(v), np.zeros(columns.shape[1])
    for _ in range(ROUNDS):
        table = weights[:, None] * columns[:, kept]
        solved = np.linalg.lstsq(table, weights * v**2)[0]
        full[kept] = solved
        slope = np.abs(2 * v - leaves @ full[: leaves.shape[1]])
        weights = 1 / np.maximum(slope, FLATTEST * (np.median(slope) or 1.0))
    inverse = np.diag(np.linalg.pinv(table.T @ table))
    return full, solved**2 / np.maximum(inverse, np.finfo(float).tiny)


def _written(
    names: Sequence[str],
    units: np.ndarray,
    linear: np.ndarray,
    matrix: np.ndarray,
    sign: float,
    small: float,
) -> str:
    """The root as text.

    Args:
        names: Formula of each input.
        units: What one unit of each scaled input, and of the constant, is in y, (n,).
        linear: Half of L in scaled inputs, the constant last, (n,).
        matrix: What stands below the root, likewise, (n, n).
        sign: Which root.
        small: Share below which coefficients are left out.
    """
    leaves, largest = [*names, "1"], np.abs(matrix).max()
    squares, left = [], matrix.copy()
    for place, unit in enumerate(units):
        pivot = left[place, place]
        if abs(pivot) <= small * largest:
            continue
        row = left[place] / pivot
        squares.append(
            f"({float(pivot * unit**2)!r})*({_sum(leaves, row, units / unit, small)})**2"
        )
        left = left - pivot * np.outer(row, row)
    rest = [
        f"({float(2 * left[i, j] * units[i] * units[j])!r})*{leaves[i]}*{leaves[j]}"
        for i, j in zip(*np.triu_indices(len(leaves), 1), strict=True)
        if abs(left[i, j]) > small * largest
    ]
    below = " + ".join([*squares, *rest]) or "0"
    return f"{_sum(leaves, linear, units, small)} {'+' if sign > 0 else '-'} sqrt({below})"


def _sum(leaves: Sequence[str], factors: np.ndarray, units: np.ndarray, small: float) -> str:
    """Sum of leaves with factors, without those that are small."""
    size = np.abs(factors).max()
    parts = [
        leaf if abs(factor * unit - 1) < SMALL[0] else f"({float(factor * unit)!r})*{leaf}"
        for leaf, factor, unit in zip(leaves, factors, units, strict=True)
        if abs(factor) > small * size
    ]
    return " + ".join(parts) or "0"
