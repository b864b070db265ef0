"""Names of quantities in a user's file, as expressions of the configuration can hold them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_BRACKETS = re.compile(r"(.*\S)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])", re.DOTALL)
_NUMBER = re.compile(
    r"([-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?)\s*([^\W\d_][\w^/*-]*|[%°µμ]\w*)?"
)


class PlainName(NamedTuple):
    """A name and a unit.

    Attributes:
        name: A letter or _ followed by letters, digits and _, in Unicode's normal form KC, which
            Python has for its names too. The micro sign and the Greek mu are one letter in it.
        unit: What stood in brackets at the end, "" for nothing.
    """

    name: str
    unit: str


def normal(text: str) -> str:
    """A text in Unicode's normal form KC, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def plain_name(text: str) -> PlainName:
    """Name and unit in a text such as `T_c`, `gap (meV)` or `Delta/k_B [K]`."""
    found = _BRACKETS.fullmatch(normal(text))
    name, unit = (found[1], (found[2] or found[3] or "").strip()) if found else (normal(text), "")
    name = re.sub(r"\W+", "_", name).strip("_") if not name.isidentifier() else name
    if not name.isidentifier():
        name = f"x_{name}" if name else "x"
    return PlainName(name, unit)


def meant(text: str, names: Iterable[str]) -> str | None:
    """The name of a file that a text of the configuration means.

    It is the text itself, up to Unicode's form, or else the only name that is the text after the
    unit in brackets is left out, or made an identifier.
    """
    known = list(names)
    if text in known:
        return text
    alike = [name for name in known if normal(name) == normal(text)]
    alike = alike or [name for name in known if plain_name(name).name == normal(text)]
    return alike[0] if len(alike) == 1 else None


def number_in(text: str) -> tuple[float, str] | None:
    """The number in a text such as `400`, `400.5 nm` or `1,5e3`, with its unit; None for others."""
    found = _NUMBER.fullmatch(normal(text))
    if found is None:
        return None
    return float(found[1].replace(",", ".")), found[2] or ""


def listed(given: Any) -> list[str]:
    """Names in a key of the configuration: a name, a list, or new names for them."""
    if isinstance(given, str):
        return [given]
    return list(given.values()) if isinstance(given, Mapping) else list(given or ())
