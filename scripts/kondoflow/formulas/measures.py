"""How long an equation is, and whether its functions are nested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kondoflow.formulas.operations import NEVER_NESTED
from kondoflow.formulas.trees import Apply, Expression, Name, Number

if TYPE_CHECKING:
    import sympy


def complexity(expression: Expression) -> int:
    """Length of an equation: one for each operation, name and exact number, two for a constant.

    A fitted constant counts double because it says more than a small integer, so that of two
    forms of one equation the one with fewer fitted constants is shorter.
    """
    match expression:
        case Number(value):
            return 1 if isinstance(value, int) else 2
        case Name():
            return 1
    return 1 + sum(complexity(argument) for argument in expression.arguments)


def is_nested(expression: Expression, inside: bool = False) -> bool:
    """Whether a logarithm or exponential stands inside another (`operations.NEVER_NESTED`)."""
    match expression:
        case Apply(function, arguments):
            transcendental = function in NEVER_NESTED
            if transcendental and inside:
                return True
            return any(is_nested(argument, inside or transcendental) for argument in arguments)
    return False


def length_of_form(form: sympy.Expr) -> int:
    """`complexity` of a sympy form, without a detour through text; it may be off by one or two."""
    if form.is_Atom:
        return 2 if form.is_Float else 1
    if form.is_Pow:
        base, exponent = form.as_base_exp()
        return length_of_form(base) + (0 if exponent == -1 else 2)
    joints = len(form.args) - 1 if form.is_Add or form.is_Mul else 1
    return joints + sum(length_of_form(argument) for argument in form.args)


def nesting_of_form(form: sympy.Expr, depth: int = 0) -> int:
    """How many sums stand around each sum beyond one, added up."""
    own, below = (max(0, depth - 1), depth + 1) if form.is_Add else (0, depth)
    return own + sum(nesting_of_form(argument, below) for argument in form.args)
