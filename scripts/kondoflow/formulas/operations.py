"""The table of operations: all that the package and the engines know of each, in one place.

An expression (`formulas.trees`) is a number, a name, or an operation applied to arguments. Each
operation has one row here, and every part of the package takes from the row what it needs:

=============  ==========================================================================
column         who reads it
=============  ==========================================================================
`syntax`       the grammar: Python's operator, if the operation is written as one
`spellings`    the grammar: names under which the operation may be called
`ufunc`        evaluation on arrays of samples
`number`       the value of an operation on plain numbers
`slopes`       derivatives
`symbolic`     algebra
`infix`        printing, with `precedence` and `to_right`
`operon`       the engine Operon
`pysr`         the engine PySR
=============  ==========================================================================

numpy, sympy and the engines are named here but not imported: the table needs only the standard
library, so that a configuration can be checked before a workflow starts.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """What an operation is in the language of expressions."""

    CONSTANT = auto()
    ARITHMETIC = auto()  # written with an operator
    FUNCTION = auto()  # written as a call
    COMPARISON = auto()  # of two formulas; gives a condition
    CONNECTIVE = auto()  # of conditions; gives a condition


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: Its name in an expression tree.
        kind: What it is.
        arity: Number of arguments; None for two or more.
        ufunc: Name of numpy's function; it is folded over the arguments where there may be more
            than two. None for a constant.
        number: Value on floats; None for a condition. It may raise ValueError, OverflowError or
            ZeroDivisionError where there is none.
        symbolic: From the module sympy and sympy's forms of the arguments to a form; None for a
            condition.
        slopes: From the module numpy, the arguments and the value to the derivative with respect
            to each argument; that of the branch on which the arguments lie where there is a kink.
        syntax: Class of the operator in Python's syntax tree.
        infix: What stands between two arguments, or before a single one.
        precedence: How strongly the operator binds; even, because `formulas.printing` adds one
            for the side that needs parentheses sooner.
        to_right: Whether a chain of the operation is grouped from the right.
        spellings: Names, beside that of a function, under which it may be called.
        operon: Name of its node type in pyoperon, if searches may use it.
        pysr: Name of its operator in PySR, if searches may use it.
    """

    name: str
    kind: Kind
    arity: int | None
    ufunc: str | None = None
    number: Callable[..., Any] | None = None
    symbolic: Callable[..., Any] | None = None
    slopes: Callable[..., tuple[Any, ...]] | None = None
    syntax: type[ast.AST] | None = None
    infix: str = ""
    precedence: int = 0
    to_right: bool = False
    spellings: tuple[str, ...] = ()
    operon: str | None = None
    pysr: str | None = None


def _sign(x: float) -> float:
    return math.copysign(1.0, x) if x else 0.0


_ARITHMETIC = (
    Operation(
        "add",
        Kind.ARITHMETIC,
        2,
        ufunc="add",
        number=lambda x, y: x + y,
        symbolic=lambda sp, x, y: sp.Add(x, y),
        slopes=lambda np, x, y, v: (1.0, 1.0),
        syntax=ast.Add,
        infix=" + ",
        precedence=2,
        operon="Add",
        pysr="+",
    ),
    Operation(
        "sub",
        Kind.ARITHMETIC,
        2,
        ufunc="subtract",
        number=lambda x, y: x - y,
        symbolic=lambda sp, x, y: x - y,
        slopes=lambda np, x, y, v: (1.0, -1.0),
        syntax=ast.Sub,
        infix=" - ",
        precedence=2,
        operon="Sub",
        pysr="-",
    ),
    Operation(
        "mul",
        Kind.ARITHMETIC,
        2,
        ufunc="multiply",
        number=lambda x, y: x * y,
        # All factors of a chain at once: sympy distributes a number over a sum in pairs.
        symbolic=lambda sp, *factors: sp.Mul(*factors),
        slopes=lambda np, x, y, v: (y, x),
        syntax=ast.Mult,
        infix="*",
        precedence=4,
        operon="Mul",
        pysr="*",
    ),
    Operation(
        "div",
        Kind.ARITHMETIC,
        2,
        ufunc="divide",
        number=lambda x, y: x / y,
        symbolic=lambda sp, x, y: x / y,
        slopes=lambda np, x, y, v: (1.0 / y, -v / y),
        syntax=ast.Div,
        infix="/",
        precedence=4,
        operon="Div",
        pysr="/",
    ),
    Operation(
        "neg",
        Kind.ARITHMETIC,
        1,
        ufunc="negative",
        number=lambda x: -x,
        symbolic=lambda sp, x: -x,
        slopes=lambda np, x, v: (-1.0,),
        syntax=ast.USub,
        infix="-",
        precedence=6,
    ),
    Operation(
        "pow",
        Kind.ARITHMETIC,
        2,
        ufunc="power",
        number=lambda x, y: x**y,
        symbolic=lambda sp, x, y: sp.Pow(x, y),
        slopes=lambda np, x, y, v: (y * np.power(x, y - 1.0), v * np.log(x)),
        syntax=ast.Pow,
        infix="**",
        precedence=8,
        to_right=True,
        spellings=("pow",),
    ),
)


