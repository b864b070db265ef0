"""Formulas as pictures: LaTeX through matplotlib's mathtext to an SVG path in the text's colour.

Mathtext knows a part of LaTeX and needs no TeX installation. What it can't read is shown as it
was written.
"""

from __future__ import annotations

import re

import numpy as np
from markupsafe import Markup, escape
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from matplotlib.path import Path as Curve
from matplotlib.textpath import TextPath

from kondoflow.files.text import plain_text
from kondoflow.report.style import house_style

UNITS_AN_EM = 1000
DEEPEST = 12  # braces within braces of a formula that is typeset
SIZE = 1.1  # of formulas against the text around them: STIX is a small face
_COMMANDS = {
    Curve.MOVETO: "M",
    Curve.LINETO: "L",
    Curve.CURVE3: "Q",
    Curve.CURVE4: "C",
    Curve.CLOSEPOLY: "Z",
}
_PARSER = MathTextParser("path")


def is_mathtext(text: str) -> bool:
    """Whether matplotlib can draw `text`, including what stands between dollar signs."""
    if _depth(text) > DEEPEST:
        return False
    try:
        with house_style():
            _PARSER.parse(text)
    except Exception:  # the text may be anything, and so may what the parser makes of it
        return False
    return True


def _depth(text: str) -> int:
    """How deep braces are nested; the parser needs more of the stack for each."""
    depth = deepest = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        deepest = max(deepest, depth)
    return deepest


def safe_text(text: str) -> str:
    """`text` as it is where mathtext can read it, else with its dollar signs made literal."""
    text = plain_text(text)
    return text if is_mathtext(text) else text.replace("$", r"\$")


def formula(latex: str, *, display: bool = False) -> Markup:
    """Typeset LaTeX (without dollar signs) as an inline SVG that takes the text's colour and size.

    Args:
        latex: The formula.
        display: Whether it stands by itself, with fractions at full size.

    Returns:
        An `svg` element labelled with its source, or a `code` element with the source where
        mathtext doesn't know it.
    """
    text = f"${latex}$".replace(r"\frac", r"\dfrac" if display else r"\frac")
    curve = _curve(text) if latex.strip() and is_mathtext(text) else None
    if curve is None:
        return Markup("<code>{}</code>").format(latex)
    box = curve.get_extents()
    margin = 0.02 * UNITS_AN_EM
    left, bottom = box.x0 - margin, box.y0 - margin
    width, height = box.width + 2 * margin, box.height + 2 * margin
    return Markup(
        '<svg class="{kind}" role="img" aria-label="{latex}"'
        ' viewBox="{x:.0f} {y:.0f} {w:.0f} {h:.0f}"'
        ' style="width:{w_em:.3f}em;height:{h_em:.3f}em;vertical-align:{down:.3f}em">'
        '<path d="{path}"/></svg>'
    ).format(
        kind="math display" if display else "math",
        latex=latex,
        x=left,
        y=-(bottom + height),
        w=width,
        h=height,
        w_em=width / UNITS_AN_EM * SIZE,
        h_em=height / UNITS_AN_EM * SIZE,
        down=bottom / UNITS_AN_EM * SIZE,
        path=_svg_path(curve),
    )


def _curve(text: str) -> Curve | None:
    """The outline of a text; None if it is blank."""
    font = FontProperties(family="STIXGeneral", math_fontfamily="stix")
    try:
        with house_style():
            return TextPath((0, 0), text, size=UNITS_AN_EM, prop=font)
    except AttributeError:  # how matplotlib says that there is nothing to draw
        return None


def _svg_path(curve: Curve) -> str:
    """The `d` attribute of a curve, with SVG's downward y."""
    parts = []
    for points, code in curve.iter_segments(simplify=False, curves=True):
        pairs = "" if code == Curve.CLOSEPOLY else " ".join(f"{round(v)}" for v in _flip(points))
        parts.append(_COMMANDS[code] + pairs)
    return "".join(parts)


def _flip(points: np.ndarray) -> list[float]:
    return [value if index % 2 == 0 else -value for index, value in enumerate(points)]


def rich_text(text: str) -> Markup:
    """HTML of a label: escaped text, with formulas between dollar signs typeset."""
    text = plain_text(text)
    if text.count("$") % 2:
        return escape(text)
    pieces = re.split(r"\$([^$]*)\$", text)
    return Markup("").join(
        formula(piece) if index % 2 else escape(piece) for index, piece in enumerate(pieces)
    )
