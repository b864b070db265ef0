"""Expressions and sympy's forms: the way there and back.

A form is built from sympy's constructors, never from a string, and read back through the parser of
`formulas.grammar`. Numbers written without a decimal point are exact; all others are fitted
constants.
"""

from __future__ import annotations

import sympy
from sympy.printing.str import StrPrinter

from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.operations import OPERATIONS
from kondoflow.formulas.trees import Apply, Expression, Name, Number


class NotRealError(ValueError):
    """An equation whose constants alone make it complex, infinite or absurd.

    Examples are log(-2) and a power beyond those that the grammar allows.
    """


def to_sympy(expression: Expression) -> sympy.Expr:
    """Build the sympy form of a formula; its symbols are real."""
    match expression:
        case Number(value):
            return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)
        case Name(name):
            return sympy.Symbol(name, real=True)
    parts = _factors(expression) if expression.function == "mul" else expression.arguments
    build = OPERATIONS[expression.function].symbolic
    assert build is not None, f"{expression.function} is a condition"
    try:
        return build(sympy, *(to_sympy(part) for part in parts))
    except (ZeroDivisionError, ValueError):  # the latter of a maximum of what is infinite
        return sympy.nan


def _factors(expression: Expression) -> list[Expression]:
    """The factors of a product, in the order in which they are written."""
    match expression:
        case Apply("mul", arguments):
            return [factor for argument in arguments for factor in _factors(argument)]
    return [expression]


def from_sympy(form: sympy.Expr) -> Expression:
    """Read a sympy form back into an expression.

    Raises:
        NotRealError: If the form is complex or infinite, or the grammar refuses it.
    """
    check_real(form)
    try:
        return parse(_Printer(_SETTINGS).doprint(form), "equation", "regression")
    except InputError as error:
        raise NotRealError(str(error)) from error


class _Printer(StrPrinter):  # type: ignore[misc]  # has no types
    """Writes forms in the words of the grammar, where sympy has others."""

    def _print_Exp1(self, expr: sympy.Expr) -> str:  # noqa: N802  # named by sympy
        del expr
        return "exp(1)"

    def _print_Min(self, expr: sympy.Expr) -> str:  # noqa: N802  # named by sympy
        return self._by_twos("minimum", expr)

    def _print_Max(self, expr: sympy.Expr) -> str:  # noqa: N802  # named by sympy
        return self._by_twos("maximum", expr)

    def _by_twos(self, name: str, expr: sympy.Expr) -> str:
        *others, last = sorted(self._print(argument) for argument in expr.args)
        for other in reversed(others):
            last = f"{name}({other}, {last})"
        return str(last)


_SETTINGS = {"full_prec": "auto"}


def check_real(form: sympy.Expr) -> None:
    """Refuse a form that is complex or infinite.

    Raises:
        NotRealError: If it is.
    """
    if form.has(sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan):
        raise NotRealError(str(form))
