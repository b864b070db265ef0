"""Choosing among equations: held-out error against length.

Every candidate is scored on all training samples of the region and, with the map fitted there,
on the validation samples. The front holds the candidates that no other candidate beats in both
length and validation error. The selected equation is the candidate on the front with the lowest
price

    log(1 - R^2 on validation) + parsimony * complexity ,

so that each further operation must lower the held-out error by the factor exp(-parsimony).
References and test samples take no part in the choice; test samples only score the front.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.monotone import unexplained
from kondoflow.discovery.objectives import Objective, fit_map, loss
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Expression

SMALLEST = 1e-9  # losses below are rounding
BETTER = 1e-3  # relative gain in error without which a longer equation is not on the front


@dataclass(frozen=True)
class Part:
    """Samples of one part of the data inside the region: inputs by name and target, each (n,)."""

    inputs: Mapping[str, np.ndarray]
    y: np.ndarray

    def values(self, expression: Expression) -> np.ndarray:
        """Values of an equation in the inputs, (n,), non-finite where it has none."""
        return np.broadcast_to(evaluate(expression, self.inputs), self.y.shape)


@dataclass(frozen=True)
class Candidate:
    """An equation and its scores.

    Attributes:
        expression: The equation in the search's inputs.
        complexity: Its length, see `formulas.measures.complexity`.
        train: 1 - R^2 on the training samples of the region.
        validation: The same on the validation samples, with the map fitted on the training ones.
        test: The same on the test samples; infinite where the equation has no finite value.
    """

    expression: Expression
    complexity: int
    train: float
    validation: float
    test: float

    @property
    def text(self) -> str:
        """The equation as text."""
        return to_text(self.expression)


def price(loss_value: float, length: int, parsimony: float) -> float:
    """Logarithm of an error, with a price on length."""
    return math.log(max(loss_value, SMALLEST)) + parsimony * length


def assess(
    expression: Expression, parts: Mapping[str, Part], objective: Objective
) -> Candidate | None:
    """Score an equation; None if it has no finite value on some training or validation sample."""
    train = parts["train"].values(expression)
    if not np.isfinite(train).all() or np.ptp(train) == 0:
        return None
    carried = fit_map(objective, train, parts["train"].y)

    def held_out(part: Part) -> float:
        values = part.values(expression)
        return unexplained(part.y, carried(values)) if np.isfinite(values).all() else np.inf

    validation = held_out(parts["validation"])
    if not np.isfinite(validation):
        return None
    return Candidate(
        expression=expression,
        complexity=complexity(expression),
        train=loss(objective, train, parts["train"].y),
        validation=validation,
        test=held_out(parts["test"]),
    )


def pareto_front(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Candidates that no other beats in both complexity and validation error, by complexity."""
    front: list[Candidate] = []
    ordered = sorted(candidates, key=lambda item: (item.complexity, item.validation, item.text))
    for candidate in ordered:
        if not front or candidate.validation < (1 - BETTER) * front[-1].validation:
            front.append(candidate)
    return front


def select(front: Sequence[Candidate], parsimony: float) -> int:
    """Index of the equation whose validation error is lowest for its length."""
    prices = [price(item.validation, item.complexity, parsimony) for item in front]
    return int(np.argmin(prices))
