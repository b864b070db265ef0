"""Names of quantities in a user's file, as expressions of the configuration can hold them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kondoflow.files.text import in_letters

_BRACKETS = re.compile(r"(.*\S)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\])", re.DOTALL)
_SLASH = re.compile(r"(.*[^\s/])\s*/\s*([^/]*[^\s/])", re.DOTALL)
# Units behind a slash. V, T and s are left out, as they may be quantities; so are kT, T_K and k_F.
_KNOWN = re.compile(
    r"""(?:[fpnum\u03bckMGT]?(?:eV|Hz) | [pnum\u03bc]A | [num\u03bckM]V | [num\u03bc]?K
    | [num\u03bc]S | [num\u03bck]W | [m\u03bc]T | k?Oe | [fpnum\u03bc]s | [pnum\u03bcck]m
    | \u00c5 | Ang | Ry
    | [kMG]?Pa | m?bar | [mkMG]?(?:Ohm|\u03a9) | [mk]J | kg | mol | emu | dB | deg | rad
    | \u00b0C? | % | a\.?\ ?u\. | arb\.\ ?(?:u\.|units))
    (?:\^\{?[-\u2212]?\d\}?|[-\u2212]\d)?""",
    re.VERBOSE,
)
_TYPESET = re.compile(r"\\(?:mathrm|text|rm)\s*\{([^{}]*)\}|\$")
COUNTED = ("counts", "cts", "events", "photons")  # of which there are so many in a time
# Alone in a cell these may be names as well: they are units beside others that can be nothing else.
_LIKELY = {"", "min", *"-1AFHJKNSTVWghms"}
_RAISED = re.compile("(?<=\\w)[\u207a\u207b]?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+")
_NUMBER = re.compile(
    r"([-+]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?)\s*([^\W\d_][\w^/*-]*|[%°µμ]\w*)?"
)


class PlainName(NamedTuple):
    """A name and a unit.

    Attributes:
        name: A letter or _ followed by letters, digits and _, with Greek letters written out, as
            expressions have it.
        unit: What stood in brackets at the end, or a known unit behind a slash; "" for nothing.
        shown: The name as figures show it, with Greek letters.
    """

    name: str
    unit: str
    shown: str


def normal(text: str) -> str:
    """A text in Unicode's normal form KC, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def plain_name(text: str) -> PlainName:
    """Name and unit in a text such as `T_c`, `gap (meV)`, `Delta/k_B [K]` or `V/mV`.

    Behind a slash only known units count, as written in the calculus of quantities: `U/Gamma` is a
    ratio.
    """
    shown, _ = _parts(normal(text))
    _, unit = _parts(normal(_with_powers(text)))
    return PlainName(_identifier(in_letters(shown)), unit, _identifier(shown))


def _parts(text: str) -> tuple[str, str]:
    found = _BRACKETS.fullmatch(text)
    return (found[1], (found[2] or found[3] or "").strip()) if found else _divided(text)


def _with_powers(text: str) -> str:
    """A text with raised numbers as powers, which the normal form would put on the line."""
    return _RAISED.sub(lambda match: f"^{normal(match[0])}".replace("\N{MINUS SIGN}", "-"), text)


def _identifier(name: str) -> str:
    """A text as a name, with _ for what names can't hold."""
    name = re.sub(r"\W+", "_", name).strip("_") if not name.isidentifier() else name
    if not name.isidentifier():
        name = f"x_{name}" if name else "x"
    return name


def _divided(text: str) -> tuple[str, str]:
    """A quantity and the known unit that it is divided by; the whole text and "" without one."""
    found = _SLASH.fullmatch(text)
    if found is None:
        return text, ""
    name, unit = (_TYPESET.sub(r"\1", part).strip() for part in found.groups())
    if not _KNOWN.fullmatch(unit) or _KNOWN.fullmatch(name):
        return text, ""
    if number_in(name) or name.lower() in COUNTED:
        return text, ""
    as_it_stands = found[2].count("$") % 2 == 0 and "\\" not in found[2]
    return name, found[2] if as_it_stands else unit


def are_units(row: Iterable[str]) -> bool:
    """Whether the cells of a row are units, or empty, and one of them can't be a name."""
    units = [normal(cell).strip("()[]") for cell in row]
    known = [bool(_KNOWN.fullmatch(unit)) or unit.lower() in COUNTED for unit in units]
    pairs = list(zip(known, units, strict=True))
    likely = all(sure or unit in _LIKELY for sure, unit in pairs)
    return likely and any(sure and unit not in _LIKELY for sure, unit in pairs)


def with_units(names: Iterable[str], units: Iterable[str]) -> list[str]:
    """Names with the units that stood in a row of their own, as `gap (meV)`."""
    pairs = [
        (name, normal(_with_powers(unit)).strip("()[]-"))
        for name, unit in zip(names, units, strict=True)
    ]
    return [f"{name} ({unit})" if unit else name for name, unit in pairs]


def meant(text: str, names: Iterable[str]) -> str | None:
    """The name of a file that a text of the configuration means.

    It is the text itself, up to Unicode's form, or else the only name that is the text after the
    unit is left out, or made an identifier; Greek letters may be written out.
    """
    known = list(names)
    if text in known:
        return text
    alike = [name for name in known if normal(name) == normal(text)]
    wanted = in_letters(normal(text))
    alike = alike or [name for name in known if plain_name(name).name == wanted]
    return alike[0] if len(alike) == 1 else None


def number_in(text: str) -> tuple[float, str] | None:
    """The number in a text such as `400`, `400.5 nm` or `1,5e3`, with its unit; None for others."""
    found = _NUMBER.fullmatch(normal(_with_powers(text)))
    if found is None:
        return None
    return float(found[1].replace(",", ".")), found[2] or ""


def listed(given: Any) -> list[str]:
    """Names in a key of the configuration: a name, a list, or new names for them."""
    if isinstance(given, str):
        return [given]
    return list(given.values()) if isinstance(given, Mapping) else list(given or ())
