r"""The question that a law answers: the target in units of a scale, as a function of numbers.

Inputs are those of the system. A symmetry replaces a quantity by |s| in each of them. A second view
leaves the quantity, but takes it on the side where s is positive. Inputs without a dimension are
the numbers q; an input with a dimension gives the scale W (where the system names dimensions). The
second view has those numbers alone that compare with the scale. Where a small quantity g is named,
each quantity behind the numbers but the scale's own, and the target, gets a factor 1 + k g
(`discovery.laws.collapse`).

A target log(Y) is treated as Y: a law is a formula for Y, and errors are differences of log(Y),
which are relative errors of Y. For any other target the law is a formula for the target itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kondoflow.discovery.gauge import reduce_inputs
from kondoflow.discovery.laws.symmetry import Symmetry
from kondoflow.discovery.scale import scale_of
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.prepared import Prepared
from kondoflow.formulas.rewriting import folded
from kondoflow.formulas.trees import Apply, Expression, Name, Number, names_in, substitute

FOLDED = "folded_{}"  # name of |s| while a law is sought
LOG_SCALE = "logarithm of the scale"  # no name of a quantity
SMALLEST = 1e-3  # correction: one that a fit takes below 0 has no logarithm
UPPER = "{}_upper"  # name of an input in which the quantity that s replaces has the side s > 0


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
        """The question on some samples, a mask or indices."""
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
        return Prepared(value, {**self.values, LOG_SCALE: self.log_scale()})

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


def pose(
    samples: Samples,
    target: Target,
    definition: str,
    symmetries: Sequence[Symmetry] = (),
    small: str | None = None,
) -> Posed:
    """State the question.

    Args:
        samples: The samples.
        target: The target.
        definition: The target as an expression of the data's variables.
        symmetries: Those that may be used.
        small: The small quantity, a formula of the data's variables.
    """
    folds = {FOLDED.format(each.replaced): each for each in symmetries}
    by_symbol = {each.replaced: Name(name) for name, each in folds.items()}
    definitions = {name: substitute(item, by_symbol) for name, item in samples.definitions.items()}
    values = dict(samples.bare())
    for name, each in folds.items():
        values[name] = evaluate(each.folded, samples.variables)
        values.update({other: samples.variables[other] for other in names_in(each.odd)})
    scale, numbers = _reduced(samples, definitions, values)
    views: tuple[tuple[str, ...], ...] = (tuple(numbers),)
    if folds:
        upper = {name: _upper(each, name) for name, each in folds.items()}
        numbers, seen = _with_upper(numbers, scale, samples.definitions, by_symbol, upper)
        views = (seen, *views)
    quantity = scale_of(parse(definition, "targets"))
    small_formula = None if small is None else parse(small, "law.small")
    behind: set[str] = set().union(*(names_in(item) for item in numbers.values()))
    kept = frozenset() if scale is None else names_in(scale)
    corrected = tuple(sorted(behind - kept)) if small_formula is not None else ()
    if small_formula is not None:
        values.update({name: samples.variables[name] for name in names_in(small_formula)})
    return Posed(
        target=target.values,
        quantity=quantity,
        values=values,
        folded={name: each.folded for name, each in folds.items()},
        numbers=numbers,
        views=views,
        scale=scale,
        small=small_formula,
        corrected=corrected,
    )


def _upper(symmetry: Symmetry, name: str) -> Expression:
    """The quantity that s replaces where s is |s|, for an s that is linear in it."""
    at = {
        number: substitute(symmetry.odd, {symmetry.replaced: Number(number)}) for number in (0, 1)
    }
    slope = folded(Apply("sub", (at[1], at[0])))
    return folded(Apply("div", (Apply("sub", (Name(name), at[0])), slope)))


def _with_upper(
    numbers: Mapping[str, Expression],
    scale: Expression | None,
    definitions: Mapping[str, Expression],
    by_symbol: Mapping[str, Name],
    upper: Mapping[str, Expression],
) -> tuple[dict[str, Expression], tuple[str, ...]]:
    """All numbers with those of the second view, and the names of that view."""
    everything, seen = dict(numbers), []
    for name, number in numbers.items():
        if scale is not None and not names_in(scale) <= names_in(number):
            continue
        inside = [symbol for symbol in by_symbol.values() if symbol.name in names_in(number)]
        if not inside or name not in definitions:
            seen.append(name)
            continue
        own = {symbol.name: upper[symbol.name] for symbol in inside}
        everything[UPPER.format(name)] = substitute(number, own)
        seen.append(UPPER.format(name))
    return everything, tuple(seen)


def _reduced(
    samples: Samples, definitions: Mapping[str, Expression], values: Mapping[str, np.ndarray]
) -> tuple[Expression | None, dict[str, Expression]]:
    """The scale and the numbers as formulas of the quantities."""
    names = tuple(definitions)
    table = [
        np.broadcast_to(evaluate(item, values), samples.region.shape)
        for item in definitions.values()
    ]
    dimensions = tuple(samples.dimensions.get(name, {}) for name in names)
    found = reduce_inputs(names, np.column_stack(table), dimensions)
    if found is None:
        return None, dict(definitions)
    inside = {
        name: parse(text, "inputs") for name, text in zip(found.numbers, found.numbers, strict=True)
    }
    numbers = {
        (name if name in definitions else f"number_{index}"): substitute(item, definitions)
        for index, (name, item) in enumerate(inside.items())
    }
    return substitute(parse(found.scale, "inputs"), definitions), numbers
