"""Formulas without what does nothing in them, such as products with 1."""

from __future__ import annotations

from kondoflow.formulas.trees import Apply, Expression, Number, constant_value


def without_zeros(node: Expression) -> Expression:
    """An expression without sums with 0 and products with 0 and 1."""
    if not isinstance(node, Apply):
        return node
    parts = tuple(without_zeros(argument) for argument in node.arguments)
    zero, one = Number(0), Number(1)
    exact = all(isinstance(part, Number) and isinstance(part.value, int) for part in parts)
    value = constant_value(Apply(node.function, parts)) if parts and exact else None
    if value is not None and value.is_integer() and node.function in ("add", "sub", "mul", "div"):
        return Number(int(value))
    match node.function, parts:
        case ("mul", (left, right)) if zero in (left, right):
            return zero
        case ("mul", (left, right)) if one in (left, right):
            return right if left == one else left
        case ("div", (left, _)) if left == zero:
            return zero
        case ("div", (left, right)) if right == one:
            return left
        case ("add", (left, right)) if zero in (left, right):
            return right if left == zero else left
        case ("sub", (left, right)) if right == zero:
            return left
        case ("sub", (left, right)) if left == zero:
            return Apply("neg", (right,))
        case ("exp", (inner,)) if inner == zero:
            return one
        case ("neg", (inner,)) if inner == zero:
            return zero
        case ("pow", (_, right)) if right == zero:
            return one
        case ("pow", (left, right)) if right == one:
            return left
    return Apply(node.function, parts)
