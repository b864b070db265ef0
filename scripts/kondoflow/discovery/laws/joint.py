"""A law as a whole: all constants refitted together, and as few of them as the data need.

Constants are fitted on the training samples of the whole box. A constant is then set to zero or to
a closed number near it (`closed_numbers`), and the others are refitted. The trial is kept if the
error rises by less than a fitted constant has to gain. The error is the root mean square, or a
third of the largest error if that is more, and the fit is one in which large errors count more.
Trials go in the order of the rise that the covariance of the constants predicts. Neither references
nor held-out samples take part.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from kondoflow.discovery.laws.closed_numbers import closed_numbers
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.search.least_squares import least_squares
from kondoflow.formulas.trees import Expression, Number, constant_value

STEP = 1e-4  # of a constant, relative to it, in its derivative
ATTEMPTS = 5  # replacements that are tried before no more are
DIGITS = 6  # significant digits of a constant
OUT_OF_REACH = 1e3  # residual where a law has no value
WORST = 1 / 3  # of the largest error, which counts like the root mean square
EDGE = 2.0  # root mean squares, from which an error counts more in an even fit


def fit_law(law: Law, train: Posed, held: int = 0, *, even: bool = False) -> Law:
    """Refit the constants of a law but the first `held`; it stays where no fit lowers its error.

    Under `even` errors beyond twice the root mean square count more, so that the largest fall.
    """
    first, start = law.constants[:held], np.array(law.constants[held:])
    if not 0 < start.size < train.target.size:
        return law
    model = law.model(train)
    errors = train.target - model(np.array([*first, *start]))
    if not np.isfinite(errors).all():
        return law

    edge = EDGE * np.sqrt(np.mean(errors**2)) or 1.0

    def weighed(values: np.ndarray) -> np.ndarray:
        errors = train.target - values
        reached = np.isfinite(errors).all(axis=-1, keepdims=True)
        size = np.sqrt(1 + (errors / edge) ** 2) if even else 1.0
        return np.where(reached, errors * size, OUT_OF_REACH)

    def residuals(constants: np.ndarray) -> np.ndarray:
        return weighed(model(np.array([*first, *constants])))

    def moved(constants: np.ndarray, others: np.ndarray) -> np.ndarray:
        whole, other = (np.array([*first, *each]) for each in (constants, others))
        return weighed(model.moved(whole, other, held))

    found = least_squares(residuals, moved, start, np.where(start != 0, np.abs(start), 0.1))
    after, before = (float(np.sum(residuals(each) ** 2)) for each in (found, start))
    constants = found if after < before else start
    return law.with_values([*first, *(float(f"{value:.{DIGITS}g}") for value in constants)])


def simplify_law(
    law: Law, train: Posed, parsimony: float, held: int = 0, most: int | None = None
) -> tuple[Law, int]:
    """Leave out or close as many constants as the data allow.

    Args:
        law: The law, fitted.
        train: Training samples.
        parsimony: Logarithm of the squared error that a fitted constant must gain.
        held: How many of the first constants stay as they are.
        most: Fitted constants that the law may have at any price; None for any number.

    Returns:
        The law, and how many forms were compared.
    """
    laws = [law, fit_law(law, train, held, even=True)]
    law = min(laws, key=lambda item: price_of(item, train, parsimony))
    lowest, compared = price_of(law, train, parsimony), 0
    while True:
        tried: list[tuple[float, Law]] = []
        for trial in _trials(law, train, held):
            fitted = fit_law(trial, train, held, even=True)
            compared += 1
            tried.append((price_of(fitted, train, parsimony), fitted))
            if tried[-1][0] < lowest:
                break
        price, best = min(tried, key=lambda pair: pair[0], default=(math.inf, law))
        above = most is not None and len(law.constants) > most
        if not price < (math.inf if above else lowest):
            return law, compared
        law, lowest = best, price


def price_of(law: Law, train: Posed, parsimony: float) -> float:
    """Logarithm of the squared error, with a price on every fitted constant."""
    return price_of_error(size_of(law.errors(train)), len(law.constants), parsimony)


def price_of_error(size: float, constants: int, parsimony: float) -> float:
    """The same price, from the size of the error (`size_of`) and the number of constants."""
    return 2 * math.log(max(size, 1e-9)) + parsimony * constants


def size_of(errors: np.ndarray) -> float:
    """Root mean square of errors, (n,), or a third of the largest; infinite if there is none."""
    if not np.isfinite(errors).all():
        return math.inf
    return max(float(np.sqrt(np.mean(errors**2))), WORST * float(np.abs(errors).max()))


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
    steps = np.where(constants != 0, STEP * np.abs(constants), STEP)
    model = law.model(train)
    base, moved = model(constants), model.moved(constants, constants + steps)
    slopes = [(each - base) / step for each, step in zip(moved, steps, strict=True)]
    matrix = np.nan_to_num(np.column_stack(slopes))
    size = np.sqrt((matrix**2).sum(axis=0)) + 1e-300
    inverse = np.linalg.pinv((matrix / size).T @ (matrix / size), rcond=1e-10)
    noise = float(np.std(train.target - base))
    return noise * np.sqrt(np.maximum(np.diag(inverse), 0.0)) / size
