r"""Labels with LaTeX between dollar signs, cut into pieces that HTML and a canvas can set.

The labels of a configuration are short: symbols with indices and exponents. Each becomes a list of
pieces `[text, style]` with the styles "" (upright), "i" (italic), "_" (lowered), "^" (raised), such
as `$T_\chi/D$` -> `[["T", "i"], ["χ", "_"], ["/", ""], ["D", "i"]]`. Commands that have no letter
here stand with their name.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from operator import itemgetter

Piece = tuple[str, str]

SIGNS = {
    "varepsilon": "\u03b5",
    "infty": "\u221e",
    "times": "\u00d7",
    "cdot": "\u00b7",
    "pm": "\u00b1",
    "le": "\u2264",
    "leq": "\u2264",
    "ge": "\u2265",
    "geq": "\u2265",
    "approx": "\u2248",
    "uparrow": "\u2191",
    "downarrow": "\u2193",
    "langle": "\u27e8",
    "rangle": "\u27e9",
    "hbar": "\u0127",
    "partial": "\u2202",
    "left": "",
    "right": "",
    ",": "\u2009",
    ";": "\u2009",
    " ": " ",
    "{": "{",
    "}": "}",
    "%": "%",
}
UPRIGHT = frozenset({"mathrm", "text", "operatorname", "textrm"})
DOLLAR = re.compile(r"(?<!\\)\$")  # begins or ends a formula; `\$` is a dollar sign
TOKEN = re.compile(r"\\([A-Za-z]+|.)|([{}_^])|(\s+)|(.)", re.DOTALL)


def pieces(label: str) -> list[Piece]:
    """Cut a label into pieces; text with an odd number of dollars stays as it is."""
    parts = DOLLAR.split(label)
    if len(parts) % 2 == 0:
        return [(label.replace(r"\$", "$"), "")]
    found: list[Piece] = []
    for index, part in enumerate(parts):
        found += _formula(part) if index % 2 else [(part.replace(r"\$", "$"), "")]
    return _merged(found)


def plain(label: str) -> str:
    """A label in one line of plain text, for menus and file headers."""
    text = ""
    for style, group in groupby(pieces(label), key=itemgetter(1)):
        part = "".join(piece for piece, _ in group)
        raised = f"^({part})" if len(part) > 1 else f"^{part}"
        text += raised if style == "^" else part
    return text


def html(label: str) -> str:
    """A label as HTML, escaped."""
    tags = {"": ("", ""), "i": ("<i>", "</i>"), "_": ("<sub>", "</sub>"), "^": ("<sup>", "</sup>")}
    text = ""
    for piece, style in pieces(label):
        safe = piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        text += tags[style][0] + safe + tags[style][1]
    return text


def _formula(text: str) -> list[Piece]:
    tokens = [match for match in TOKEN.finditer(text)]
    found, _ = _group(tokens, 0, "", upright=False)
    return found


def _group(
    tokens: list[re.Match[str]], place: int, style: str, *, upright: bool
) -> tuple[list[Piece], int]:
    """Pieces up to the brace that closes a group, and the place behind it."""
    found: list[Piece] = []
    while place < len(tokens) and tokens[place][0] != "}":
        part, place = _unit(tokens, place, style, upright=upright)
        found += part
    return found, place + 1


def _unit(
    tokens: list[re.Match[str]], place: int, style: str, *, upright: bool
) -> tuple[list[Piece], int]:
    """Pieces of one group, command or character, and the place behind it."""
    token = tokens[place]
    command, mark, space, _ = token.groups()
    if place + 1 < len(tokens) and mark in ("_", "^"):
        return _unit(tokens, place + 1, mark, upright=upright)
    if mark == "{":
        return _group(tokens, place + 1, style, upright=upright)
    if space:
        return [], place + 1
    if command in UPRIGHT and place + 1 < len(tokens):
        return _unit(tokens, place + 1, style, upright=True)
    if command in ("frac", "dfrac", "tfrac") and place + 2 < len(tokens):
        above, place = _unit(tokens, place + 1, style, upright=upright)
        if place < len(tokens):
            below, place = _unit(tokens, place, style, upright=upright)
            return [*above, ("/", style), *below], place
        return above, place
    if command is not None:
        greek = _greek(command)
        slanted = greek is not None and command.islower()
        text = greek or SIGNS.get(command, command)
        return [(text, style or ("i" if slanted else ""))], place + 1
    text = "\N{MINUS SIGN}" if token[0] == "-" else token[0]
    italic = text.isalpha() and text.isascii() and not upright
    return [(text, style or ("i" if italic else ""))], place + 1


def _greek(command: str) -> str | None:
    """The Greek letter of a command, if it names one."""
    case = "SMALL" if command.islower() else "CAPITAL"
    name = command.upper().replace("LAMBDA", "LAMDA")  # as Unicode spells it
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {name}")
    except KeyError:
        return None


def _merged(found: list[Piece]) -> list[Piece]:
    """Neighbours of one style as one piece."""
    merged: list[Piece] = []
    for text, style in found:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        elif text:
            merged.append((text, style))
    return merged
