r"""Nonlinear least squares with the same result each time.

The steps are those of a trust region (Branch, Coleman & Li 1999), which without bounds are those of
Levenberg and Marquardt (More 1978). MINPACK, behind `scipy.optimize.leastsq`, takes the same steps.
But SciPy's translation of it to C (1.15 to 1.17) reads a number past the end of the Jacobian where
columns nearly depend on each other. The order of the columns, and so the last digits of the result,
then depend on what lies there in memory. Constants of found equations often nearly depend on each
other, and a search amplifies a last digit.

Derivatives are forward differences over steps in proportion to a parameter's scale, all from one
call. SciPy's own take a fixed step for parameters below 1, at which a small constant has none.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

TRIALS = 20  # sets of parameters, at most, apart from those for the derivatives
TOLERANCE = 1.5e-8  # of a fit to the end
STEP = 1.5e-8  # of a parameter in its derivative, relative to it and to its scale
LARGEST = 1e100  # residual: the square of a larger one may overflow

Residuals = Callable[[np.ndarray], np.ndarray]
Moved = Callable[[np.ndarray, np.ndarray], np.ndarray]


def least_squares(
    residuals: Residuals,
    moved: Moved,
    start: np.ndarray,
    scale: np.ndarray,
    tolerance: float = TOLERANCE,
) -> np.ndarray:
    """Minimise the sum of squared residuals.

    Args:
        residuals: Residuals, (n,), of parameters, (p,). One that is not finite counts as large.
        moved: Residuals, (p, n), of parameters, (p,), of which one after another has another value,
            (p,), so that all that a derivative needs is computed at once.
        start: Parameters to start with, (p,).
        scale: The size on which each of them varies, (p,), above 0.
        tolerance: Share of the sum, and of the parameters, below which a step ends the fit.

    Returns:
        The parameters with the smallest sum met on the way, (p,).
    """
    last: tuple[bytes, np.ndarray] = b"", np.empty(0)

    def at(parameters: np.ndarray) -> np.ndarray:
        nonlocal last
        last = parameters.tobytes(), _bounded(residuals(parameters * scale))
        return last[1]

    def slopes(parameters: np.ndarray) -> np.ndarray:
        steps = STEP * np.maximum(np.abs(parameters), 1.0)
        # A derivative is asked for where the last step led, mostly.
        here = last[1] if last[0] == parameters.tobytes() else at(parameters)
        there = _bounded(moved(parameters * scale, (parameters + steps) * scale))
        return (there - here).T / steps

    with np.errstate(all="ignore"):  # a perfect fit divides zero by zero
        found = optimize.least_squares(
            at,
            start / scale,
            jac=slopes,
            method="trf",
            ftol=tolerance,
            xtol=tolerance,
            gtol=None,
            max_nfev=TRIALS,
        )
    return found.x * scale


def _bounded(found: np.ndarray) -> np.ndarray:
    return np.fmin(np.fmax(found, -LARGEST), LARGEST)  # also of NaN
