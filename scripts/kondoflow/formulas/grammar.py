"""From text to expression: texts of the configuration and of the engines, never run.

A text is read by Python's own parser into an abstract syntax tree, of which only a short list of
nodes is accepted; each becomes a node of an expression tree (`formulas.trees`). Nothing is ever
evaluated as Python: attribute access, calls of unknown names, lambdas, subscripts, strings and the
like are refused, and so is what could make a later stage hang (very long or deep texts, huge
powers). The module needs only the standard library, so that a configuration can be checked before
a workflow starts.

Greek letters in names are written out, as they are in names of a user's file (`files.text`).
Words of Python that mean nothing here, such as `lambda`, are names as any other.

The engines write the same language but for `^` (a power) and a few spellings, which are accepted
too: `1.5 * (x0 ^ 2)`, `square(x0)`, `Abs(x)`.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import warnings
from collections.abc import Collection
from contextlib import suppress

from kondoflow.files.errors import InputError
from kondoflow.files.text import in_letters
from kondoflow.formulas.operations import BY_SYNTAX, CALLABLE, FUNCTIONS, OPERATIONS, PI
from kondoflow.formulas.trees import Apply, Expression, Name, Number, constant_value, names_in

MAX_CHARACTERS = 10_000
MAX_DEPTH = 100
MAX_NODES = 1_000
MAX_EXPONENT = 20  # of a power with a constant exponent

# Python's keywords, except those of the language of expressions. Its parser gets them with a mark.
_MARK = "_word"
_WORDS = [word for word in keyword.kwlist if word.islower() and word not in ("and", "or", "not")]
_WORD = re.compile(rf"(?<![\w.])({'|'.join(_WORDS)})(?!\w)")
_MARKED = frozenset(f"{word}{_MARK}" for word in _WORDS)

_FORMULA = f"a formula of numbers, pi, names, + - * / **, parentheses and {', '.join(FUNCTIONS)}"
_CONDITION = "comparisons (< <= > >= == !=) of formulas, joined by and, or, not"


_TWO_WORDS = re.compile(r"\b(?!and |or |not )([^\W\d]\w*) +(?!and\b|or\b|not\b)([^\W\d]\w*)")


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


def check_names(node: Expression, text: str, key: str, available: Collection[str]) -> None:
    """Refuse an expression over quantities that the data do not have.

    Raises:
        InputError: Lists the unknown names and those available.
    """
    unknown = sorted(names_in(node) - set(available))
    if unknown:
        allowed = f"a formula over {', '.join(sorted(available))}; unknown: {', '.join(unknown)}"
        raise InputError("config", key, text, allowed)


def check_numbers(node: Expression, text: str, key: str) -> None:
    """Refuse an expression in which an operation on numbers alone is not finite and real.

    Raises:
        InputError: Names the operation.
    """
    if not isinstance(node, Apply):
        return
    for argument in node.arguments:
        check_numbers(argument, text, key)
    values = [constant_value(argument) for argument in node.arguments]
    calculable = values and None not in values and OPERATIONS[node.function].number is not None
    if calculable and constant_value(node) is None:
        allowed = f"{_FORMULA}; {node.function} of numbers alone is not finite and real"
        raise InputError("config", key, text, allowed)


def _syntax_tree(text: str) -> ast.expr:
    if len(text) > MAX_CHARACTERS:
        raise _RefusedError(f"it has more than {MAX_CHARACTERS} characters")
    if "#" in text:  # with which a comment begins in Python
        raise _RefusedError("found the sign #")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python comments on literals such as `1if`
            tree = _python_tree(text.strip().replace("^", "**"))
    except (SyntaxError, ValueError) as error:
        reason = f"Python's parser says: {getattr(error, 'msg', error)}"
        if two := _TWO_WORDS.search(text):
            reason = f"a name with a blank is written {two[1]}_{two[2]}"
        raise _RefusedError(reason) from None
    except (RecursionError, MemoryError):
        raise _RefusedError("it is nested too deeply") from None
    if sum(1 for _ in ast.walk(tree)) > 3 * MAX_NODES:  # the tree counts operators and contexts
        raise _RefusedError(f"it has more than {MAX_NODES} terms")
    return tree


def _python_tree(text: str) -> ast.expr:
    """Python's tree of a text; keywords are names if it has no tree otherwise."""
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        marked = _WORD.sub(rf"\1{_MARK}", text)
        if marked == text:
            raise
        with suppress(SyntaxError):
            return ast.parse(marked, mode="eval").body
        raise error from None


