r"""Nonlinear least squares with the same result each time.

The steps are those of a trust region (Branch, Coleman & Li 1999), which without bounds are those of
Levenberg and Marquardt (More 1978). MINPACK, behind `scipy.optimize.leastsq`, takes the same steps
in less time. But SciPy's translation of it to C (1.15 to 1.17) reads a number past the end of the
Jacobian where columns nearly depend on each other. The order of the columns, and so the last digits
of the result, then depend on what lies there in memory. Constants of found equations often nearly
depend on each other, and a search amplifies a last digit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

TRIALS = 20  # sets of parameters, at most, apart from those for the derivatives
TOLERANCE = 1.5e-8  # relative, of the sum of squares and of the parameters
LARGEST = 1e100  # residual: the square of a larger one may overflow

Residuals = Callable[[np.ndarray], np.ndarray]


def least_squares(residuals: Residuals, start: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Minimise the sum of squared residuals.

    Args:
        residuals: Residuals, (n,), of parameters, (p,); one that is not finite counts as large.
        start: Parameters to start with, (p,).
        scale: The size on which each of them varies, (p,), above 0.

    Returns:
        The parameters with the smallest sum met on the way, (p,).
    """

    def bounded(parameters: np.ndarray) -> np.ndarray:
        found = np.nan_to_num(residuals(parameters), nan=LARGEST)
        return np.clip(found, -LARGEST, LARGEST)

    with np.errstate(all="ignore"):  # a perfect fit divides zero by zero
        found = optimize.least_squares(
            bounded,
            start,
            method="trf",
            x_scale=scale,
            ftol=TOLERANCE,
            xtol=TOLERANCE,
            gtol=None,
            max_nfev=TRIALS,
        )
    return found.x
