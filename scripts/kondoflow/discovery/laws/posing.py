r"""From samples and target to the question: the target in units of a scale, a function of numbers.

Inputs are those of the system. A symmetry replaces a quantity by |s| in each of them. A second view
leaves the quantity, but takes it on the side where s is positive. Inputs without a dimension are
the numbers q; an input with a dimension gives the scale W (where the system names dimensions). The
second view has those numbers alone that compare with the scale. Where a small quantity g is named,
each quantity behind the numbers but the scale's own, and the target, gets a factor 1 + k g
(`discovery.laws.collapse`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kondoflow.discovery.gauge import reduce_inputs
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.symmetry import Symmetry
from kondoflow.discovery.scale import scale_of
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.rewriting import folded
from kondoflow.formulas.trees import Apply, Expression, Name, Number, names_in, substitute

FOLDED = "folded_{}"  # name of |s| while a law is sought
UPPER = "{}_upper"  # name of an input in which the quantity that s replaces has the side s > 0


def pose(
    samples: Samples,
    target: Target,
    definition: str,
    symmetries: Sequence[Symmetry],
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
