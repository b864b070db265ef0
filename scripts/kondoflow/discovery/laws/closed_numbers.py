"""Closed numbers near a fitted constant: small fractions, alone and times pi or 1/pi.

They replace fitted constants only where the data allow it (`discovery.laws.joint`). 28 of them lie
between 0.1 and 4, where a number that is drawn at random (evenly in its logarithm) is within half a
per cent of one of them in 8 of 100 cases. A match is a hint and not a proof.
"""

from __future__ import annotations

from fractions import Fraction

from kondoflow.formulas.trees import Apply, Expression, Number, constant_value

NUMERATORS = (1, 2, 3)
DENOMINATORS = (1, 2, 3, 4, 8)
NEAR = 0.12  # relative distance within which a number is tried
MOST = 3  # that are tried for a constant


def closed_numbers(value: float) -> list[Expression]:
    """Closed numbers near a constant, the nearest first."""
    size = abs(value)
    far = [(abs(exact - size), number) for exact, number in _TABLE]
    near = [pair for pair in far if pair[0] < NEAR * size]
    chosen = [number for _, number in sorted(near, key=lambda pair: pair[0])[:MOST]]
    return [Apply("neg", (number,)) if value < 0 else number for number in chosen]


def _fraction(numerator: Expression, denominator: int) -> Expression:
    if denominator == 1:
        return numerator
    return Apply("div", (numerator, Number(denominator)))


def _table() -> list[tuple[float, Expression]]:
    pi: Expression = Apply("pi")
    fractions = sorted({Fraction(n, d) for n in NUMERATORS for d in DENOMINATORS})
    numbers: list[Expression] = []
    for each in fractions:
        top = Number(each.numerator)
        numbers.append(_fraction(top, each.denominator))
        times_pi = pi if each.numerator == 1 else Apply("mul", (top, pi))
        numbers.append(_fraction(times_pi, each.denominator))
        below = pi if each.denominator == 1 else Apply("mul", (Number(each.denominator), pi))
        numbers.append(Apply("div", (top, below)))
    values = [(constant_value(number), number) for number in numbers]
    return [(value, number) for value, number in values if value is not None]


_TABLE = _table()
