"""The whole front as a table: every equation and every reference with its errors.

The rows are the equations of the front of all engines, and the references that have a value on the
data, in the order of falling error on the validation samples, so that each reference stands where
its error puts it. One equation is chosen (`discovery.selection`); the jump says why: how much each
operation gained over the equation before it on the front, and would have gained after it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.discovery.errors import errors_by_part
from kondoflow.discovery.references import Reference
from kondoflow.discovery.selection import SMALLEST, price
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rounding import with_rounded
from kondoflow.formulas.trees import names_in


def front_table(
    entries: Sequence[Mapping[str, Any]],
    chosen: Mapping[str, Any],
    references: Sequence[Reference],
    target: Target,
    samples: Samples,
    *,
    logarithmic: bool,
) -> list[dict[str, Any]]:
    """Rows of the table.

    Args:
        entries: What each engine found for the target.
        chosen: The chosen equation, an item of one of their fronts.
        references: The references of the system.
        target: The target.
        samples: The samples.
        logarithmic: Whether the target is a logarithm.

    Returns:
        For each row `kind` ("equation" or "reference"), `name` of a reference, `engine` and
        `complexity` of an equation, the `equation`, the same as `shown` with constants of few
        digits, whether it is `chosen`, and its `errors` by part (`discovery.errors`).
    """
    rows: list[dict[str, Any]] = [
        {
            "kind": "equation",
            "name": None,
            "engine": entry["engine"],
            "complexity": item["complexity"],
            "equation": item["equation"],
            "shown": _rounded(item["equation"]),
            "chosen": item is chosen,
            "errors": errors_by_part(
                samples.values_of(item["equation_inputs"]),
                target,
                samples,
                logarithmic=logarithmic,
            ),
        }
        for entry in entries
        for item in entry["front"]
    ]
    rows += [
        {
            "kind": "reference",
            "name": reference.name,
            "engine": None,
            "complexity": None,
            "equation": to_text(reference.expression),
            "shown": to_text(reference.expression),
            "chosen": False,
            "errors": errors_by_part(reference.values, target, samples, logarithmic=logarithmic),
        }
        for reference in references
        if names_in(reference.expression)
    ]
    return sorted(rows, key=_error, reverse=True)


def _rounded(equation: str) -> str:
    """An equation whose uncertainties are not known, with constants of few digits."""
    return to_text(with_rounded(parse(equation, "equation", "equations"), None))


def _error(row: Mapping[str, Any]) -> float:
    r2 = row["errors"]["validation"]["r2"]
    return math.inf if r2 is None else 1.0 - r2


def jump(front: Sequence[Mapping[str, Any]], selected: int, parsimony: float) -> dict[str, Any]:
    """Why an equation of a front was chosen.

    Args:
        front: The front, by complexity.
        selected: Index of the chosen equation.
        parsimony: Logarithm of the error that each operation must gain.

    Returns:
        `before` and `after`: the neighbours with the lowest price on either side, each with its
        `complexity`, its validation `error` (1 - R^2) and the `gain`, the factor by which the
        error falls from the shorter to the longer of the two; None where there is no neighbour.
        `asked` is the factor that the rule asks for so many operations.
    """
    chosen = front[selected]

    def error(item: Mapping[str, Any]) -> float:
        return max(1.0 - item["score_validation"], SMALLEST)

    def beside(items: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
        if not items:
            return None
        item = min(items, key=lambda item: price(error(item), item["complexity"], parsimony))
        ratio = error(item) / error(chosen)
        longer = item["complexity"] > chosen["complexity"]
        return {
            "complexity": item["complexity"],
            "error": 1.0 - item["score_validation"],
            "gain": 1.0 / ratio if longer else ratio,
            "asked": math.exp(parsimony * abs(item["complexity"] - chosen["complexity"])),
        }

    return {
        "complexity": chosen["complexity"],
        "error": 1.0 - chosen["score_validation"],
        "before": beside(front[:selected]),
        "after": beside(front[selected + 1 :]),
    }
