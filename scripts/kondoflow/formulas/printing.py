"""From expression to text: the language of the configuration, and LaTeX."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal

import sympy

from kondoflow.formulas.operations import OPERATIONS, PI
from kondoflow.formulas.rounding import LARGE_POWER
from kondoflow.formulas.symbolic import to_sympy
from kondoflow.formulas.trees import Expression, Name, Number

DIGITS = 6  # of a number in LaTeX, at most
PRODUCT = OPERATIONS["mul"].precedence


def to_text(node: Expression) -> str:
    """Write a formula so that `grammar.parse` reads the same expression back."""
    return _write(node, 0)


def _write(node: Expression, outer: int) -> str:
    """Write a node.

    `outer` is the precedence of the operation around it; on the side of an operand that needs
    parentheses at equal precedence (the right of a difference, the left of a power) it is one more.
    """
    match node:
        case Number(value):
            bare = value >= 0 or (outer <= PRODUCT and outer % 2 == 0)
            return _digits(value) if bare else f"({_digits(value)})"
        case Name(name):
            return name
    operation, arguments = OPERATIONS[node.function], node.arguments
    if operation is PI:
        return PI.name
    if not operation.infix:
        return f"{operation.name}({', '.join(_write(item, 0) for item in arguments)})"
    level = operation.precedence
    if operation.arity == 1:
        text = operation.infix + _write(arguments[0], level)
    else:
        left, right = (level + 1, level) if operation.to_right else (level, level + 1)
        parts = (_write(arguments[0], left), _write(arguments[1], right))
        text = operation.infix.join(parts)
    return f"({text})" if level < outer else text


def _digits(value: float) -> str:
    """Digits of a number, those of a large fitted constant before a power of ten."""
    if isinstance(value, int) or not 10**LARGE_POWER <= abs(value) < math.inf:
        return repr(value)
    mantissa, power = f"{Decimal(repr(value)):e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{power}"


def typeset(expression: Expression, symbols: Mapping[str, str] | None = None) -> str:
    r"""LaTeX of a formula.

    Args:
        expression: The formula.
        symbols: LaTeX of names, such as {"eps_d": r"\epsilon_d"}; others are guessed from
            their spelling.
    """
    form = to_sympy(expression)
    form = form.xreplace({number: _short(number) for number in form.atoms(sympy.Float)})
    names = {symbol: (symbols or {}).get(str(symbol)) for symbol in form.free_symbols}
    words = {symbol: _word(symbol) for symbol, latex in names.items() if not latex}
    known = {symbol: latex for symbol, latex in {**names, **words}.items() if latex}
    # Words side by side would read as one.
    between = "dot" if any(words.values()) else None
    return sympy.latex(
        form, symbol_names=known, full_prec=False, max=LARGE_POWER, mul_symbol=between
    )


def _word(symbol: sympy.Basic) -> str | None:
    """LaTeX of a name of several letters, which is set upright as no product of them.

    Of several words joined by underscores the name stays as it is: an index would have no blanks.
    """
    if str(symbol).count("_") > 1:
        whole = str(symbol).replace("_", r"\_")
        return rf"\mathrm{{{whole}}}"
    match = re.fullmatch(r"([A-Za-z]{2,})(.*)", sympy.latex(symbol))
    return rf"\mathrm{{{match[1]}}}{match[2]}" if match else None


def _short(number: sympy.Float) -> sympy.Float:
    """A number to `DIGITS` digits: algebra may have made it of others, as exp(x - 1.2) becomes."""
    value = float(number)
    shown = f"{value:.{DIGITS}g}"
    return number if float(shown) == value else sympy.Float(shown)


def latex_symbols(labels: Mapping[str, str]) -> dict[str, str]:
    """LaTeX of the names whose label in the configuration is one formula between dollar signs."""
    matches = {name: re.fullmatch(r"\$([^$]+)\$", text) for name, text in labels.items()}
    return {name: match[1] for name, match in matches.items() if match}
