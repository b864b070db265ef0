"""Dimensions of inputs: products of powers of base dimensions, as the configuration gives them.

Base dimensions are whatever names are used: energy, length, time. Needs only the standard library,
so that a configuration can be checked before a workflow starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Apply, Expression, Name, Number, constant_value

COMMON = "unit"  # base dimension of inputs that are only said to have the same unit
ALLOWED = "a product of powers of dimensions, such as energy**-1*time"

Dimension = Mapping[str, float]  # power by base dimension; empty for a number


def read_dimensions(
    given: Sequence[str] | Mapping[str, str], key: str = "with_unit"
) -> dict[str, Dimension]:
    """Dimensions of inputs as the configuration gives them.

    Args:
        given: Names of inputs that have the same unit, or the dimension of each by name.
        key: Where it stands, named in an error.

    Raises:
        InputError: If a dimension is no product of powers.
    """
    if not isinstance(given, Mapping):
        return {name: {COMMON: 1.0} for name in given}
    dimensions: dict[str, Dimension] = {}
    for name, text in given.items():
        powers = _powers(parse(text, f"{key}.{name}"))
        if powers is None:
            raise InputError("config", f"{key}.{name}", text, ALLOWED)
        dimensions[name] = {base: power for base, power in powers.items() if power}
    return dimensions


def _powers(expression: Expression) -> dict[str, float] | None:
    """Powers in a product; None if it is none."""
    match expression:
        case Name(name):
            return {name: 1.0}
        case Number(1):
            return {}
        case Apply("mul" | "div" as function, (left, right)):
            first, second = _powers(left), _powers(right)
            if first is None or second is None:
                return None
            sign = 1.0 if function == "mul" else -1.0
            return {
                base: first.get(base, 0.0) + sign * second.get(base, 0.0)
                for base in dict.fromkeys((*first, *second))
            }
        case Apply("pow", (inner, exponent)):
            powers, factor = _powers(inner), constant_value(exponent)
            if powers is None or factor is None:
                return None
            return {base: factor * power for base, power in powers.items()}
        case Apply("sqrt", (inner,)):
            powers = _powers(inner)
            return powers and {base: power / 2 for base, power in powers.items()}
    return None


def check_dimensions(systems: Mapping[str, Mapping[str, Any]]) -> None:
    """Read the dimensions in the configuration's `systems`, before any work starts.

    Raises:
        InputError: Names the first that is no product of powers.
    """
    for system, entry in systems.items():
        read_dimensions(entry.get("with_unit", ()), f"systems.{system}.with_unit")
