"""An archive of what is good in different ways.

The cheapest equations of a search are often variants of one another, an approximation with one
more term each, and growth from any of them ends at the same place. The archive keeps the cheapest
equation of each niche (Mouret & Clune 2015): equations with the same inputs and the same functions
beside arithmetic. Growth then starts from equations that differ in kind, among them short ones to
which one factor or term is missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from kondoflow.discovery.selection import Candidate, price
from kondoflow.formulas.trees import Apply, Expression, names_in

ARITHMETIC = {"add", "sub", "mul", "div", "neg", "pow"}

Niche = tuple[frozenset[str], frozenset[str]]


def archive(candidates: Iterable[Candidate], parsimony: float) -> list[Candidate]:
    """The cheapest equation of each niche by training error and length, the cheapest first."""

    def cost(candidate: Candidate) -> tuple[float, str]:
        return price(candidate.train, candidate.complexity, parsimony), candidate.text

    best: dict[Niche, Candidate] = {}
    for candidate in sorted(candidates, key=cost):
        best.setdefault(niche(candidate.expression), candidate)
    return list(best.values())


def niche(expression: Expression) -> Niche:
    """Inputs of an equation, and its functions beside arithmetic."""
    return names_in(expression), _functions(expression) - ARITHMETIC


def _functions(expression: Expression) -> frozenset[str]:
    if not isinstance(expression, Apply):
        return frozenset()
    return frozenset({expression.function}).union(*map(_functions, expression.arguments))
