"""Operations that a reference needs and the search was not given.

A search writes equations with the operations in `equations: symbols` alone. A reference that needs
another one can be approximated but not found, which the user should know. What counts is the
reference's simplest form up to the maps that the target allows: up to a monotone map
sqrt(p^2 + m^2) is p^2 + m^2 and needs no root.
"""

from __future__ import annotations

from collections.abc import Collection

from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.polishing import reduced
from kondoflow.formulas.trees import Apply, Expression, constant_value, names_in

BY_EXP = frozenset({"sinh", "cosh", "tanh"})  # which exp can write
OFFERED = BY_EXP | {"log", "exp", "sqrt", "sin", "cos"}


def ungiven(
    reference: Expression,
    objective: Objective,
    symbols: Collection[str],
    searchable: Collection[Expression] = (),
) -> list[str]:
    """Names of operations that may be given to a search and were not, in alphabetical order.

    Args:
        reference: The reference.
        objective: The maps that the target allows.
        symbols: Operations that the search was given.
        searchable: Inputs of the search; what they hold, an equation has.
    """
    shortest = reduced(reference, objective)
    forms = [reference] if shortest is None else [reference, shortest]
    held = frozenset().union(*map(_needed, searchable))
    had = {*symbols, *held} | (BY_EXP if "exp" in symbols else set())
    lacking = [sorted((_needed(form) & OFFERED) - had) for form in forms]
    return min(lacking, key=len)


def _needed(node: Expression) -> frozenset[str]:
    """Functions of a formula that are no numbers, a root where a half-odd power stands."""
    if not isinstance(node, Apply) or not names_in(node):
        return frozenset()
    inner = frozenset().union(*map(_needed, node.arguments))
    if node.function != "pow":
        return inner | {node.function}
    power = constant_value(node.arguments[1])
    return inner | {"sqrt"} if power is not None and power % 1 == 0.5 else inner
