"""Numbers as HTML: few digits, true minus signs, powers of ten."""

from __future__ import annotations

import math
import re

from markupsafe import Markup

R2_DECIMALS = ((0.9, 2), (0.99, 3), (0.999, 4))  # below these, R^2 has so many decimals, else 5
MOST_DECIMALS = 7  # of R^2 or a correlation; nearer to 1 stands what it lacks to 1
ROUNDING = 1e-12  # what is nearer to 1 is 1 but for rounding
SINGLE = 1e-6  # relative rounding of numbers in single precision
FACTOR_NEAR_1 = 1.1  # below which a factor needs a digit more
MINUS = "\N{MINUS SIGN}"
DASH = Markup("\N{EN DASH}")
GAP = "\N{NARROW NO-BREAK SPACE}"  # a number and its unit stay in one line
TIMES = f"{GAP}\N{MULTIPLICATION SIGN}{GAP}"
_POWER = re.compile(rf"(?:([\d.]+){TIMES})?10<sup>(.*?)</sup>")


def significant(value: float | None, digits: int = 3) -> Markup:
    """HTML of a number to some significant digits, outside 1e-3 .. 1e5 as a power of ten.

    None and NaN give a dash.
    """
    if value is None or not math.isfinite(value):
        return DASH
    mantissa, power = _split(value, digits)
    if power is None:
        return Markup(mantissa.replace("-", MINUS))
    if mantissa in ("1", "-1"):
        return Markup(f"{mantissa[:-1]}10<sup>{power}</sup>".replace("-", MINUS))
    return Markup(f"{mantissa}{TIMES}10<sup>{power}</sup>".replace("-", MINUS))


def measured(text: str) -> Markup:
    """HTML of a number with its uncertainty, as `formulas.rounding` writes it.

    The uncertainty stands in parentheses. Results of earlier versions have it after +- as well
    (`2e-05 +- 4e-06`).
    """
    value, _, uncertainty = text.partition(" +- ")
    shown = _with_power_of_ten(value)
    if uncertainty:
        return shown + Markup(" (uncertainty {})").format(_with_power_of_ten(uncertainty))
    return shown


def _with_power_of_ten(text: str) -> Markup:
    plain, _, power = text.partition("e")
    ten = f"{TIMES}10<sup>{int(power)}</sup>" if power else ""
    return Markup(f"{plain}{ten}".replace("-", MINUS))


def latex(value: float, digits: int = 3) -> str:
    """LaTeX of a finite number to some significant digits, a power of ten as in `significant`."""
    mantissa, power = _split(value, digits)
    return mantissa if power is None else rf"{mantissa}\times 10^{{{power}}}"


def _split(value: float, digits: int) -> tuple[str, int | None]:
    """Mantissa and power of ten, or the plain number and None where it is of ordinary size."""
    if value == 0:
        return "0", None
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -3 <= power < 5:
        return f"{value:,.{max(digits - 1 - power, 0)}f}", None
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    # Zeros at the end are digits too, but not of a number that its author wrote without them.
    known = math.isclose(float(f"{short}e{power}"), value, rel_tol=SINGLE)
    return short if known else mantissa, power


def fixed(value: float | None, digits: int = 3) -> Markup:
    """A number to some decimals, zero without a sign; None or NaN: a dash."""
    if value is None or not math.isfinite(value):
        return DASH
    return Markup(f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", MINUS))


def correlation(value: float | None, digits: int = 3) -> Markup:
    """A correlation to so many decimals or more, see `short_of_1`; None or NaN: a dash."""
    return short_of_1(value, digits)


def r2(value: float | None) -> Markup:
    """R^2 with two digits of what it lacks to 1, or as `short_of_1` says; None or NaN: a dash.

    Below -1 it has three digits.
    """
    if value is None or not math.isfinite(value):
        return DASH
    if value < -1:
        return significant(value)
    return short_of_1(value, next((digits for end, digits in R2_DECIMALS if value < end), 5))


def short_of_1(value: float | None, digits: int) -> Markup:
    """A number to so many decimals, or to as many as it takes for one below 1 not to read as 1.

    What would take more than `MOST_DECIMALS` is written as `1 - 3 x 10^-9`. Numbers that are 1 but
    for rounding read as 1. The same holds about -1. None or NaN give a dash.
    """
    if value is None or not math.isfinite(value):
        return DASH
    left = 1 - abs(value)
    if left < ROUNDING or abs(round(value, digits)) < 1:
        return fixed(value, digits)
    more = range(digits + 1, MOST_DECIMALS + 1)
    enough = next((k for k in more if abs(round(value, k)) < 1), None)
    if enough is not None:
        return fixed(value, enough)
    one, sign = (1, MINUS) if value > 0 else (f"{MINUS}1", "+")
    return Markup(f"{one}{GAP}{sign}{GAP}{significant(left, 1)}")


def in_figure(shown: Markup) -> str:
    """A number without tags: powers of ten as `3e-9`, true minus signs."""
    plain = _POWER.sub(lambda power: f"{power[1] or 1}e{power[2]}", str(shown))
    return Markup(plain).unescape().replace(GAP, " ")


def in_terminal(shown: Markup) -> str:
    """A number as signs that any terminal has: `1 - 3e-9`."""
    return in_figure(shown).replace(MINUS, "-")


def factor(value: float | None) -> Markup:
    """HTML of a factor to three digits; to four from 1 to 1.1, to show how far it is from 1."""
    return significant(value, 4 if value is not None and 1 <= value < FACTOR_NEAR_1 else 3)


def exact(value: float | None) -> Markup:
    """A number as its author would write it, without zeros at the end; None or NaN: a dash."""
    if value is None or not math.isfinite(value):
        return DASH
    mantissa, _, power = f"{value:.6g}".partition("e")
    if not power:
        return Markup(mantissa.replace("-", MINUS))
    factor = "" if mantissa == "1" else f"{mantissa}{TIMES}"
    return Markup(f"{factor}10<sup>{int(power)}</sup>".replace("-", MINUS))


def angle(degrees: float | None) -> Markup:
    """An angle to two significant digits; below a thousandth of a degree it is rounding, and 0."""
    return significant(0.0 if degrees is not None and degrees < 1e-3 else degrees, 2)


def percent(part: float | None) -> Markup:
    """A share in per cent, to two significant digits; None or NaN: a dash."""
    shown = significant(None if part is None else 100 * part, 2)
    return shown if shown == DASH else Markup(f"{shown}{GAP}%")


def share(part: float | None) -> Markup:
    """A share in per cent to one decimal, or to as many as it takes not to read as all."""
    if part is None or not math.isfinite(part):
        return DASH
    short = short_of_1(part, 3)
    decimals = max(1, len(short.partition(".")[2]) - 2) if "." in short else 1
    return Markup(f"{fixed(100 * part, decimals)}{GAP}%")


def count(number: float | None) -> str:
    """A whole number with separated thousands; None: a dash."""
    return str(DASH) if number is None else f"{number:,.0f}"


def duration(seconds: float | None) -> str:
    """Seconds, minutes or hours, whichever reads best."""
    if seconds is None or not math.isfinite(seconds):
        return "\N{EN DASH}"
    if seconds < 99.95:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.1f} min" if minutes < 99.95 else f"{minutes / 60:.1f} h"
