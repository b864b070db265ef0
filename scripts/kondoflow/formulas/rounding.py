"""Constants with the digits that their uncertainty allows.

A fitted constant is rounded where its uncertainty begins: the uncertainty keeps two digits if its
first three are at most 354 and one digit above (the convention of the Particle Data Group), the
constant ends at the same decimal. A constant without an uncertainty, because it was fixed or
because nothing could be resampled, keeps `DIGITS` digits and is printed without one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from kondoflow.formulas.trees import Expression, Number, constants_of, with_constants

DIGITS = 4  # of a constant whose uncertainty is not known


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
    """A constant with its uncertainty in parentheses, in units of its last digit: 0.961(2)."""
    if not is_known(uncertainty):
        return f"{value:.{DIGITS}g}"
    assert uncertainty is not None
    decimals = decimals_of(uncertainty)
    shown = round(uncertainty, decimals)
    if decimals <= 0:
        return f"{round(value, decimals):.0f}({shown:.0f})"
    if abs(value) < 1e-3 or decimals > 6:
        return f"{value:.2g} +- {uncertainty:.1g}"
    return f"{value:.{decimals}f}({round(shown * 10**decimals)})"


def is_known(uncertainty: float | None) -> bool:
    """Whether there is an uncertainty: a fixed constant has none."""
    return uncertainty is not None and math.isfinite(uncertainty) and uncertainty > 0


def with_rounded(
    expression: Expression, uncertainties: Sequence[float | None] | None
) -> Expression:
    """An equation with each fitted constant rounded by its uncertainty.

    Args:
        expression: The equation.
        uncertainties: As many as it has fitted constants, from left to right, or None.
    """
    constants = constants_of(expression)
    known = list(uncertainties) if uncertainties else [None] * len(constants)
    pairs = zip(constants, known, strict=True)
    return with_constants(expression, [Number(float(round_constant(*pair))) for pair in pairs])
