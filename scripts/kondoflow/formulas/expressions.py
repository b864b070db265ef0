"""Expressions of the configuration and of the regression engines, parsed without being run.

A text is read by Python's own parser into an abstract syntax tree, of which only a short list of
nodes is accepted; each becomes a `Number`, a `Name` or an `Apply` of a known function. Nothing is
ever evaluated as Python: attribute access, calls of unknown names, lambdas, subscripts, strings
and the like are refused, and so is what could make a later stage hang (very long or deep texts,
huge powers). The module needs only the standard library, so that a configuration can be checked
before a workflow starts.

The engines write the same language but for `^` (a power) and a few spellings, which are accepted
too: `1.5 * (x0 ^ 2)`, `square(x0)`, `Abs(x)`.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from kondoflow.files.errors import InputError

FUNCTIONS: Mapping[str, int] = {  # name: number of arguments
    "sqrt": 1,
    "exp": 1,
    "log": 1,
    "log10": 1,
    "abs": 1,
    "sign": 1,
    "tanh": 1,
    "sin": 1,
    "cos": 1,
    "square": 1,
    "minimum": 2,
    "maximum": 2,
}
SPELLINGS = {"Abs": "abs", "Min": "minimum", "Max": "maximum", "ln": "log", "pow": "pow"}
CONDITIONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not"})

MAX_CHARACTERS = 10_000
MAX_DEPTH = 100
MAX_NODES = 1_000
MAX_EXPONENT = 20  # of a power with a constant exponent

_BINARY = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow"}
_COMPARISON = {
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.Eq: "eq",
    ast.NotEq: "ne",
}
_FORMULA = f"a formula of numbers, pi, names, + - * / **, parentheses and {', '.join(FUNCTIONS)}"
_CONDITION = "comparisons (< <= > >= == !=) of formulas, joined by and, or, not"


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
    """A function of its arguments: a key of `FUNCTIONS`, an operation, a condition, or `pi`."""

    function: str
    arguments: tuple[Expression, ...] = ()


Expression = Number | Name | Apply


class _RefusedError(Exception):
    """Why a text is not an expression, as a phrase."""


def parse(text: str, key: str, source: object = "config", *, condition: bool = False) -> Expression:
    """Parse an expression.

    Args:
        text: The expression.
        key: What it defines, named in an error.
        source: Where it stands, named in an error.
        condition: Whether it must be true or false rather than a number.

    Raises:
        InputError: Names the key, the text, what is allowed and what was found instead.
    """
    try:
        tree = _syntax_tree(text)
        return _condition(tree, 0) if condition else _formula(tree, 0)
    except _RefusedError as reason:
        allowed = _CONDITION if condition else _FORMULA
        shown = text if len(text) <= 200 else text[:200] + "..."
        raise InputError(source, key, shown, f"{allowed}; {reason}") from None


def _syntax_tree(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise _RefusedError(f"it has more than {MAX_CHARACTERS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python comments on literals such as `1if`
            tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise _RefusedError(f"Python's parser says: {getattr(error, 'msg', error)}") from None
    except (RecursionError, MemoryError):
        raise _RefusedError("it is nested too deeply") from None
    if sum(1 for _ in ast.walk(tree)) > 3 * MAX_NODES:  # the tree counts operators and contexts
        raise _RefusedError(f"it has more than {MAX_NODES} terms")
    return tree


def _condition(node: ast.expr, depth: int) -> Expression:
    _check_depth(depth)
    match node:
        case ast.BoolOp(op=op, values=values):
            function = "and" if isinstance(op, ast.And) else "or"
            return Apply(function, tuple(_condition(value, depth + 1) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Apply("not", (_condition(operand, depth + 1),))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_formula(side, depth + 1) for side in (left, *comparators)]
            pairs = []
            for comparison, low, high in zip(ops, sides, sides[1:], strict=False):
                if type(comparison) not in _COMPARISON:
                    raise _RefusedError(f"found {_describe(node)}")
                pairs.append(Apply(_COMPARISON[type(comparison)], (low, high)))
            return pairs[0] if len(pairs) == 1 else Apply("and", tuple(pairs))
    raise _RefusedError(f"found {_describe(node)} where a comparison is expected")


def _formula(node: ast.expr, depth: int) -> Expression:
    _check_depth(depth)
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Number(_finite(value))
        case ast.Name(id="pi"):
            return Apply("pi")
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise _RefusedError(f"found the function {name} without arguments")
            return Name(name)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _formula(operand, depth + 1)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _formula(operand, depth + 1)
            return Number(-inner.value) if isinstance(inner, Number) else Apply("neg", (inner,))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            arguments = (_formula(left, depth + 1), _formula(right, depth + 1))
            return _checked(Apply(_BINARY[type(op)], arguments))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, args, depth)
        case _:
            raise _RefusedError(f"found {_describe(node)}")


def _call(name: str, args: list[ast.expr], depth: int) -> Expression:
    function = SPELLINGS.get(name, name)
    arity = 2 if function == "pow" else FUNCTIONS.get(function)
    if arity is None:
        raise _RefusedError(f"found a call of {name!r}")
    if len(args) != arity:
        raise _RefusedError(f"{name} takes {arity} argument(s), found {len(args)}")
    return _checked(Apply(function, tuple(_formula(arg, depth + 1) for arg in args)))


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise _RefusedError("it is nested too deeply")


def _finite(value: int | float) -> int | float:
    try:
        finite = math.isfinite(float(value))
    except OverflowError:
        finite = False
    if not finite:
        raise _RefusedError("a number is too large")
    return value


def _checked(node: Apply) -> Apply:
    """Refuse powers that overflow or that would take exact arithmetic very long."""
    if node.function != "pow":
        return node
    base, exponent = (constant_value(argument) for argument in node.arguments)
    if exponent is not None and not abs(exponent) <= MAX_EXPONENT:
        raise _RefusedError(f"an exponent lies outside -{MAX_EXPONENT} .. {MAX_EXPONENT}")
    if base is not None and exponent is not None and constant_value(node) is None:
        raise _RefusedError("a power of numbers is not finite")
    return node


def constant_value(node: Expression) -> float | None:
    """Value of an expression without names; None if it has names or no finite value."""
    match node:
        case Number(value):
            return float(value)
        case Name():
            return None
        case Apply("pi"):
            return math.pi
    values = [constant_value(argument) for argument in node.arguments]
    if any(value is None for value in values):
        return None
    try:
        result = _ON_NUMBERS[node.function](*values)
    except (KeyError, ValueError, OverflowError, ZeroDivisionError):
        return None
    return result if isinstance(result, float) and math.isfinite(result) else None


_ON_NUMBERS: Mapping[str, Any] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
    "neg": lambda x: -x,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "abs": abs,
    "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "square": lambda x: x * x,
    "minimum": min,
    "maximum": max,
}


def _describe(node: ast.AST) -> str:
    """A node that is not accepted, in words."""
    match node:
        case ast.Constant(value=value):
            return f"the constant {value!r}"
        case ast.Attribute(attr=attribute):
            return f"access to the attribute {attribute!r}"
        case ast.Call(func=ast.Name(id=name)):
            return f"a call of {name!r} with keywords"
        case ast.Call():
            return "a call of something that is not a name"
        case ast.Name(id=name):
            return f"the name {name!r}"
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "and, or, not"
        case ast.BinOp(op=op) | ast.UnaryOp(op=op):
            return f"the operator {type(op).__name__}"
    return f"a {type(node).__name__}"


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


def check_names(node: Expression, text: str, key: str, available: Collection[str]) -> None:
    """Refuse an expression over quantities that the data do not have.

    Raises:
        InputError: Lists the unknown names and those available.
    """
    unknown = sorted(names_in(node) - set(available))
    if unknown:
        allowed = f"a formula over {', '.join(sorted(available))}; unknown: {', '.join(unknown)}"
        raise InputError("config", key, text, allowed)


def check_systems(
    systems: Mapping[str, Mapping[str, Any]], known: Mapping[str, Collection[str]] | None = None
) -> None:
    """Parse every expression of the configuration's `systems`, before any work starts.

    Args:
        systems: The section of the configuration.
        known: Names of the per-sample variables by system, where they are known beforehand.

    Raises:
        InputError: Names the first key whose expression can't be used, or the first input or
            target whose name can't stand in an equation.
    """
    for system, entry in systems.items():
        names = (known or {}).get(system)
        texts = {
            f"{section}.{name}": text
            for section in ("descriptors", "inputs", "targets", "references")
            for name, text in entry.get(section, {}).items()
        }
        texts |= {f"parameters.{name}": name for name in entry["parameters"]}
        texts |= {"region": entry["region"]} if "region" in entry else {}
        for place, text in texts.items():
            key = f"systems.{system}.{place}"
            expression = parse(text, key, condition=place == "region")
            if names is not None:
                check_names(expression, text, key, names)
        for section in ("parameters", "inputs"):
            for name in entry.get(section, ()):
                if name in {*FUNCTIONS, *SPELLINGS, "pi"} or keyword.iskeyword(name):
                    allowed = "a name that is neither a function nor a word of the language"
                    raise InputError("config", f"systems.{system}.{section}", name, allowed)
        for name in entry.get("targets", ()):
            if re.fullmatch(r"latent_\d+", name):
                allowed = "another name: latent_0, latent_1 ... are the latents"
                raise InputError("config", f"systems.{system}.targets", name, allowed)


_PRECEDENCE = {"add": 2, "sub": 2, "mul": 4, "div": 4, "neg": 6, "pow": 8}
_INFIX = {"add": " + ", "sub": " - ", "mul": "*", "div": "/", "pow": "**"}


def to_text(node: Expression) -> str:
    """Write a formula so that `parse` reads the same expression back."""
    return _write(node, 0)


def _write(node: Expression, outer: int) -> str:
    """Write a node; `outer` is the precedence around it, one more on the side that binds less."""
    match node:
        case Number(value):
            bare = value >= 0 or (outer <= 4 and outer % 2 == 0)
            return repr(value) if bare else f"({value!r})"
        case Name(name):
            return name
        case Apply("pi"):
            return "pi"
    function, arguments = node.function, node.arguments
    level = _PRECEDENCE.get(function)
    if level is None:
        return f"{function}({', '.join(_write(item, 0) for item in arguments)})"
    if function == "neg":
        text = "-" + _write(arguments[0], level)
    else:
        # A power binds to the right, the others to the left.
        left, right = (level + 1, level) if function == "pow" else (level, level + 1)
        parts = (_write(arguments[0], left), _write(arguments[1], right))
        text = _INFIX[function].join(parts)
    return f"({text})" if level < outer else text
