"""Expressions as trees, and what can be asked of a tree without knowing what its operations do.

An expression is a `Number`, a `Name`, or an `Apply` of an operation (`formulas.operations`) to
arguments. Trees are immutable; every function here returns a new one. A number written without a
decimal point is an int and exact; a float is a fitted constant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from kondoflow.formulas.operations import OPERATIONS


@dataclass(frozen=True, slots=True)
class Number:
    """A number; an int was written without a decimal point and is taken as exact."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity."""

    name: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation, a key of `operations.OPERATIONS`, applied to arguments."""

    function: str
    arguments: tuple[Expression, ...] = ()


Expression = Number | Name | Apply


def names_in(node: Expression) -> frozenset[str]:
    """Names of the quantities in an expression."""
    match node:
        case Name(name):
            return frozenset({name})
        case Apply(arguments=arguments):
            return frozenset().union(*(names_in(argument) for argument in arguments))
    return frozenset()


def substitute(node: Expression, replacements: Mapping[str, Expression]) -> Expression:
    """Replace names by expressions; names without a replacement stay."""
    match node:
        case Name(name):
            return replacements.get(name, node)
        case Apply(function, arguments):
            return Apply(function, tuple(substitute(item, replacements) for item in arguments))
    return node


def additive_terms(node: Expression) -> list[Expression]:
    """The summands of a formula, in the order in which they are written."""
    match node:
        case Apply("add", (left, right)):
            return additive_terms(left) + additive_terms(right)
        case Apply("sub", (left, right)):
            return additive_terms(left) + [Apply("neg", (item,)) for item in additive_terms(right)]
    return [node]


def total(terms: Sequence[Expression]) -> Expression:
    """Sum of one or more expressions."""
    return reduce(lambda left, right: Apply("add", (left, right)), terms)


def constants_of(expression: Expression) -> list[float]:
    """Fitted constants, from left to right."""
    match expression:
        case Number(float() as value):
            return [value]
        case Apply(arguments=arguments):
            return [value for argument in arguments for value in constants_of(argument)]
    return []


def with_constants(expression: Expression, constants: Iterable[Expression]) -> Expression:
    """The same expression with its fitted constants replaced, from left to right."""
    return _refill(expression, iter(constants))


def _refill(expression: Expression, constants: Iterator[Expression]) -> Expression:
    match expression:
        case Number(float()):
            return next(constants)
        case Apply(function, arguments):
            return Apply(function, tuple(_refill(argument, constants) for argument in arguments))
    return expression


def constant_value(node: Expression) -> float | None:
    """Value of an expression without names; None if it has names or no finite value."""
    match node:
        case Number(value):
            return float(value)
        case Name():
            return None
    values = [constant_value(argument) for argument in node.arguments]
    on_numbers = OPERATIONS[node.function].number
    if on_numbers is None or any(value is None for value in values):
        return None
    try:
        result = on_numbers(*values)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    # A negative number to a fractional power is complex.
    return result if isinstance(result, float) and math.isfinite(result) else None
