"""Coefficients of a reference's terms, and uncertainties of an equation's constants.

A reference formula is a sum of terms. Each term gets a coefficient. The coefficients are fitted to
the training samples of the target under its objective; those in an equation follow from its
gradients (`discovery.judgement.terms`). If all coefficients are 1, the fit is the reference itself.
Where the objective leaves the scale open, the first is set to 1 and the others are relative to it.

Uncertainties are standard deviations over bootstrap resamples of the training samples in the
region (Efron 1979). Of n > `DRAWN` samples a resample holds only m = `DRAWN`, and the deviation is
multiplied by sqrt(m/n), because that of a fitted constant falls with the root of the number of
samples (m out of n bootstrap; Bickel, Goetze & van Zwet 1997).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kondoflow.discovery.monotone import MIN_SAMPLES
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.fitting import refit
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import (
    Apply,
    Expression,
    Name,
    Number,
    additive_terms,
    constants_of,
    names_in,
    total,
)

RESAMPLES = 50  # of the bootstrap: uncertainties are then good to a tenth
DRAWN = 10_000  # samples of a resample, at most

Fit = Callable[[np.ndarray], "list[float] | None"]
Coefficients = tuple["list[float] | None", "list[float] | None"]  # and their uncertainties


def terms_of(reference: Expression) -> list[Expression]:
    """The additive terms of a formula that are not constant."""
    return [term for term in additive_terms(reference) if names_in(term)]


def coefficients_in_target(
    terms: list[Expression], target: Target, samples: Samples, seed: int
) -> Coefficients:
    """Coefficients of a reference's terms fitted to the target, and their uncertainties.

    None where there is no term, as in a formula without variables.
    """
    if not terms:
        return None, None
    columns, usable = _columns(terms, target, samples)
    train = np.flatnonzero(usable & samples.parts["train"])

    def fit(chosen: np.ndarray) -> list[float] | None:
        return fit_coefficients(columns[:, chosen], target.values[chosen], target.objective)

    return fit(train), bootstrap(fit, train, seed)


def constants_of_equation(
    expression: Expression, target: Target, samples: Samples, seed: int
) -> tuple[list[float], list[float] | None]:
    """Fitted constants of an equation, from left to right, and their uncertainties."""
    train = np.flatnonzero(samples.usable(target) & samples.parts["train"])

    def fit(chosen: np.ndarray) -> list[float] | None:
        inputs = samples.select(chosen)
        return constants_of(refit(expression, inputs, target.values[chosen], target.objective))

    constants = constants_of(expression)
    return constants, bootstrap(fit, train, seed) if constants else None


def bootstrap(fit: Fit, chosen: np.ndarray, seed: int) -> list[float] | None:
    """Standard deviations of what is fitted over resamples; None where nothing can be fitted.

    Args:
        fit: From indices of samples to the fitted numbers.
        chosen: Indices of the samples to draw from, (n,).
        seed: Seed of the draws.
    """
    if chosen.size < MIN_SAMPLES:
        return None
    rng = np.random.default_rng(seed)
    size = min(chosen.size, DRAWN)
    found = [fit(rng.choice(chosen, size)) for _ in range(RESAMPLES)]
    fitted = [item for item in found if item is not None]
    shrunk = np.sqrt(size / chosen.size)
    return (np.std(fitted, axis=0) * shrunk).tolist() if fitted else None


def _columns(
    terms: list[Expression], target: Target, samples: Samples
) -> tuple[np.ndarray, np.ndarray]:
    """Values of the terms, (term, sample), and the samples of the region on which all are known."""
    columns = np.array([evaluate(term, samples.variables) for term in terms])
    return columns, samples.usable(target) & np.isfinite(columns).all(axis=0)


def fit_coefficients(terms: np.ndarray, y: np.ndarray, objective: Objective) -> list[float] | None:
    """Coefficients of a sum of terms, (term, n), that fits y, (n,), under an objective.

    Returns:
        The coefficient of each term, relative to the first unless the objective is
        `squared_error`, whose fit also has an additive constant; None where too few samples or a
        vanishing first term allow no fit.
    """
    absolute = objective is Objective.SQUARED_ERROR
    if y.size < MIN_SAMPLES or not len(terms):
        return None
    if len(terms) == 1 and not absolute:
        return [1.0]
    variables = {f"term {index}": term for index, term in enumerate(terms)}
    summands: list[Expression] = [Apply("mul", (Number(1.0), Name(name))) for name in variables]
    model = total([*summands, Number(0.0)] if absolute else summands)
    if objective is Objective.ISOTONIC:
        # From the best linear combination, not from the reference's own coefficients.
        model = refit(model, variables, y, Objective.PEARSON)
    coefficients = constants_of(refit(model, variables, y, objective))[: len(terms)]
    unit = 1.0 if absolute else coefficients[0]
    return [value / unit for value in coefficients] if unit else None
