r"""An equation for the logarithm of a scale, solved for the scale.

With f = c + sum_k p_k log x_k + g, where g holds no logarithm as a summand,

.. math:: \exp f = e^c \prod_k x_k^{p_k} \, e^g .
"""

from __future__ import annotations

import math

from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import (
    Apply,
    Expression,
    Name,
    Number,
    additive_terms,
    constant_value,
    names_in,
    total,
)

DIGITS = 4  # of the prefactor


def scale_of(target: Expression) -> str | None:
    """The quantity whose logarithm a target is, as text; None if it is not a logarithm."""
    match target:
        case Apply("log", (scale,)):
            return to_text(scale)
    return None


def solved_for_scale(equation: Expression, digits: int = DIGITS) -> Expression:
    """The exponential of an equation, powers and prefactor (with so many digits) written out."""
    prefactor, powers, rest = 0.0, [], []
    for term in additive_terms(equation):
        if not names_in(term):
            prefactor += constant_value(term) or 0.0
            continue
        factor, argument = _logarithm(term)
        if argument is None:
            rest.append(term)
        else:
            powers.append(argument if factor == 1 else Apply("pow", (argument, Number(factor))))
    factors: list[Expression] = []
    if prefactor:
        factors.append(Number(float(f"{math.exp(prefactor):.{digits}g}")))
    factors += powers
    if rest:
        factors.append(Apply("exp", (total(rest),)))
    if not factors:
        return Number(1)
    product = factors[0]
    for factor_ in factors[1:]:
        product = Apply("mul", (product, factor_))
    return product


def _logarithm(term: Expression) -> tuple[float | int, Expression | None]:
    """Factor and argument of a number times a logarithm; no argument if it is something else."""
    match term:
        case Apply("log", (argument,)):
            return 1, argument
        case Apply("neg", (inner,)):
            factor, found = _logarithm(inner)
            return -factor, found
        case Apply("mul", (left, right)):
            for number, other in ((left, right), (right, left)):
                value = number.value if isinstance(number, Number) else None
                if value is not None and not isinstance(other, Name):
                    factor, found = _logarithm(other)
                    return value * factor, found
        case Apply("div", (left, Number(value))) if value:
            factor, found = _logarithm(left)
            return factor / value, found
    return 1, None
