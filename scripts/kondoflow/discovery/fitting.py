r"""Constants of an equation, refitted on all training samples.

For `squared_error` this is nonlinear least squares (`discovery.least_squares`). For `pearson` the
affine map is solved for inside (variable projection; Golub & Pereyra 1973). For `isotonic` the fit
alternates, as in the ACE algorithm (Breiman & Friedman 1985), between

.. math:: h \leftarrow \arg\min_{h\ \mathrm{monotone}} \|f_\theta - h(y)\|^2, \qquad
          \theta \leftarrow \arg\min_\theta \min_{a, b} \|a + b f_\theta - h\|^2,

and keeps the constants with the lowest isotonic loss. Only the order of y matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.optimize import minimize

from kondoflow.discovery.least_squares import Residuals, least_squares
from kondoflow.discovery.monotone import fit_affine, fit_monotone
from kondoflow.discovery.objectives import Objective, loss
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Expression, Name, Number, constants_of, with_constants

ROUNDS = 16  # of the alternation, at most
ENOUGH = 0.995  # the alternation goes on while a round lowers the loss to this share
STEP = 0.05  # of a constant, relative to it, in the first simplex of the descent
DESCENT = 30  # evaluations of the loss in the descent, in units of the constants and one
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
) -> Expression:
    """Fit the constants of an equation and round them.

    Args:
        expression: The equation; its constants are the starting point.
        values: Inputs by name, each (n,).
        y: Target, (n,).
        objective: The maps up to which the equation is compared with the target.
        thorough: Whether, under `isotonic`, the loss itself is minimised after the alternation.

    Returns:
        The equation with the constants of the lowest loss met on the way; the constants given if
        no fit lowers the loss.
    """
    start = np.array(constants_of(expression))
    if not 0 < start.size < y.size:
        return expression
    slots = [f"constant {index}" for index in range(start.size)]  # no name of an input
    open_form = with_constants(expression, map(Name, slots))

    def model(constants: np.ndarray) -> np.ndarray:
        filled = evaluate(open_form, {**values, **dict(zip(slots, constants, strict=True))})
        return np.broadcast_to(filled, y.shape)

    def measured(constants: np.ndarray) -> float:
        return loss(objective, model(constants), y)

    best, lowest = start, measured(start)
    for _ in range(ROUNDS if objective is Objective.ISOTONIC else 1):
        # Each constant varies on the scale of its own value.
        scale = np.where(best != 0, np.abs(best), 1.0)
        fitted = least_squares(_residuals(model, best, y, objective), best, scale)
        reached, before = measured(fitted), lowest
        if reached < lowest:
            best, lowest = fitted, reached
        if not reached < ENOUGH * before:
            break
    if objective is Objective.ISOTONIC and thorough:
        best = _descend(measured, best, lowest)
    return with_rounded_constants(with_constants(expression, map(Number, best.tolist())))


def _residuals(
    model: Callable[[np.ndarray], np.ndarray],
    current: np.ndarray,
    y: np.ndarray,
    objective: Objective,
) -> Residuals:
    """Residuals whose squares the next fit of the constants minimises."""
    target = y
    if objective is Objective.ISOTONIC:
        target = fit_monotone(y, model(current))(y)
    spread = float(target.std()) or 1.0

    def residuals(constants: np.ndarray) -> np.ndarray:
        f = model(constants)
        if not np.isfinite(f).all():
            return np.full(y.shape, 1e3)
        if objective is not Objective.SQUARED_ERROR:
            f = fit_affine(f, target)(f)
        return (f - target) / spread

    return residuals


def _descend(
    measured: Callable[[np.ndarray], float], start: np.ndarray, lowest: float
) -> np.ndarray:
    """Minimise a loss without gradients; the start if that fails."""
    steps = np.where(start != 0, STEP * np.abs(start), STEP)
    simplex = np.vstack([start, start + np.diag(steps)])
    limit = DESCENT * (start.size + 1)
    options = {"initial_simplex": simplex, "maxfev": limit, "xatol": np.inf, "fatol": 1e-3 * lowest}
    found = minimize(measured, start, method="Nelder-Mead", options=options)
    return found.x if found.fun < lowest else start
