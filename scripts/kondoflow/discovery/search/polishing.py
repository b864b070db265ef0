"""Polishing: from an equation as evolution left it to a short one with fitted constants.

An equation is reduced to its simplest representative under the objective's maps, and its constants
are refitted on all training samples. Then simpler equations are tried: a constant is set to the
nearest integer or to zero, or a term is left out. A trial is kept if, refitted, it has a lower
price (`discovery.selection.price`). References and held-out samples take no part.
"""

from __future__ import annotations

from collections.abc import Iterator

from kondoflow.discovery.objectives import Objective, loss
from kondoflow.discovery.search.fitting import refit, with_rounded_constants
from kondoflow.discovery.selection import Part, price
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.rewriting import folded, representative, tidy
from kondoflow.formulas.symbolic import NotRealError
from kondoflow.formulas.trees import (
    Expression,
    Number,
    additive_terms,
    constants_of,
    total,
    with_constants,
)

LARGEST_INTEGER = 4
CLOSE = 0.1  # how far, relative to it, a constant may be from the integer that is tried
NEAR = 3.0  # above the lowest price, within which a trial is fitted thoroughly
WHOLE = 0.1  # distance from a whole number within which constants are replaced together
HOPELESS = 3.0  # a trial whose price before refitting is higher by this is dropped


def polish(
    expression: Expression, train: Part, objective: Objective, parsimony: float
) -> Expression | None:
    """Simplify an equation and refit its constants.

    Args:
        expression: The equation as a search found it.
        train: All training samples of the region.
        objective: The maps up to which equation and target are compared.
        parsimony: Logarithm of the error that one operation must gain.

    Returns:
        The equation; None if it is complex, infinite or constant.
    """
    shortest = reduced(expression, objective)
    if shortest is None:
        return None
    best = refit(shortest, train.inputs, train.y, objective)
    lowest = price_of(best, train, objective, parsimony)
    improved = True
    while improved:
        improved = False
        for trial in _simpler(best):
            if price_of(trial, train, objective, parsimony) > lowest + HOPELESS:
                continue
            try:
                left = folded(trial)
            except NotRealError:
                continue
            fitted = refit(left, train.inputs, train.y, objective, thorough=False)
            reached = price_of(fitted, train, objective, parsimony)
            if lowest <= reached < lowest + NEAR and objective is Objective.ISOTONIC:
                fitted = refit(fitted, train.inputs, train.y, objective)
                reached = price_of(fitted, train, objective, parsimony)
            if reached >= lowest:
                continue
            # Only now: finding the simplest form costs more than the fit.
            shortest = reduced(fitted, objective)
            if shortest is not None:
                best, lowest, improved = shortest, reached, True
                break
    best = refit(best, train.inputs, train.y, objective)
    # A fit may leave an arbitrary factor where the objective is blind to it.
    shortest = reduced(best, objective)
    return None if shortest is None else with_rounded_constants(shortest)


def reduced(expression: Expression, objective: Objective) -> Expression | None:
    """The simplest equation that is the same under the objective; None if it is not real."""
    try:
        if objective is Objective.SQUARED_ERROR:
            return tidy(expression)
        return representative(expression, monotone=objective is Objective.ISOTONIC)
    except NotRealError:
        return None


def price_of(expression: Expression, train: Part, objective: Objective, parsimony: float) -> float:
    """Price of an equation on training samples."""
    return price(
        loss(objective, train.values(expression), train.y), complexity(expression), parsimony
    )


def _simpler(expression: Expression) -> Iterator[Expression]:
    """The equation without one of its terms, or with zero or an integer for a constant."""
    terms = additive_terms(expression)
    if len(terms) > 1:
        for index in range(len(terms)):
            yield total([*terms[:index], *terms[index + 1 :]])
    constants = constants_of(expression)
    # All at once: of constants that make up for each other none may be replaced alone.
    whole = [round(value) if abs(value - round(value)) < WHOLE else value for value in constants]
    if sum(isinstance(value, int) for value in whole) > 1:
        yield with_constants(expression, map(Number, whole))
    for index, value in enumerate(constants):
        nearest = round(value)
        close = abs(value - nearest) <= CLOSE * abs(nearest)
        integers = [0, nearest] if close and abs(nearest) <= LARGEST_INTEGER else [0]
        for integer in integers:
            replaced = [*constants[:index], integer, *constants[index + 1 :]]
            yield with_constants(expression, map(Number, replaced))
