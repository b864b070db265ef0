r"""Dimensional analysis of equations, by values instead of by rewriting.

If all inputs with a unit are multiplied by the same factor, a quantity with a unit is multiplied by
a power of the factor, its logarithm is shifted, and a dimensionless number does not change:

.. math:: f(\lambda x, q) = \lambda^k f(x, q) \quad\mathrm{or}\quad
          f(\lambda x, q) = f(x, q) + k \log\lambda ,

with x the inputs with a unit, q the others and any k. An equation for which neither holds, such as
log(x + 0.1), contains a constant with a unit.
"""

from __future__ import annotations

import numpy as np

FACTOR = 2.0  # by which inputs with a unit are multiplied
TOLERANCE = 1e-3  # of the change, in units of the equation's spread


def is_homogeneous(f: np.ndarray, scaled: np.ndarray) -> bool:
    """Whether an equation respects the units.

    Args:
        f: Its values, (n,).
        scaled: Its values after the inputs with a unit are multiplied by `FACTOR`, (n,).
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
