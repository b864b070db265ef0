r"""Exact derivatives of expressions on arrays of samples.

Forward differentiation: every node of the tree returns its value v and its derivatives with
respect to the names asked for, by the chain rule,

.. math:: \partial_k\, h(u, w) = h_u\, \partial_k u + h_w\, \partial_k w .

No step size enters, so that the result is exact to rounding. Where a function has a kink (`abs`,
`sign`, `minimum`, `maximum`) the derivative is that of the branch on which the sample lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.operations import OPERATIONS
from kondoflow.formulas.trees import Apply, Expression, Name, Number


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
    by_argument = OPERATIONS[node.function].slopes
    assert by_argument is not None, f"{node.function} is a condition"
    partials = by_argument(np, *arguments, value)
    slopes: dict[str, np.ndarray] = {}
    for partial, (_, below) in zip(partials, inner, strict=True):
        for name, slope in below.items():
            slopes[name] = slopes.get(name, 0.0) + partial * slope
    return value, slopes
