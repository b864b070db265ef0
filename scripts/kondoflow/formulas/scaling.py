r"""Powers of ten in the inputs of an equation, moved into its constants exactly.

An equation is found over scaled inputs x' = x/10^k. In the inputs themselves it is the same with
powers of ten, which are carried outwards as whole numbers,

.. math:: 10^a u \cdot 10^b v = 10^{a+b} u v, \qquad
          10^a u + 10^b v = 10^a (u + 10^{b-a} v), \qquad
          \log(10^a u) = \log u + a \log 10 ,

so that those that cancel leave no trace, and the others end in a constant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from kondoflow.formulas.trees import Apply, Expression, Name, Number, constant_value, names_in


def unscaled(expression: Expression, decades: Mapping[str, int], target: int = 0) -> Expression:
    """The equation in the inputs themselves.

    Args:
        expression: Over scaled inputs.
        decades: k of each input x = 10^k x'; 0 where a name is missing.
        target: k of the quantity that the equation gives.
    """
    inner, power = _carry(expression, decades)
    return _times(inner, power + target)


def _carry(node: Expression, decades: Mapping[str, int]) -> tuple[Expression, int]:
    """An expression in the inputs themselves and the power of ten that is its factor."""
    match node:
        case Name(name):
            return node, -decades.get(name, 0)
        case Number() | Apply(arguments=()):
            return node, 0
    parts = [_carry(argument, decades) for argument in node.arguments]
    if not any(power for _, power in parts):
        return Apply(node.function, tuple(inner for inner, _ in parts)), 0
    match node.function, parts:
        case "mul", [(u, a), (v, b)]:
            return Apply("mul", (u, v)), a + b
        case "div", [(u, a), (v, b)]:
            return Apply("div", (u, v)), a - b
        case "add" | "sub" | "minimum" | "maximum", [(u, a), (v, b)]:
            return _aligned(node.function, u, a, v, b)
        case "neg" | "abs", [(u, a)]:
            return Apply(node.function, (u,)), a
        case "sign", [(u, _)]:
            return Apply("sign", (u,)), 0
        case "square", [(u, a)]:
            return Apply("square", (u,)), 2 * a
        case "sqrt", [(u, a)]:
            return Apply("sqrt", (_times(u, a % 2),)), a // 2
        case "pow", [(u, a), (v, 0)]:
            exponent = constant_value(v)
            if exponent is not None and float(a * exponent).is_integer():
                return Apply("pow", (u, v)), int(a * exponent)
        case "log", [(u, a)]:
            return Apply("add", (Apply("log", (u,)), Number(a * math.log(10)))), 0
        case "log10", [(u, a)]:
            return Apply("add", (Apply("log10", (u,)), Number(float(a)))), 0
    return Apply(node.function, tuple(_times(inner, power) for inner, power in parts)), 0


def _aligned(function: str, u: Expression, a: int, v: Expression, b: int) -> tuple[Expression, int]:
    """A sum or the like of 10^a u and 10^b v; what has a constant takes the difference."""
    if a == b:
        return Apply(function, (u, v)), a
    if not names_in(u) or (_absorbs(u) and names_in(v) and not _absorbs(v)):
        return Apply(function, (_times(u, a - b), v)), b
    return Apply(function, (u, _times(v, b - a))), a


def _absorbs(node: Expression) -> bool:
    """Whether a fitted constant is a factor of an expression."""
    match node:
        case Number(float()):
            return True
        case Apply("mul", (left, right)):
            return _absorbs(left) or _absorbs(right)
        case Apply("div", (inner, _)) | Apply("neg", (inner,)):
            return _absorbs(inner)
    return False


def _times(node: Expression, power: int) -> Expression:
    """10^power times an expression, in its constant if it has one."""
    if power == 0 or node == Number(0):
        return node
    match node:
        case Number(value):
            return Number(float(Decimal(repr(value)).scaleb(power)))
        case Apply("mul", (left, right)) if _absorbs(left) or _absorbs(right):
            if _absorbs(left):
                return Apply("mul", (_times(left, power), right))
            return Apply("mul", (left, _times(right, power)))
        case Apply("div", (inner, below)) if _absorbs(inner):
            return Apply("div", (_times(inner, power), below))
        case Apply("neg", (inner,)) if _absorbs(inner):
            return Apply("neg", (_times(inner, power),))
        case Apply("add" | "sub" as function, (left, right)) if _absorbs(left) and _absorbs(right):
            return Apply(function, (_times(left, power), _times(right, power)))
    return Apply("mul", (Number(float(f"1e{power}")), node))
