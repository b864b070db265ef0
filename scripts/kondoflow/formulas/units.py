r"""Dimensional analysis of equations, by values instead of by rewriting.

An input has a dimension, a product of powers of base dimensions such as energy**-1*time, or none.
Let all inputs be multiplied by what a change of one base dimension's unit by the factor lambda
makes of them. A quantity with a dimension is then multiplied by a power of lambda, its logarithm
is shifted, and a number stays what it is:

.. math:: f(\lambda^{p_1} x_1, \lambda^{p_2} x_2, \ldots) = \lambda^k f(x_1, x_2, \ldots)
          \quad\mathrm{or}\quad
          f(\lambda^{p_1} x_1, \ldots) = f(x_1, \ldots) + k \log\lambda ,

with p_i the power of the base dimension in x_i, and any k. An equation for which neither holds,
such as log(x + 0.1), needs another quantity with the same unit to mean anything. It must hold for
each base dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kondoflow.formulas.dimensions import Dimension

FACTOR = 2.0  # by which a unit is changed
TOLERANCE = 1e-3  # of the change, in units of the equation's spread


def changes_of_unit(dimensions: Sequence[Dimension]) -> list[np.ndarray]:
    """Factors of all inputs, (input,), for a change of each base dimension's unit by `FACTOR`."""
    bases = dict.fromkeys(base for dimension in dimensions for base in dimension)
    return [
        np.array([FACTOR ** dimension.get(base, 0.0) for dimension in dimensions]) for base in bases
    ]


def is_homogeneous(f: np.ndarray, scaled: np.ndarray) -> bool:
    """Whether an equation respects the units.

    Args:
        f: Its values, (n,).
        scaled: Its values after a change of a unit, (n,).
    """
    if not (np.isfinite(f).all() and np.isfinite(scaled).all()):
        return False
    shift = scaled - f
    if np.std(shift) <= TOLERANCE * np.std(f):
        return True
    if not f.all():
        return False
    ratio = scaled / f
    return bool(np.std(ratio) <= TOLERANCE * abs(np.mean(ratio)))
