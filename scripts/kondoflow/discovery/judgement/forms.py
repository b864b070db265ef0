r"""Whether two formulas are the same after simplification.

The criterion of the benchmarks of symbolic regression (La Cava et al. 2021, arXiv:2107.14351): a
formula f is a reference r if f - r or f / r simplifies to a constant. Coefficients are compared to
`TOLERANCE`, numbers inside functions to `DIGITS` digits. Logarithms and powers are split into those
of their factors, which is allowed where the quantities are positive, a quantity of negative sign
being replaced by minus a positive one. With f = p/q and r = s/t as fractions of expanded sums,

.. math:: f - r = \frac{p t - s q}{q t}, \qquad \frac{f}{r} = \frac{p t}{s q},

so that both questions compare coefficients of expanded sums. The cost is bounded: sums are
expanded only while they have few terms, and a formula that is too long is not decided.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import sympy

from kondoflow.formulas.rewriting import expands_beyond
from kondoflow.formulas.symbolic import to_sympy
from kondoflow.formulas.trees import Expression

MAX_OPERATIONS = 120  # of a formula that is compared
MAX_TERMS = 400  # of an expanded sum
DIGITS = 3  # significant digits of numbers inside functions
TOLERANCE = 2e-3  # relative difference between coefficients that counts as rounding


def same_form(
    equation: Expression,
    reference: Expression,
    positive: Collection[str],
    negative: Collection[str] = (),
    tolerance: float = TOLERANCE,
) -> str | None:
    """Whether an equation is a reference after simplification.

    Args:
        equation: The equation.
        reference: The reference.
        positive: Names of quantities that are positive on every sample.
        negative: Names of those that are negative on every sample.
        tolerance: Relative difference between coefficients that counts as none.

    Returns:
        "difference" or "ratio", whichever is constant ("difference" if both are), "no", or None
        if one of the formulas is too long to decide, or algebra can't treat it.
    """
    try:
        return _compared(equation, reference, positive, negative, tolerance)
    except (ArithmeticError, TypeError, ValueError, RecursionError):
        # Of sympy, such as for a maximum of what is not real where the signs are those of samples.
        return None


def _compared(
    equation: Expression,
    reference: Expression,
    positive: Collection[str],
    negative: Collection[str],
    tolerance: float,
) -> str | None:
    signs = {
        sympy.Symbol(name, real=True): (-1 if name in negative else 1)
        * sympy.Symbol(name, positive=True)
        for name in (*positive, *negative)
    }
    forms = [to_sympy(item).xreplace(signs) for item in (equation, reference)]
    if any(form.count_ops() > MAX_OPERATIONS for form in forms):
        return None
    if any(form.has(sympy.nan, sympy.zoo, sympy.oo) for form in forms):
        return None
    fractions = [_fraction(form) for form in forms]
    if None in fractions:
        return None
    (p, q), (s, t) = [item for item in fractions if item is not None]
    products = [_expanded(a * b) for a, b in ((p, t), (s, q), (q, t))]
    if None in products:
        return None
    pt, sq, qt = [_coefficients(item) for item in products if item is not None]
    if _is_multiple(_minus(pt, sq, tolerance), qt, tolerance):
        return "difference"
    return "ratio" if _is_multiple(pt, sq, tolerance) else "no"


def _fraction(form: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr] | None:
    """Numerator and denominator as expanded sums, logarithms split; None if too long."""
    split = sympy.expand_log(form, force=False)
    split = sympy.powsimp(sympy.expand_power_base(split), combine="exp")
    split = split.replace(_is_transcendental, _with_rounded_numbers)
    above, below = sympy.fraction(sympy.together(split))
    expanded = [_expanded(item) for item in (above, below)]
    if expanded[0] is None or expanded[1] is None:
        return None
    return expanded[0], expanded[1]


def _is_transcendental(form: sympy.Expr) -> bool:
    return form.is_Function or (form.is_Pow and not form.exp.is_Integer)


def _with_rounded_numbers(form: sympy.Expr) -> sympy.Expr:
    """A function with the numbers in its arguments to `DIGITS` significant digits."""

    def rounded(number: sympy.Expr) -> sympy.Expr:
        value = float(f"{float(number):.{DIGITS - 1}e}")
        return sympy.Integer(int(value)) if value == int(value) else sympy.Float(value)

    arguments = []
    for argument in form.args:
        plain = sympy.N(argument)
        numbers = {item: rounded(item) for item in plain.atoms(sympy.Float)}
        arguments.append(plain.xreplace(numbers))
    return form.func(*arguments)


def _expanded(form: sympy.Expr) -> sympy.Expr | None:
    """A product of sums multiplied out; None if it has too many terms."""
    if expands_beyond(form, MAX_TERMS):
        return None
    return sympy.powsimp(sympy.expand(form, log=False), combine="exp")


def _coefficients(form: sympy.Expr) -> dict[sympy.Expr, float]:
    """Coefficient by the rest of each term of a sum."""
    found: dict[sympy.Expr, float] = {}
    for term in sympy.Add.make_args(sympy.expand(form, log=False)):
        number, rest = _split_number(term)
        found[rest] = found.get(rest, 0.0) + number
    return found


def _split_number(term: sympy.Expr) -> tuple[float, sympy.Expr]:
    """Product of the numbers in a term, and the product of what contains names."""
    numbers: list[sympy.Expr] = []
    rest: list[sympy.Expr] = []
    for factor in sympy.Mul.make_args(term):
        (rest if factor.free_symbols else numbers).append(factor)
    value = complex(sympy.N(sympy.Mul(*numbers)))
    return (value.real if value.imag == 0 else math.nan), sympy.Mul(*rest)


def _minus(
    left: dict[sympy.Expr, float], right: dict[sympy.Expr, float], tolerance: float
) -> dict[sympy.Expr, float]:
    """Difference of two sums; coefficients that agree to the tolerance cancel."""
    result = {}
    for term in left.keys() | right.keys():
        a, b = left.get(term, 0.0), right.get(term, 0.0)
        if not abs(a - b) <= tolerance * max(abs(a), abs(b)):
            result[term] = a - b
    return result


def _is_multiple(
    sum_: dict[sympy.Expr, float], of: dict[sympy.Expr, float], tolerance: float
) -> bool:
    """Whether one sum is a number times another."""
    if not sum_:
        return True
    if sum_.keys() != of.keys():
        return False
    ratios = [sum_[term] / of[term] if of[term] else math.inf for term in of]
    return max(ratios) - min(ratios) <= tolerance * abs(ratios[0])
