r"""Exact derivatives of expressions on arrays of samples.

Forward differentiation: every node of the tree returns its value v and its derivatives with
respect to the names asked for, by the chain rule,

.. math:: \partial_k\, h(u, w) = h_u\, \partial_k u + h_w\, \partial_k w .

No step size enters, so that the result is exact to rounding. Where a function has a kink (`abs`,
`sign`, `minimum`, `maximum`) the derivative is that of the branch on which the sample lies.

Rounding takes the digits of what nearly cancels. Each node of the tree therefore has an error too:
that of its arguments, carried on by the chain rule, and `ROUNDING` of its own value. Where a node
is lost in its error, or a derivative has an error that counts beside the largest one, the formula
is computed anew with enough digits (`formulas.digits`). Derivatives are compared by what a name
changes if it changes by its own size. One that cancels to 0, such as that of x (y/x) in x, is not
lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.formulas.digits import exactly
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.operations import OPERATIONS
from kondoflow.formulas.trees import Apply, Expression, Name, Number, names_in

ROUNDING = 2.3e-16  # relative error of an operation
LOST = 1e-6  # relative error from which a number is lost
FLAT = 1e-9  # relative change of a value, for one of a name by its own size, that does not count
MOST = 2000  # samples that are computed anew, at most: 2,000 of a long formula take two seconds


@dataclass(frozen=True)
class _Node:
    """A node of the tree on all samples.

    Attributes:
        value: Its values.
        error: Their errors by rounding.
        slopes: Its non-zero derivatives by name.
        lost: Where the digits of a value or a derivative are lost, here or below.
    """

    value: np.ndarray
    error: np.ndarray
    slopes: Mapping[str, np.ndarray]
    lost: np.ndarray


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
    return value_and_gradient(expression, values, names)[1]


def value_and_gradient(
    expression: Expression, values: Mapping[str, np.ndarray], names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Values of a formula, (n,), and its derivatives, (n, name); the arguments as in `gradient`."""
    n = np.shape(next(iter(values.values())))
    with np.errstate(all="ignore"):
        found = _forward(expression, values, tuple(names))
    columns = [found.value, *(found.slopes.get(name, 0.0) for name in names)]
    table = np.stack([np.broadcast_to(column, n) for column in columns], axis=-1)
    table = table.astype(np.float64)
    used = names_in(expression)
    again = np.flatnonzero(np.broadcast_to(found.lost, n) & np.isfinite(table).all(axis=-1))
    for index in again if len(again) <= MOST else ():
        here = {name: float(values[name][index]) for name in used}
        table[index] = exactly(expression, here, names)
    return table[:, 0], table[:, 1:]


def computable(
    expressions: Sequence[Expression], values: Mapping[str, np.ndarray]
) -> np.ndarray | slice:
    """Samples on which formulas can be compared with all digits that it takes.

    Args:
        expressions: Formulas (not conditions).
        values: One array (n,) for each name of the formulas.

    Returns:
        All samples, unless more than `MOST` of a formula would have to be computed anew; `MOST`
        evenly chosen ones then, by index.
    """
    n = len(next(iter(values.values())))
    for expression in expressions if n > MOST else ():
        with np.errstate(all="ignore"):
            found = _forward(expression, values, tuple(sorted(names_in(expression))))
        if np.broadcast_to(found.lost, n).sum() > MOST:
            return np.linspace(0, n - 1, MOST).astype(np.intp)
    return slice(None)


def _forward(node: Expression, values: Mapping[str, np.ndarray], names: tuple[str, ...]) -> _Node:
    zero, nowhere = np.zeros(()), np.zeros((), dtype=np.bool_)
    match node:
        case Name(name):
            value = values[name]
            return _Node(value, zero, {name: np.ones_like(value)} if name in names else {}, nowhere)
        case Number() | Apply("pi"):
            return _Node(evaluate(node, values), zero, {}, nowhere)
    inner = [_forward(argument, values, names) for argument in node.arguments]
    arguments = [item.value for item in inner]
    slots = {f"argument {index}": value for index, value in enumerate(arguments)}
    value = evaluate(Apply(node.function, tuple(map(Name, slots))), slots)
    by_argument = OPERATIONS[node.function].slopes
    assert by_argument is not None, f"{node.function} is a condition"
    partials = by_argument(np, *arguments, value)
    error, lost = ROUNDING * np.abs(value), nowhere
    slopes: dict[str, np.ndarray] = {}
    sizes: dict[str, np.ndarray] = {}
    for partial, item in zip(partials, inner, strict=True):
        error = error + np.where(item.error > 0, np.abs(partial * item.error), 0.0)
        lost = lost | item.lost
        for name, slope in item.slopes.items():
            part = partial * slope
            slopes[name] = slopes.get(name, 0.0) + part
            sizes[name] = sizes.get(name, 0.0) + np.abs(part)
    lost = lost | (error > LOST * np.abs(value))
    scales = {name: np.abs(values[name]) for name in slopes}
    steepest = FLAT * np.abs(value)
    for name, slope in slopes.items():
        steepest = np.maximum(steepest, np.abs(slope) * scales[name])
    for name, size in sizes.items():
        lost = lost | (ROUNDING * size * scales[name] > LOST * steepest)
    return _Node(value, error, slopes, lost)
