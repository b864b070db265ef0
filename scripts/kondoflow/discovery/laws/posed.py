r"""The question that a law answers, on all samples or on some.

A target log(Y) is treated as Y: a law is a formula for Y, and errors are differences of log(Y),
which are relative errors of Y. For any other target the law is a formula for the target itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.prepared import Prepared
from kondoflow.formulas.trees import Apply, Expression, Name, Number, substitute

LOG_SCALE = "logarithm of the scale"  # no name of a quantity
SMALLEST = 1e-3  # correction: one that a fit takes below 0 has no logarithm


@dataclass(frozen=True)
class Posed:
    """The question on all samples.

    Attributes:
        target: Values of the target, (sample,).
        quantity: The quantity whose logarithm the target is, as text; None if it is none.
        values: Of every quantity behind the inputs, and of each |s|, (sample,) by name.
        folded: |s| by the name it has here.
        numbers: Dimensionless inputs as formulas of the quantities, by name.
        views: Names of the numbers that a search sees, the view that is tried first in front.
        scale: W as a formula of the quantities; None without one.
        small: The small quantity g; None without one.
        corrected: Quantities that get a factor.
    """

    target: np.ndarray
    quantity: str | None
    values: Mapping[str, np.ndarray]
    folded: Mapping[str, Expression]
    numbers: Mapping[str, Expression]
    views: tuple[tuple[str, ...], ...]
    scale: Expression | None
    small: Expression | None = None
    corrected: tuple[str, ...] = ()

    @property
    def logarithmic(self) -> bool:
        """Whether the target is a logarithm."""
        return self.quantity is not None

    def part(self, rows: np.ndarray) -> Posed:
        """The question on some samples: a mask (sample,), or indices."""
        cut = {name: column[rows] for name, column in self.values.items()}
        return replace(self, target=self.target[rows], values=cut)

    def joined(self, other: Posed) -> Posed:
        """The same question on these samples and on others."""
        values = {
            name: np.append(column, other.values[name]) for name, column in self.values.items()
        }
        return replace(self, target=np.append(self.target, other.target), values=values)

    def reduced(self, factors: Sequence[float]) -> np.ndarray:
        """The target in units of the scale, without the corrections k, (sample,)."""
        if not self.logarithmic:
            return self.target / self.corrections(factors)[-1]
        return self.target - self.log_scale() - np.log(self.corrections(factors)[-1])

    def log_scale(self) -> np.ndarray:
        """Logarithm of the scale, (sample,); 0 without one."""
        if self.scale is None or not self.logarithmic:
            return np.zeros_like(self.target)
        return np.log(np.broadcast_to(evaluate(self.scale, self.values), self.target.shape))

    def corrections(self, factors: Sequence[float]) -> np.ndarray:
        """1 + k g of every corrected quantity and of the target, (quantity and one, sample)."""
        ones = np.ones((len(self.corrected) + 1, self.target.size))
        if self.small is None:
            return ones
        g = np.broadcast_to(evaluate(self.small, self.values), self.target.shape)
        return np.maximum(ones + np.outer(factors, g), SMALLEST)

    def inputs(self, factors: Sequence[float], names: Collection[str]) -> dict[str, np.ndarray]:
        """Some of the numbers with the corrections k, (sample,) by name."""
        return self.numbers_with(self.corrections(factors)[:-1], names)

    def numbers_with(self, factors: np.ndarray, names: Collection[str]) -> dict[str, np.ndarray]:
        """Some numbers, with the corrected quantities times factors, (quantity, sample)."""
        scaled = dict(self.values)
        for name, factor in zip(self.corrected, factors, strict=True):
            scaled[name] = scaled[name] * factor
        return {
            name: np.broadcast_to(evaluate(number, scaled), self.target.shape)
            for name, number in self.numbers.items()
            if name in names
        }

    def prepared(self, reduced: Expression, factors: Sequence[Expression]) -> Prepared:
        """The target, on all samples, as a function of names that stand for constants.

        Args:
            reduced: Y in units of the scale, of the numbers and these names.
            factors: k of each corrected quantity and of the target, of these names.
        """
        value, scaled = reduced, self.numbers
        if self.small is not None:
            *own, last = [self._correction(k, self.small) for k in factors]
            corrected = {
                name: Apply("mul", (Name(name), factor))
                for name, factor in zip(self.corrected, own, strict=True)
            }
            scaled = {name: substitute(each, corrected) for name, each in self.numbers.items()}
            value = Apply("mul", (reduced, last))
        value = substitute(value, scaled)
        if self.logarithmic:
            value = Apply("add", (Apply("log", (value,)), Name(LOG_SCALE)))
        return Prepared(value, {**self.values, LOG_SCALE: self.log_scale()}, self.target.shape)

    @staticmethod
    def _correction(k: Expression, small: Expression) -> Expression:
        """1 + k g as `corrections` has it."""
        factor = Apply("add", (Number(1), Apply("mul", (k, small))))
        return Apply("maximum", (factor, Number(SMALLEST)))

    def formula(self, reduced: Expression, factors: Sequence[Expression]) -> Expression:
        """A formula for Y (or the target) in the data's variables.

        Args:
            reduced: Y in units of the scale, of the numbers.
            factors: k of each corrected quantity and of the target.
        """
        inner = substitute(reduced, self._corrected_numbers(factors))
        if self.scale is not None and self.logarithmic:
            inner = Apply("mul", (self.scale, inner))
        if self.small is not None:
            inner = _with_factor(inner, factors[-1], self.small)
        return substitute(inner, self.folded)

    def formula_of(self, number: Expression, factors: Sequence[Expression]) -> Expression:
        """A number in the data's variables, with the corrections."""
        return substitute(substitute(number, self._own(factors)), self.folded)

    def _own(self, factors: Sequence[Expression]) -> dict[str, Expression]:
        """Each corrected quantity with its factor."""
        if self.small is None:
            return {}
        pairs = zip(self.corrected, factors, strict=False)
        return {name: _with_factor(Name(name), k, self.small) for name, k in pairs}

    def _corrected_numbers(self, factors: Sequence[Expression]) -> dict[str, Expression]:
        own = self._own(factors)
        return {name: substitute(number, own) for name, number in self.numbers.items()}


def _with_factor(quantity: Expression, k: Expression, small: Expression) -> Expression:
    if k == Number(0):
        return quantity
    first = Apply("mul", (k, small))
    return Apply("mul", (quantity, Apply("add", (Number(1), first))))
