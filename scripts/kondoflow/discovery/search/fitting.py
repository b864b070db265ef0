r"""Constants of an equation, refitted on all training samples.

For `squared_error` this is nonlinear least squares (`discovery.search.least_squares`). For
`pearson` the affine map is solved for inside (variable projection; Golub & Pereyra 1973). For
`isotonic` the fit alternates, as in the ACE algorithm (Breiman & Friedman 1985), between

.. math:: h \leftarrow \arg\min_{h\ \mathrm{monotone}} \|f_\theta - h(y)\|^2, \qquad
          \theta \leftarrow \arg\min_\theta \min_{a, b} \|a + b f_\theta - h\|^2,

and keeps the constants with the lowest isotonic loss. Only the order of y matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import minimize

from kondoflow.discovery.monotone import monotone_values
from kondoflow.discovery.objectives import Objective, losses
from kondoflow.discovery.search.least_squares import TOLERANCE, Moved, Residuals, least_squares
from kondoflow.formulas.prepared import Prepared
from kondoflow.formulas.trees import Expression, Name, Number, constants_of, with_constants

ROUNDS = 16  # of the alternation, at most
COARSE = 1e-5  # tolerance of a fit to a map that the next round replaces
ENOUGH = 0.995  # the alternation goes on while a round lowers the loss to this share
STEP = 0.05  # of a constant, relative to it, in the first simplex of the descent
DESCENT = 30  # evaluations of the loss in the descent, in units of the constants and one
OUT_OF_REACH = 1e3  # residual where an equation has no value
DIGITS = 6  # significant digits of a constant


def with_rounded_constants(expression: Expression, digits: int = DIGITS) -> Expression:
    """The same expression with its fitted constants rounded to some significant digits."""
    rounded = (Number(float(f"{value:.{digits}g}")) for value in constants_of(expression))
    return with_constants(expression, rounded)


def refit(
    expression: Expression,
    values: Mapping[str, np.ndarray],
    y: np.ndarray,
    objective: Objective,
    *,
    thorough: bool = True,
    digits: int = DIGITS,
) -> Expression:
    """Fit the constants of an equation and round them.

    Args:
        expression: The equation; its constants are the starting point.
        values: Inputs by name, each (n,).
        y: Target, (n,).
        objective: The maps up to which the equation is compared with the target.
        thorough: Whether, under `isotonic`, the loss itself is minimised after the alternation.
        digits: Significant digits that the constants keep.

    Returns:
        The equation with the constants of the lowest loss met on the way; the constants given if
        no fit lowers the loss.
    """
    start = np.array(constants_of(expression))
    if not 0 < start.size < y.size:
        return expression
    slots = [f"constant {index}" for index in range(start.size)]  # no name of an input
    open_form = with_constants(expression, map(Name, slots))

    prepared, measure = Prepared(open_form, values, y.shape), losses(objective, y)

    def model(constants: np.ndarray) -> np.ndarray:
        return prepared(dict(zip(slots, constants, strict=True)))

    def moved(constants: np.ndarray, others: np.ndarray) -> np.ndarray:
        return prepared.moved(
            *(dict(zip(slots, each, strict=True)) for each in (constants, others))
        )

    def measured(constants: np.ndarray) -> float:
        return measure(model(constants))

    tolerance = COARSE if objective is Objective.ISOTONIC else TOLERANCE
    best, lowest = start, measured(start)
    for _ in range(ROUNDS if objective is Objective.ISOTONIC else 1):
        fitted = _fit(model, moved, _residuals(model(best), y, objective), best, tolerance)
        reached, before = measured(fitted), lowest
        if reached < lowest:
            best, lowest = fitted, reached
        if not reached < ENOUGH * before:
            break
    if objective is Objective.ISOTONIC and thorough:
        best = descend(measured, best, lowest)
    return with_rounded_constants(with_constants(expression, map(Number, best.tolist())), digits)


def _fit(
    model: Residuals, moved: Moved, residuals: Residuals, start: np.ndarray, tolerance: float
) -> np.ndarray:
    """Constants with the smallest residuals, each varied on the scale of its own value."""
    return least_squares(
        lambda constants: residuals(model(constants)),
        lambda constants, others: residuals(moved(constants, others)),
        start,
        np.where(start != 0, np.abs(start), 1.0),
        tolerance,
    )


def _residuals(current: np.ndarray, y: np.ndarray, objective: Objective) -> Residuals:
    """Residuals, of values (..., n), whose squares the next fit of the constants minimises."""
    target = y
    if objective is Objective.ISOTONIC:
        target = monotone_values(y, current)
    mean, spread = float(target.mean()), float(target.std()) or 1.0
    wanted = (target - mean) / spread

    def residuals(values: np.ndarray) -> np.ndarray:
        if objective is Objective.SQUARED_ERROR:
            f = (values - mean) / spread
        else:
            f = _straightened(values, wanted)
        known = np.isfinite(f).all(axis=-1, keepdims=True)
        return np.where(known, f - wanted, OUT_OF_REACH)

    return residuals


def _straightened(f: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Each row of f, (..., n), after its best affine map to a target of mean zero, (n,)."""
    with np.errstate(all="ignore"):  # rows that are not finite do not count
        centred = f - np.add.reduce(f, axis=-1, keepdims=True) / target.size
        size = np.add.reduce(centred * centred, axis=-1, keepdims=True)
        slope = np.add.reduce(centred * target, axis=-1, keepdims=True) / size
        return np.where((size > 0) & (size < np.inf), slope, 0.0) * centred


def descend(
    measured: Callable[[np.ndarray], float], start: np.ndarray, lowest: float
) -> np.ndarray:
    """Minimise a loss without gradients; the start if that fails."""
    steps = np.where(start != 0, STEP * np.abs(start), STEP)
    simplex = np.vstack([start, start + np.diag(steps)])
    limit = DESCENT * (start.size + 1)
    options = {"initial_simplex": simplex, "maxfev": limit, "xatol": np.inf, "fatol": 1e-3 * lowest}
    with np.errstate(invalid="ignore"):  # of two corners at which the loss is infinite
        found = minimize(measured, start, method="Nelder-Mead", options=options)
    return found.x if found.fun < lowest else start
