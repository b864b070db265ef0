"""Constants with the digits that their uncertainty allows.

A fitted constant is rounded where its uncertainty begins: the uncertainty keeps two digits if its
first three are at most 354 and one digit above (the convention of the Particle Data Group), the
constant ends at the same decimal. A constant without an uncertainty, because it was fixed or
because nothing could be resampled, keeps `DIGITS` digits and is printed without one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kondoflow.formulas.trees import Apply, Expression, Number, constants_of, with_constants

DIGITS = 4  # of a constant whose uncertainty is not known
SMALLEST_POWER, LARGE_POWER = -3, 6  # of ten, between which a constant is written without one


def decimals_of(uncertainty: float) -> int:
    """Decimal, counted from the point, at which an uncertainty above 0 ends."""
    exponent = math.floor(math.log10(uncertainty))
    leading = round(uncertainty / 10 ** (exponent - 2))
    return -exponent + (1 if leading <= 354 else 0)


def round_constant(value: float, uncertainty: float | None) -> float:
    """A constant without the digits that its uncertainty denies."""
    if not is_known(uncertainty):
        return float(f"{value:.{DIGITS}g}")
    assert uncertainty is not None
    decimals = decimals_of(uncertainty)
    # One digit at least, however uncertain: 0 would remove a term.
    return round(value, decimals) or float(f"{value:.1g}")


def text_of(value: float, uncertainty: float | None) -> str:
    """A constant with its uncertainty in parentheses, in units of its last digit: 0.961(2).

    Outside 1e-3 .. 1e6 both stand before a power of ten: 7.24299(3)e+22.
    """
    if not is_known(uncertainty):
        return f"{value:.{DIGITS}g}"
    assert uncertainty is not None
    decimals = decimals_of(uncertainty)
    rounded, shown = round(value, decimals) + 0.0, round(uncertainty, decimals)
    power = math.floor(math.log10(max(abs(rounded), shown)))
    if not SMALLEST_POWER <= power < LARGE_POWER:
        places = max(decimals + power, 0)
        last = round(shown / 10.0**power * 10**places)
        return f"{rounded / 10.0**power:.{places}f}({last})e{power:+03d}"
    if decimals <= 0:
        return f"{rounded:.0f}({shown:.0f})"
    return f"{rounded:.{decimals}f}({round(shown * 10**decimals)})"


def is_known(uncertainty: float | None) -> bool:
    """Whether there is an uncertainty: a fixed constant has none."""
    return uncertainty is not None and math.isfinite(uncertainty) and uncertainty > 0


def with_rounded(
    expression: Expression, uncertainties: Sequence[float | None] | None
) -> Expression:
    """An equation as it is shown: each fitted constant rounded by its uncertainty.

    Factors that are exactly 1.0 are left out; one that is only rounded to 1.0 stays.

    Args:
        expression: The equation.
        uncertainties: As many as it has fitted constants, from left to right, or None.
    """
    constants = constants_of(expression)
    known = list(uncertainties) if uncertainties else [None] * len(constants)
    pairs = zip(constants, known, strict=True)
    rounded = [Number(float(round_constant(*pair))) for pair in pairs]
    return _without_ones(expression, with_constants(expression, rounded))


def without_ones(expression: Expression) -> Expression:
    """An equation without factors that are exactly 1.0; of -1.0 the sign stays."""
    return _without_ones(expression, expression)


def _without_ones(exact: Expression, shown: Expression) -> Expression:
    """`shown` without the factors that are 1.0 or -1.0 in `exact`, a tree of the same form."""
    if not isinstance(exact, Apply) or not isinstance(shown, Apply):
        return shown
    parts = [_without_ones(*pair) for pair in zip(exact.arguments, shown.arguments, strict=True)]
    ones = [_one(item) for item in exact.arguments]
    match exact.function, ones:
        case "mul", [1.0, _]:
            return parts[1]
        case "mul" | "div", [_, 1.0]:
            return parts[0]
        case "mul", [-1.0, _]:
            return Apply("neg", (parts[1],))
        case "div", [float() as one, _]:
            return Apply("div", (Number(int(one)), parts[1]))
    return Apply(exact.function, tuple(parts))


def _one(item: Expression) -> float | None:
    """1.0 or -1.0 of a fitted constant with this value, None of anything else."""
    match item:
        case Number(float() as value) if abs(value) == 1:
            return value
    return None