def _function(
    name: str,
    number: Callable[..., Any],
    symbolic: Callable[..., Any],
    slopes: Callable[..., tuple[Any, ...]],
    arity: int = 1,
    spellings: tuple[str, ...] = (),
    operon: str | None = None,
) -> Operation:
    """A function of numbers; numpy calls it by the same name, and so does PySR if Operon has it."""
    return Operation(
        name,
        Kind.FUNCTION,
        arity,
        ufunc=name,
        number=number,
        symbolic=symbolic,
        slopes=slopes,
        spellings=spellings,
        operon=operon,
        pysr=name if operon else None,
    )


_FUNCTIONS = (
    _function(
        "sqrt", math.sqrt, lambda sp, x: sp.sqrt(x), lambda np, x, v: (0.5 / v,), operon="Sqrt"
    ),
    _function("exp", math.exp, lambda sp, x: sp.exp(x), lambda np, x, v: (v,), operon="Exp"),
    _function(
        "log",
        math.log,
        lambda sp, x: sp.log(x),
        lambda np, x, v: (1.0 / x,),
        spellings=("ln",),
        operon="Log",
    ),
    _function(
        "log10",
        math.log10,
        lambda sp, x: sp.log(x, 10),
        lambda np, x, v: (1.0 / (x * np.log(10.0)),),
    ),
    _function(
        "abs", abs, lambda sp, x: sp.Abs(x), lambda np, x, v: (np.sign(x),), spellings=("Abs",)
    ),
    _function("sign", _sign, lambda sp, x: sp.sign(x), lambda np, x, v: (0.0,)),
    _function(
        "sinh", math.sinh, lambda sp, x: sp.sinh(x), lambda np, x, v: (np.cosh(x),), operon="Sinh"
    ),
    _function(
        "cosh", math.cosh, lambda sp, x: sp.cosh(x), lambda np, x, v: (np.sinh(x),), operon="Cosh"
    ),
    _function(
        "tanh",
        math.tanh,
        lambda sp, x: sp.tanh(x),
        lambda np, x, v: (np.cosh(x) ** -2.0,),
        operon="Tanh",
    ),
    _function(
        "sin", math.sin, lambda sp, x: sp.sin(x), lambda np, x, v: (np.cos(x),), operon="Sin"
    ),
    _function(
        "cos", math.cos, lambda sp, x: sp.cos(x), lambda np, x, v: (-np.sin(x),), operon="Cos"
    ),
    _function(
        "square", lambda x: x * x, lambda sp, x: x**2, lambda np, x, v: (2.0 * x,), operon="Square"
    ),
    _function(
        "minimum",
        min,
        lambda sp, x, y: sp.Min(x, y),
        lambda np, x, y, v: (1.0 * (x <= y), 1.0 * (x > y)),
        2,
        ("Min",),
    ),
    _function(
        "maximum",
        max,
        lambda sp, x, y: sp.Max(x, y),
        lambda np, x, y, v: (1.0 * (x >= y), 1.0 * (x < y)),
        2,
        ("Max",),
    ),
)

_CONDITIONS = (
    Operation("lt", Kind.COMPARISON, 2, ufunc="less", syntax=ast.Lt),
    Operation("le", Kind.COMPARISON, 2, ufunc="less_equal", syntax=ast.LtE),
    Operation("gt", Kind.COMPARISON, 2, ufunc="greater", syntax=ast.Gt),
    Operation("ge", Kind.COMPARISON, 2, ufunc="greater_equal", syntax=ast.GtE),
    Operation("eq", Kind.COMPARISON, 2, ufunc="equal", syntax=ast.Eq),
    Operation("ne", Kind.COMPARISON, 2, ufunc="not_equal", syntax=ast.NotEq),
    Operation("not", Kind.CONNECTIVE, 1, ufunc="logical_not", syntax=ast.Not),
    Operation("and", Kind.CONNECTIVE, None, ufunc="logical_and", syntax=ast.And),
    Operation("or", Kind.CONNECTIVE, None, ufunc="logical_or", syntax=ast.Or),
)

PI = Operation("pi", Kind.CONSTANT, 0, number=lambda: math.pi, symbolic=lambda sp: sp.pi)

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation for operation in (*_ARITHMETIC, *_FUNCTIONS, PI, *_CONDITIONS)
}
BY_SYNTAX: Mapping[type[ast.AST], Operation] = {
    operation.syntax: operation for operation in OPERATIONS.values() if operation.syntax
}
# Names of the functions, as messages list them.
FUNCTIONS = tuple(operation.name for operation in _FUNCTIONS)
# What may be called, by each name under which it may be.
CALLABLE: Mapping[str, Operation] = {operation.name: operation for operation in _FUNCTIONS} | {
    spelling: operation for operation in OPERATIONS.values() for spelling in operation.spellings
}
# Names that mean something in the language, so that no quantity can have them.
RESERVED = frozenset({*CALLABLE, PI.name})
# No equation may hold one of these inside another: no quantity of physics calls for it.
NEVER_NESTED = ("log", "exp", "sinh", "cosh", "tanh", "sin", "cos")
