r"""Whether constants alone turn an equation into a reference.

An equation that a search found is a law with constants fitted to data. If it is a reference, its
constants, whole numbers that are no exponents among them, can be chosen such that it is the
reference exactly. A truncated expansion, say, can't become what it expands: it is another formula,
however close. So the constants are fitted anew, to the reference instead of the data, on the same
samples.

For targets with a scale, the fit leaves at most the share `EXACT` of the reference's variance. For
those known up to a monotone map the level sets have to become the same
(`discovery.judgement.fields`): the part of the equation's unit gradient that is not along the
reference's is made as small as it gets, and the angle that is left is at most `PARALLEL`.
"""

from __future__ import annotations

import numpy as np

from kondoflow.discovery.judgement.fields import (
    FLOOR,
    Coordinates,
    quantile,
    strengths,
    unit,
)
from kondoflow.discovery.objectives import Objective, loss
from kondoflow.discovery.search.fitting import refit
from kondoflow.discovery.search.least_squares import least_squares
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Apply, Expression, Number, constants_of, with_constants

EXACT = 1e-16  # share of the variance that rounding may leave
PARALLEL = 1e-7  # angle, in radians, that rounding may leave
ROUNDS = 4  # fits, each beginning where the last one ended
MOST = 1000  # samples that it is fitted to: nothing is noisy, so that more tell no more
ALL_DIGITS = 17  # of a constant


def reaches(
    equation: Expression, reference: Expression, space: Coordinates, objective: Objective
) -> bool:
    """Whether an equation is a reference for some choice of its constants.

    Args:
        equation: The equation, with a value on every sample.
        reference: The reference, with a value on every sample.
        space: Samples and coordinates.
        objective: Up to which maps the two are compared.
    """
    few = space.some(MOST)
    free = _with_free_numbers(equation)
    as_written = _reaches(equation, reference, few, objective)
    return as_written or _reaches(free, reference, few, objective)


def _with_free_numbers(node: Expression) -> Expression:
    """The same formula in which whole numbers are constants too, those in exponents apart."""
    match node:
        case Number(value):
            return Number(float(value))
        case Apply("pow", (base, exponent)):
            return Apply("pow", (_with_free_numbers(base), exponent))
        case Apply(function, arguments):
            return Apply(function, tuple(map(_with_free_numbers, arguments)))
    return node


def _reaches(
    equation: Expression, reference: Expression, few: Coordinates, objective: Objective
) -> bool:
    """Whether the fit of the constants, as they are written, reaches the reference."""
    if objective is Objective.ISOTONIC:
        return _level_sets_reach(equation, reference, few)
    n = np.shape(next(iter(few.values.values())))
    r = np.broadcast_to(evaluate(reference, few.values), n)
    for _ in range(ROUNDS):
        f = np.broadcast_to(evaluate(equation, few.values), n)
        if loss(objective, f, r) <= EXACT:
            return True
        before = equation
        equation = refit(equation, few.values, r, objective, digits=ALL_DIGITS)
        if equation == before:
            break
    return False


def _level_sets_reach(equation: Expression, reference: Expression, space: Coordinates) -> bool:
    """Whether the gradients of an equation become parallel to those of a reference."""
    along = space.field(reference)
    weight = 1.0 / np.maximum(strengths(along), FLOOR)
    direction = unit(along * weight)
    known = np.isfinite(direction).all(axis=-1)
    start = np.array(constants_of(equation))

    def with_these(constants: np.ndarray) -> Expression:
        return with_constants(equation, map(Number, constants.tolist()))

    def across(constants: np.ndarray) -> np.ndarray:
        own = unit(space.field(with_these(constants)) * weight)[known]
        part = np.sum(own * direction[known], axis=-1, keepdims=True)
        left = own - part * direction[known]
        return np.where(np.isfinite(left), left, 1.0).ravel()

    def moved(constants: np.ndarray, others: np.ndarray) -> np.ndarray:
        rows = np.where(np.eye(constants.size, dtype=bool), others, constants)
        return np.stack([across(row) for row in rows])

    def is_parallel(constants: np.ndarray) -> bool:
        parts = across(constants).reshape(-1, direction.shape[-1])
        return quantile(np.linalg.norm(parts, axis=-1)) <= PARALLEL

    for _ in range(ROUNDS):
        if is_parallel(start):
            return True
        if not start.size:
            break
        start = least_squares(across, moved, start, np.where(start != 0, np.abs(start), 1.0))
    return is_parallel(start)
