"""Formulas for the page: a tree for evaluation, MathML to read, and source code to take away.

All are written from the parsed expression, never from text. MathML names the quantities by their
labels; the languages use the names of the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from kondoflow.formulas.printing import typeset
from kondoflow.formulas.trees import Apply, Expression, Name, Number, names_in
from kondoflow.report.glyphs import Piece, pieces
from kondoflow.report.languages import PRECEDENCE, in_language, python_function

SHOWN_DIGITS = 4  # of constants in MathML
# Functions that are drawn by signs or brackets; all others begin with their names.
DRAWN = {"add", "sub", "mul", "div", "over", "neg", "pow", "square", "sqrt", "exp", "abs", "pi"}
SIGNS = {"add": "+", "sub": "\N{MINUS SIGN}", "mul": "\N{INVISIBLE TIMES}", "over": "/"}


def tree(expression: Expression) -> Any:
    """A formula or condition as JSON: a number, a name, or [function, argument ...]."""
    match expression:
        case Number(value):
            return value
        case Name(name):
            return name
    return [expression.function, *(tree(argument) for argument in expression.arguments)]


def source_code(expression: Expression, symbols: Mapping[str, str]) -> dict[str, str]:
    """The formula in LaTeX, Python (numpy), SymPy and Julia.

    Args:
        expression: The formula.
        symbols: LaTeX of names.
    """
    names = sorted(names_in(expression))
    declared = ", ".join(names)
    symbolic = f'{declared} = sp.symbols("{" ".join(names)}", real=True)\n' if names else ""
    return {
        "latex": typeset(expression, symbols),
        "python": python_function(expression),
        "sympy": f"import sympy as sp\n\n{symbolic}formula = {in_language(expression, 'sympy')}\n",
        "julia": f"formula({declared}) = {in_language(expression, 'julia')}\n",
    }


def mathml(expression: Expression, labels: Mapping[str, str]) -> str:
    """MathML of a formula, with a `math` element around it.

    Args:
        expression: The formula.
        labels: Label of names, text with LaTeX between dollar signs.
    """
    return f'<math displaystyle="true">{_element(expression, 0, labels)}</math>'


def _element(node: Expression, outer: int, labels: Mapping[str, str]) -> str:
    match node:
        case Number(value):
            element = _number(value)
            return _fenced(element) if value < 0 and outer else element
        case Name(name):
            return symbol(pieces(labels.get(name, name)))
        case Apply("pi"):
            return "<mi>π</mi>"
        case Apply("div", (above, below)):
            return f"<mfrac>{_row(above, 0, labels)}{_row(below, 0, labels)}</mfrac>"
        case Apply("over", (above, below)):
            return _operation("over", above, below, outer, labels)
        case Apply("pow", (base, exponent)):
            return f"<msup>{_row(base, 9, labels)}{_row(_in_line(exponent), 0, labels)}</msup>"
        case Apply("square", (base,)):
            return f"<msup>{_row(base, 9, labels)}<mn>2</mn></msup>"
        case Apply("sqrt", (inner,)):
            return f"<msqrt>{_element(inner, 0, labels)}</msqrt>"
        case Apply("exp", (inner,)):
            return f"<msup><mi>e</mi>{_row(_in_line(inner), 0, labels)}</msup>"
        case Apply("abs", (inner,)):
            bar = '<mo stretchy="true">|</mo>'
            return f"<mrow>{bar}{_element(inner, 0, labels)}{bar}</mrow>"
        case Apply("neg", (inner,)):
            element = f"<mo>\N{MINUS SIGN}</mo>{_element(inner, 4, labels)}"
            return _fenced(element) if outer > 3 else element
        case Apply("add" | "sub" | "mul" as function, (left, right)):
            return _operation(function, left, right, outer, labels)
    name = "log<sub>10</sub>" if node.function == "log10" else escape(node.function)
    head = "<msub><mi>log</mi><mn>10</mn></msub>" if "sub" in name else f"<mi>{name}</mi>"
    arguments = "<mo>,</mo>".join(_element(item, 0, labels) for item in node.arguments)
    return f"<mrow>{head}<mo>\u2061</mo>{_fenced(arguments)}</mrow>"


def _operation(
    function: str, left: Expression, right: Expression, outer: int, labels: Mapping[str, str]
) -> str:
    level = PRECEDENCE["div" if function == "over" else function]
    sign = SIGNS[function]
    opposite = _opposite(right) if function == "add" else None
    if opposite is not None:
        function, sign, right = "sub", "\N{MINUS SIGN}", opposite
    if function == "mul" and isinstance(right, Number):
        sign = "\N{MULTIPLICATION SIGN}"
    elif function == "mul" and _run_together(left, right, labels):
        sign = "\N{MIDDLE DOT}"
    around = 0 if level < outer else outer  # nothing binds through a fence
    is_leading = isinstance(left, Number) or _is(left, "mul", "neg") or function in ("add", "sub")
    first = _element(left, around if is_leading else level, labels)
    second = _element(right, level + (function != "add"), labels)
    element = f"{first}<mo>{sign}</mo>{second}"
    return _fenced(element) if level < outer else element


def _run_together(left: Expression, right: Expression, labels: Mapping[str, str]) -> bool:
    """Whether two factors side by side would read as one word: T0 and B, or T and log."""
    while isinstance(left, Apply) and left.function == "mul":
        left = left.arguments[1]
    while isinstance(right, Apply) and right.function in ("mul", "pow", "square"):
        right = right.arguments[0]
    if isinstance(right, Apply) and isinstance(left, Name):
        return right.function not in DRAWN
    return any(isinstance(node, Name) and _is_word(node.name, labels) for node in (left, right))


def _is_word(name: str, labels: Mapping[str, str]) -> bool:
    """Whether the label of a name begins with more than one letter in a row."""
    (text, style), *_ = pieces(labels.get(name, name)) or [("", "")]
    return style == "" and len(text.strip()) > 1


def _is(node: Expression, *functions: str) -> bool:
    return isinstance(node, Apply) and node.function in functions


def _in_line(node: Expression) -> Expression:
    """An exponent with its fractions in one line, a/b: stacked ones would be too small to read."""
    if not isinstance(node, Apply):
        return node
    function = "over" if node.function == "div" else node.function
    return Apply(function, tuple(map(_in_line, node.arguments)))


def _opposite(node: Expression) -> Expression | None:
    """The negative of a term that begins with a minus sign, else None."""
    match node:
        case Number(value) if value < 0:
            return Number(-value)
        case Apply("neg", (inner,)):
            return inner
        case Apply("mul" | "div" | "over" as function, (left, right)):
            opposite = _opposite(left)
            return None if opposite is None else Apply(function, (opposite, right))
    return None


def _row(node: Expression, outer: int, labels: Mapping[str, str]) -> str:
    return f"<mrow>{_element(node, outer, labels)}</mrow>"


def _fenced(element: str) -> str:
    return f"<mrow><mo>(</mo>{element}<mo>)</mo></mrow>"


def _number(value: float) -> str:
    text = f"{abs(value):.{SHOWN_DIGITS}g}" if isinstance(value, float) else str(abs(value))
    sign = "<mo>\N{MINUS SIGN}</mo>" if value < 0 else ""
    if "e" not in text:
        return f"{sign}<mn>{text}</mn>"
    digits, power = text.split("e")
    raised = f"<msup><mn>10</mn><mn>{int(power)}</mn></msup>".replace("-", "\N{MINUS SIGN}")
    return f"<mrow>{sign}<mn>{digits}</mn><mo>\N{MULTIPLICATION SIGN}</mo>{raised}</mrow>"


def symbol(label: list[Piece]) -> str:
    """MathML of a label's pieces; a lowered or raised piece belongs to what stands before it."""
    row: list[str] = []
    for text, style in label:
        safe = escape(text)
        if style in ("_", "^") and row:
            tag = "msub" if style == "_" else "msup"
            row[-1] = f"<{tag}>{row[-1]}<mi>{safe}</mi></{tag}>"
        else:
            variant = "" if style == "i" else ' mathvariant="normal"'
            row.append(f"<mi{variant}>{safe}</mi>" if text.strip() else "<mspace width='.3em'/>")
    return row[0] if len(row) == 1 else f"<mrow>{''.join(row)}</mrow>"
