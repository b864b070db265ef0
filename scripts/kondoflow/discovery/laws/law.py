"""A law while it is sought: a formula of the numbers, and the corrections k in the small quantity.

Both hold constants: floats are fitted, all else is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.tidying import without_zeros
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.prepared import Prepared
from kondoflow.formulas.trees import (
    Expression,
    Name,
    Number,
    constants_of,
    with_constants,
)

CONSTANT = "constant {}"  # name of a fitted constant while it has several values, of no input


@dataclass(frozen=True)
class Model:
    """What a law says of the target as a function of its constants.

    Attributes:
        prepared: The target on all samples.
        slots: Names of the constants there.
    """

    prepared: Prepared
    slots: Sequence[str]

    def __call__(self, constants: np.ndarray) -> np.ndarray:
        """The target, (sample,), for constants, (constant,)."""
        return self.prepared(self._columns(constants))

    def moved(self, constants: np.ndarray, others: np.ndarray, held: int = 0) -> np.ndarray:
        """The target where one constant after another has another value, (constant, sample).

        Args:
            constants: All constants, (constant,).
            others: Their other values, (constant,).
            held: How many of the first constants are left out.
        """
        columns = list(self._columns(others).items())[held:]
        return self.prepared.moved(self._columns(constants), dict(columns))

    def _columns(self, constants: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(self.slots, np.asarray(constants), strict=True))


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
        return self.model(posed)(np.array(self.constants))

    def model(self, posed: Posed) -> Model:
        """What the law says of the target, as a function of its fitted constants."""
        slots = [CONSTANT.format(index) for index in range(len(self.constants))]
        names = iter([Name(name) for name in slots])
        reduced = with_constants(self.reduced, names)
        factors = [with_constants(k, names) for k in self.factors]
        return Model(posed.prepared(reduced, factors), slots)

    def errors(self, posed: Posed) -> np.ndarray:
        """Errors of the target, (sample,)."""
        return posed.target - self.values(posed)

    def formula(self, posed: Posed) -> Expression:
        """The law in the data's variables."""
        return posed.formula(self.reduced, self.factors)
