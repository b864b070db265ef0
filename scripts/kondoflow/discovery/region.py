"""The region in which equations are fitted, taken apart for those who put it into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.operations import OPERATIONS, Kind
from kondoflow.formulas.printing import to_text, typeset
from kondoflow.formulas.trees import Apply, Expression


def describe_region(text: str | None, symbols: Mapping[str, str]) -> dict[str, Any]:
    """Take the condition that defines a region apart.

    Args:
        text: The condition, None if all samples are fitted.
        symbols: LaTeX of names.

    Returns:
        The `expression` as it was given, and the `conditions` that hold together: the name of
        the `relation` (a comparison of `formulas.operations`), what stands `left` and `right` of
        it, and the LaTeX of both. There are none where the region is no such list.
    """
    if text is None:
        return {"expression": None, "conditions": []}
    parts = _parts(parse(text, "region", condition=True))
    if any(not _is_comparison(part) for part in parts):
        return {"expression": text, "conditions": []}
    return {"expression": text, "conditions": [_described(part, symbols) for part in parts]}


def _parts(condition: Expression) -> list[Expression]:
    match condition:
        case Apply("and", parts):
            return [inner for part in parts for inner in _parts(part)]
    return [condition]


def _is_comparison(condition: Expression) -> bool:
    match condition:
        case Apply(name, (left, right)) if OPERATIONS[name].kind is Kind.COMPARISON:
            return not any(_is_condition(side) for side in (left, right))
    return False


def _is_condition(node: Expression) -> bool:
    match node:
        case Apply(name, arguments):
            kind = OPERATIONS[name].kind
            own = kind in (Kind.COMPARISON, Kind.CONNECTIVE)
            return own or any(_is_condition(item) for item in arguments)
    return False


def _described(condition: Expression, symbols: Mapping[str, str]) -> dict[str, str]:
    assert isinstance(condition, Apply)
    left, right = condition.arguments
    return {
        "relation": condition.function,
        "left": to_text(left),
        "left_latex": typeset(left, symbols),
        "right": to_text(right),
        "right_latex": typeset(right, symbols),
    }
