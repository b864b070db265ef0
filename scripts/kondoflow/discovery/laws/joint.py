"""A law as a whole: all constants refitted together, and as few of them as the data need.

Constants are fitted on the training samples of the whole box. A constant is then set to zero or to
a closed number near it (`closed_numbers`), and the others are refitted. The trial is kept if the
squared error rises by less than a fitted constant has to gain. Trials go in the order of the rise
that the covariance of the constants predicts. Neither references nor held-out samples take part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy.optimize import leastsq

from kondoflow.discovery.laws.closed_numbers import closed_numbers
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posing import Posed
from kondoflow.formulas.trees import Expression, Number, constant_value

STEP = 1e-4  # of a constant, relative to it, in its derivative
EVALUATIONS = 20  # of the law by one fit, in units of the constants and one
ATTEMPTS = 5  # replacements that are tried before no more are
DIGITS = 6  # significant digits of a constant
OUT_OF_REACH = 1e3  # residual where a law has no value


def fit_law(law: Law, train: Posed, held: int = 0, *, even: bool = False) -> Law:
    """Refit the constants of a law but the first `held`; it stays where no fit lowers its error.

    Under `even` errors beyond twice the root mean square count more, so that the largest fall.
    """
    first, start = law.constants[:held], np.array(law.constants[held:])
    if not 0 < start.size < train.target.size or not np.isfinite(law.errors(train)).all():
        return law

    edge = 2 * np.sqrt(np.mean(law.errors(train) ** 2)) or 1.0

    def residuals(constants: np.ndarray) -> np.ndarray:
        errors = law.with_values([*first, *constants]).errors(train)
        if not np.isfinite(errors).all():
            return np.full(errors.shape, OUT_OF_REACH)
        return errors * np.sqrt(1 + (errors / edge) ** 2) if even else errors

    scale = 1.0 / np.where(start != 0, np.abs(start), 0.1)
    limit = EVALUATIONS * (start.size + 1)
    found = leastsq(residuals, start, diag=scale, maxfev=limit, full_output=True)[0]
    better = np.sum(residuals(found) ** 2) < np.sum(residuals(start) ** 2)
    constants = found if better else start
    return law.with_values([*first, *(float(f"{value:.{DIGITS}g}") for value in constants)])


def simplify_law(law: Law, train: Posed, parsimony: float, held: int = 0) -> tuple[Law, int]:
    """Leave out or close as many constants as the data allow.

    Args:
        law: The law, fitted.
        train: Training samples.
        parsimony: Logarithm of the squared error that a fitted constant must gain.
        held: Number of constants, the first, that stay as they are.

    Returns:
        The law, and how many forms were compared.
    """
    lowest, compared = price_of(law, train, parsimony), 0
    improved = True
    while improved:
        improved = False
        for trial in _trials(law, train, held):
            fitted = fit_law(trial, train, held)
            compared += 1
            price = price_of(fitted, train, parsimony)
            if price < lowest:
                law, lowest, improved = fitted, price, True
                break
    return law, compared


def price_of(law: Law, train: Posed, parsimony: float) -> float:
    """Logarithm of the mean squared error, with a price on every fitted constant."""
    errors = law.errors(train)
    if not np.isfinite(errors).all():
        return math.inf
    return math.log(max(float(np.mean(errors**2)), 1e-18)) + parsimony * len(law.constants)


def _trials(law: Law, train: Posed, held: int) -> Iterator[Law]:
    """The law with one fitted constant fewer, the least harmful replacements first."""
    constants = law.constants
    if not constants:
        return
    spreads = spreads_of(law, train)
    proposals: list[tuple[float, int, Expression]] = []
    for index, value in enumerate(constants[held:], start=held):
        for number in (Number(0), *closed_numbers(value)):
            exact = constant_value(number)
            assert exact is not None
            harm = abs(exact - value) / max(float(spreads[index]), 1e-300)
            proposals.append((harm, index, number))
    for _, index, number in sorted(proposals, key=lambda item: item[:2])[:ATTEMPTS]:
        replaced: list[Expression] = [Number(value) for value in constants]
        replaced[index] = number
        yield law.filled(replaced)


def spreads_of(law: Law, train: Posed) -> np.ndarray:
    """Standard deviation of each constant by the curvature of the squared error, (constant,)."""
    constants = np.array(law.constants)
    base = law.values(train)
    columns = []
    for index, value in enumerate(constants):
        step = STEP * abs(value) or STEP
        moved = constants.copy()
        moved[index] += step
        columns.append((law.with_values(moved.tolist()).values(train) - base) / step)
    matrix = np.nan_to_num(np.column_stack(columns))
    size = np.sqrt((matrix**2).sum(axis=0)) + 1e-300
    inverse = np.linalg.pinv((matrix / size).T @ (matrix / size), rcond=1e-10)
    noise = float(np.std(train.target - base))
    return noise * np.sqrt(np.maximum(np.diag(inverse), 0.0)) / size
