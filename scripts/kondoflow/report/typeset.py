"""Formulas as MathML, which browsers set in the colour and size of the text around them.

LaTeX is read by the library latex2mathml. What it can't read is shown as it was written. Figures
set the same labels with matplotlib's mathtext, which knows a part of LaTeX.
"""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup, escape

from kondoflow.files.text import plain_text
from kondoflow.report.glyphs import DOLLAR

DEEPEST = 12  # braces within braces of a formula that is typeset
# What an element may hold; in particular nothing that leads elsewhere.
ATTRIBUTES = frozenset({"display", "displaystyle", "fence", "form", "mathvariant", "stretchy"})


@cache
def formula(latex: str, *, display: bool = False) -> Markup:
    """MathML of LaTeX (without dollar signs).

    Args:
        latex: The formula.
        display: Whether it stands by itself, with fractions at full size.

    Returns:
        A `math` element, or a `code` element with the source where it can't be read.
    """
    if _depth(latex) > DEEPEST:
        return Markup("<code>{}</code>").format(latex)
    try:
        root = ElementTree.fromstring(convert(latex, xmlns=""))
    except Exception:  # the library raises errors of many kinds, for text that is no formula
        return Markup("<code>{}</code>").format(latex)
    if not "".join(root.itertext()).strip():
        return Markup("<code>{}</code>").format(latex)
    for element in root.iter():
        element.attrib = {
            name: value for name, value in element.attrib.items() if name in ATTRIBUTES
        }
    # Beside the text a formula has the full size, but no line of its own.
    root.attrib = {"alttext": latex} | ({"displaystyle": "true"} if display else {})
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def rich_text(text: str) -> Markup:
    """HTML of a label: escaped text, with formulas between dollar signs typeset."""
    text = plain_text(text)
    if len(DOLLAR.findall(text)) % 2:
        return escape(text.replace(r"\$", "$"))
    return Markup("").join(
        formula(piece) if index % 2 else escape(piece.replace(r"\$", "$"))
        for index, piece in enumerate(DOLLAR.split(text))
    )


def is_mathtext(text: str) -> bool:
    """Whether matplotlib can draw `text`, including what stands between dollar signs."""
    if "$" not in text:
        return True
    if _depth(text) > DEEPEST:
        return False
    # Imported where a label has a formula: pages without figures need no matplotlib.
    from kondoflow.report.style import house_style

    try:
        with house_style():
            _mathtext().parse(text)
    except Exception:  # the text may be anything, and so may what the parser makes of it
        return False
    return True


@cache
def _mathtext():  # type: ignore[no-untyped-def]
    from matplotlib.mathtext import MathTextParser

    return MathTextParser("path")


def _depth(text: str) -> int:
    """How deep braces are nested; the parser needs more of the stack for each."""
    depth = deepest = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        deepest = max(deepest, depth)
    return deepest


@cache
def safe_text(text: str) -> str:
    """`text` as it is where mathtext can read it, else with its dollar signs made literal."""
    text = plain_text(text)
    return text if is_mathtext(text) else text.replace("$", r"\$")
