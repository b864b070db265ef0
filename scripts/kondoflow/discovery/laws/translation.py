"""A formula of the data's variables, such as a known law, written in the numbers of a search.

In units of the scale, W = 1. Every number then says what one quantity is, given those that are
already known: U/Gamma with Gamma = 1 says that U is this number. A quantity that a symmetry folds
follows from its |s|, on the side where s is positive.
"""

from __future__ import annotations

import sympy

from kondoflow.discovery.laws.posed import Posed
from kondoflow.formulas.rewriting import expands_beyond, tidy
from kondoflow.formulas.symbolic import NotRealError, from_sympy, to_sympy
from kondoflow.formulas.trees import Apply, Expression, Name, Number, names_in, substitute

TERMS = 40  # operations of a formula above which it is not written anew
MAX_TERMS = 400  # of a formula that is multiplied out


def in_numbers(formula: Expression, posed: Posed) -> Expression | None:
    """The value of a formula for the target, as V in units of the scale; None if that fails.

    Args:
        formula: For the target, over the data's variables.
        posed: The question.
    """
    known = _known(posed)
    if known is None or not names_in(formula) <= set(known):
        return None
    try:
        return tidy_value(substitute(formula, known), logarithmic=posed.logarithmic)
    except NotRealError:
        return None


def tidy_value(formula: Expression, *, logarithmic: bool) -> Expression:
    """A formula for the target as V, with the logarithms that are summands made powers."""
    if not logarithmic:
        return tidy(formula)
    # Not through `tidy`: expanding what is known as a square would lengthen it.
    form = to_sympy(formula)
    form = form if expands_beyond(form, MAX_TERMS) else sympy.expand(form)
    powers, rest = sympy.Integer(1), sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand_log(form, force=True)):
        factor, logarithm = term.as_independent(sympy.log)
        if isinstance(logarithm, sympy.log):
            powers *= logarithm.args[0] ** factor
        else:
            rest += term
    return from_sympy(powers * sympy.exp(rest))


def _known(posed: Posed) -> dict[str, Expression] | None:
    """Every quantity in terms of the numbers, with the scale 1."""
    known: dict[str, Expression] = {}
    if posed.scale is not None:
        if not isinstance(posed.scale, Name):
            return None
        known[posed.scale.name] = Number(1)
    left = dict(posed.numbers)
    while left:
        step = _next(left, known)
        if step is None:
            break
        number, quantity, value = step
        known[quantity] = value
        del left[number]
    for name, folded in posed.folded.items():
        if name not in known:
            return None
        assert isinstance(folded, Apply)
        odd = substitute(folded.arguments[0], known)
        unknown = names_in(folded.arguments[0]) - set(known)
        if len(unknown) != 1:
            return None
        (quantity,) = unknown
        solved = _solved(odd, quantity, known[name])
        if solved is None:
            return None
        known[quantity] = solved
    return known


def _next(
    left: dict[str, Expression], known: dict[str, Expression]
) -> tuple[str, str, Expression] | None:
    """A number that says what one more quantity is."""
    for number, definition in left.items():
        unknown = names_in(definition) - set(known)
        if len(unknown) == 1:
            (quantity,) = unknown
            value = _solved(substitute(definition, known), quantity, Name(number))
            if value is not None:
                return number, quantity, value
    return None


def _solved(formula: Expression, quantity: str, value: Expression) -> Expression | None:
    """The quantity for which a formula has a value; None unless there is exactly one."""
    symbol = sympy.Symbol(quantity, real=True)
    found = sympy.solve(to_sympy(formula) - to_sympy(value), symbol)
    return from_sympy(found[0]) if len(found) == 1 else None
