"""A law while it is sought: a formula of the numbers, and the corrections k in the small quantity.

Both hold constants: floats are fitted, all else is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.laws.posing import Posed
from kondoflow.discovery.laws.tidying import without_zeros
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.trees import (
    Expression,
    Name,
    Number,
    constants_of,
    names_in,
    with_constants,
)

CONSTANT = "constant_{}"  # name of a fitted constant while it has several values


@dataclass(frozen=True)
class Law:
    """A law.

    Attributes:
        reduced: V, the quantity in units of the scale (or the target), of the numbers.
        factors: k of each corrected quantity and of the target; empty without a small quantity.
    """

    reduced: Expression
    factors: tuple[Expression, ...] = ()

    @property
    def constants(self) -> list[float]:
        """Fitted constants: those of the formula from left to right, then the corrections."""
        return [value for part in (self.reduced, *self.factors) for value in constants_of(part)]

    @property
    def length(self) -> int:
        """Length, see `formulas.measures.complexity`."""
        corrections = (k for k in self.factors if k != Number(0))
        return complexity(self.reduced) + sum(complexity(k) for k in corrections)

    def filled(self, constants: Sequence[Expression]) -> Law:
        """The same law with its fitted constants replaced, in the order of `constants`."""
        left = iter(constants)
        reduced = with_constants(self.reduced, left)
        return Law(without_zeros(reduced), tuple(with_constants(k, left) for k in self.factors))

    def with_values(self, constants: Sequence[float]) -> Law:
        """The same law with other values of its fitted constants."""
        left = iter([Number(float(value)) for value in constants])
        reduced = with_constants(self.reduced, left)
        return Law(reduced, tuple(with_constants(k, left) for k in self.factors))

    def values(self, posed: Posed) -> np.ndarray:
        """What the law says of the target, (sample,), non-finite where it says nothing."""
        return self.values_of_each(posed, np.array([self.constants]))[0]

    def values_of_each(self, posed: Posed, sets: np.ndarray) -> np.ndarray:
        """The same with other values of its fitted constants, (set, constant): (set, sample)."""
        columns = {CONSTANT.format(index): column[:, None] for index, column in enumerate(sets.T)}
        names = iter([Name(name) for name in columns])
        reduced = with_constants(self.reduced, names)
        factors = [evaluate(with_constants(k, names), columns) for k in self.factors]
        corrections = posed.corrections_of_each(factors)
        inputs = posed.numbers_of_each(corrections[:-1], names_in(self.reduced))
        shape = (len(sets), posed.target.size)
        with np.errstate(all="ignore"):
            V = evaluate(reduced, {**inputs, **columns}) * corrections[-1]
            values = np.log(V) + posed.log_scale() if posed.logarithmic else V
        return np.broadcast_to(values, shape)

    def errors(self, posed: Posed) -> np.ndarray:
        """Errors of the target, (sample,)."""
        return posed.target - self.values(posed)

    def formula(self, posed: Posed) -> Expression:
        """The law in the data's variables."""
        return posed.formula(self.reduced, self.factors)