def _condition(node: ast.expr, depth: int) -> Expression:
    _check_depth(depth)
    match node:
        case ast.BoolOp(op=op, values=values):
            conditions = tuple(_condition(value, depth + 1) for value in values)
            return Apply(BY_SYNTAX[type(op)].name, conditions)
        case ast.UnaryOp(op=ast.Not() as op, operand=operand):
            return Apply(BY_SYNTAX[type(op)].name, (_condition(operand, depth + 1),))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [_formula(side, depth + 1) for side in (left, *comparators)]
            pairs = []
            for comparison, low, high in zip(ops, sides, sides[1:], strict=False):
                if type(comparison) not in BY_SYNTAX:
                    raise _RefusedError(f"found {_describe(node)}")
                pairs.append(Apply(BY_SYNTAX[type(comparison)].name, (low, high)))
            return pairs[0] if len(pairs) == 1 else Apply("and", tuple(pairs))
    raise _RefusedError(f"found {_describe(node)} where a comparison is expected")


def _formula(node: ast.expr, depth: int) -> Expression:
    _check_depth(depth)
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Number(_finite(value))
        case ast.Name(id=PI.name):
            return Apply(PI.name)
        case ast.Name(id=name):
            if name in FUNCTIONS:
                raise _RefusedError(f"found the function {name} without arguments")
            return Name(name.removesuffix(_MARK) if name in _MARKED else in_letters(name))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _formula(operand, depth + 1)
        case ast.UnaryOp(op=ast.USub() as op, operand=operand):
            inner = _formula(operand, depth + 1)
            if isinstance(inner, Number):
                return Number(-inner.value)
            return Apply(BY_SYNTAX[type(op)].name, (inner,))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BY_SYNTAX:
            arguments = (_formula(left, depth + 1), _formula(right, depth + 1))
            return _checked(Apply(BY_SYNTAX[type(op)].name, arguments))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, args, depth)
        case _:
            raise _RefusedError(f"found {_describe(node)}")


def _call(name: str, args: list[ast.expr], depth: int) -> Expression:
    operation = CALLABLE.get(name)
    if operation is None:
        raise _RefusedError(f"found a call of {name!r}")
    if len(args) != operation.arity:
        raise _RefusedError(f"{name} takes {operation.arity} argument(s), found {len(args)}")
    return _checked(Apply(operation.name, tuple(_formula(arg, depth + 1) for arg in args)))


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
    if base is None and _highest_power(node) > MAX_EXPONENT:
        raise _RefusedError(f"powers of powers lie outside -{MAX_EXPONENT} .. {MAX_EXPONENT}")
    return node


def _highest_power(node: Expression) -> float:
    """The largest exponent that powers of powers in a formula multiply to."""
    match node:
        case Apply("pow", (base, exponent)):
            value = constant_value(exponent)
            return _highest_power(base) * max(1.0, abs(1.0 if value is None else value))
        case Apply(_, arguments):
            return max((_highest_power(each) for each in arguments), default=1.0)
    return 1.0


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
        case ast.Compare():
            return "a comparison, which only a region may be"
        case ast.BinOp(op=op) | ast.UnaryOp(op=op):
            return f"the operator {type(op).__name__}"
    return f"a {type(node).__name__}"
