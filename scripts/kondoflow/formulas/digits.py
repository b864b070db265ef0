"""A formula at one sample, with as many digits as it takes.

The difference of two nearly equal numbers has few digits of its own, or none: `1 - tanh(20)` is 0
in floating point. Here a formula and its slopes are computed with more and more digits until two
results agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import mpmath

from kondoflow.formulas.operations import OPERATIONS
from kondoflow.formulas.trees import Apply, Expression, Name, Number

DIGITS = (40, 120, 400, 1200)
SAME = 1e-9  # relative difference between two results that agree


def exactly(
    expression: Expression, values: Mapping[str, float], names: Sequence[str] = ()
) -> list[float]:
    """Value of a formula and its derivatives at one sample.

    Args:
        expression: A formula (not a condition).
        values: One number for each name of the expression.
        names: With respect to what it is derived.

    Returns:
        The value and the derivatives, all NaN where there is no real value.
    """
    before: list[Any] = []
    for digits in DIGITS:
        with mpmath.workdps(digits):
            try:
                value, slopes = _forward(expression, values, frozenset(names))
            except (ArithmeticError, TypeError, ValueError):
                return [math.nan] * (1 + len(names))
            found = [value, *(slopes.get(name, 0.0) for name in names)]
            if not all(mpmath.isfinite(item) and mpmath.im(item) == 0 for item in found):
                return [math.nan] * (1 + len(names))
            pairs = zip(found, before, strict=False)
            # A zero may be one of too few digits.
            if before and all(0 < abs(a) >= abs(a - b) / SAME for a, b in pairs):
                break
            before = found
    return [float(item) for item in found]


class _Numbers:
    """What the table of operations takes from numpy, for numbers of mpmath."""

    add = staticmethod(lambda x, y: x + y)
    subtract = staticmethod(lambda x, y: x - y)
    multiply = staticmethod(lambda x, y: x * y)
    divide = staticmethod(lambda x, y: x / y)
    negative = staticmethod(lambda x: -x)
    square = staticmethod(lambda x: x * x)
    power = staticmethod(mpmath.power)
    abs = staticmethod(abs)
    minimum = staticmethod(min)
    maximum = staticmethod(max)
    sign = staticmethod(mpmath.sign)
    sqrt = staticmethod(mpmath.sqrt)
    exp = staticmethod(mpmath.exp)
    log = staticmethod(mpmath.log)
    log10 = staticmethod(mpmath.log10)
    sinh = staticmethod(mpmath.sinh)
    cosh = staticmethod(mpmath.cosh)
    tanh = staticmethod(mpmath.tanh)
    sin = staticmethod(mpmath.sin)
    cos = staticmethod(mpmath.cos)


def _forward(
    node: Expression, values: Mapping[str, float], names: frozenset[str]
) -> tuple[Any, dict[str, Any]]:
    """Value of a node and its non-zero derivatives by name."""
    match node:
        case Name(name):
            return mpmath.mpf(float(values[name])), {name: mpmath.mpf(1)} if name in names else {}
        case Number(number):
            return mpmath.mpf(number), {}
        case Apply("pi"):
            return mpmath.mpf(math.pi), {}  # the number that floating point has for it
    inner = [_forward(argument, values, names) for argument in node.arguments]
    arguments, operation = [value for value, _ in inner], OPERATIONS[node.function]
    assert operation.ufunc is not None
    assert operation.slopes is not None, f"{node.function} is a condition"
    value = getattr(_Numbers, operation.ufunc)(*arguments)
    slopes: dict[str, Any] = {}
    if not any(below for _, below in inner):
        return value, slopes
    for partial, (_, below) in zip(
        operation.slopes(_Numbers, *arguments, value), inner, strict=True
    ):
        for name, slope in below.items():
            slopes[name] = slopes.get(name, 0.0) + partial * slope
    return value, slopes
