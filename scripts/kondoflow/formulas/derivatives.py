r"""Exact derivatives of expressions on arrays of samples.

Forward differentiation: every node of the tree returns its value v and its derivatives with
respect to the names asked for, by the chain rule,

.. math:: \partial_k\, h(u, w) = h_u\, \partial_k u + h_w\, \partial_k w .

No step size enters, so that the result is exact to rounding. Where a function has a kink (`abs`,
`sign`, `minimum`, `maximum`) the derivative is that of the branch on which the sample lies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.expressions import Apply, Expression, Name, Number, names_in

_PARTIALS: Mapping[str, Callable[..., tuple[np.ndarray | float, ...]]] = {
    # From arguments and value to the partial derivatives.
    "add": lambda _x, _y, _v: (1.0, 1.0),
    "sub": lambda _x, _y, _v: (1.0, -1.0),
    "mul": lambda x, y, _v: (y, x),
    "div": lambda _x, y, v: (1.0 / y, -v / y),
    "neg": lambda _x, _v: (-1.0,),
    "sqrt": lambda _x, v: (0.5 / v,),
    "exp": lambda _x, v: (v,),
    "log": lambda x, _v: (1.0 / x,),
    "log10": lambda x, _v: (1.0 / (x * np.log(10.0)),),
    "abs": lambda x, _v: (np.sign(x),),
    "sign": lambda _x, _v: (0.0,),
    "tanh": lambda _x, v: (1.0 - v * v,),
    "sin": lambda x, _v: (np.cos(x),),
    "cos": lambda x, _v: (-np.sin(x),),
    "square": lambda x, _v: (2.0 * x,),
    "minimum": lambda x, y, _v: (np.where(x <= y, 1.0, 0.0), np.where(x <= y, 0.0, 1.0)),
    "maximum": lambda x, y, _v: (np.where(x >= y, 1.0, 0.0), np.where(x >= y, 0.0, 1.0)),
}


def gradient(
    expression: Expression, values: Mapping[str, np.ndarray], names: Sequence[str]
) -> np.ndarray:
    """Derivatives of a formula.

    Args:
        expression: A formula (not a condition).
        values: Arrays of one shape, (n,), by name; every name of the expression must be there.
        names: With respect to what.

    Returns:
        (n, name), non-finite where the formula has no finite value or slope.
    """
    n = np.shape(next(iter(values.values())))
    with np.errstate(all="ignore"):
        _, slopes = _forward(expression, values, tuple(names))
    columns = [np.broadcast_to(slopes.get(name, 0.0), n) for name in names]
    return np.stack(columns, axis=-1).astype(np.float64)


def _forward(
    node: Expression, values: Mapping[str, np.ndarray], names: tuple[str, ...]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Value of a node and its non-zero derivatives by name."""
    match node:
        case Name(name):
            return values[name], {name: np.ones_like(values[name])} if name in names else {}
        case Number() | Apply("pi"):
            return evaluate(node, values), {}
    inner = [_forward(argument, values, names) for argument in node.arguments]
    arguments = [value for value, _ in inner]
    slots = {f"argument {index}": value for index, value in enumerate(arguments)}
    value = evaluate(Apply(node.function, tuple(map(Name, slots))), slots)
    partials = _of_power(node, arguments, value) or _PARTIALS[node.function](*arguments, value)
    slopes: dict[str, np.ndarray] = {}
    for partial, (_, below) in zip(partials, inner, strict=True):
        for name, slope in below.items():
            slopes[name] = slopes.get(name, 0.0) + partial * slope
    return value, slopes


def _of_power(
    node: Apply, arguments: Sequence[np.ndarray], value: np.ndarray
) -> tuple[np.ndarray | float, ...] | None:
    """Partial derivatives of a power; the exponent's only where it varies (the base may be < 0)."""
    if node.function != "pow":
        return None
    base, exponent = arguments
    by_base = exponent * np.power(base, exponent - 1.0)
    if not names_in(node.arguments[1]):
        return by_base, 0.0
    return by_base, value * np.log(base)
