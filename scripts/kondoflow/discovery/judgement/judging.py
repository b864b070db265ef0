"""What is stored of one equation: where it holds, its constants, and every reference beside it.

Constants are shown with the digits that their uncertainty allows (`formulas.rounding`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kondoflow.discovery.errors import error_map, errors_by_part
from kondoflow.discovery.findings import describe_map, nearest_first
from kondoflow.discovery.judgement.claims import MEANINGFUL, in_variables, weigh
from kondoflow.discovery.judgement.coefficients import constants_of_equation
from kondoflow.discovery.judgement.comparing import compare, rivals_of
from kondoflow.discovery.judgement.ground import Ground
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import held_out_r2
from kondoflow.discovery.scale import solved_for_scale
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text, typeset
from kondoflow.formulas.rounding import text_of, with_rounded
from kondoflow.formulas.trees import Expression, constants_of


def judge(
    equation: Mapping[str, Any],
    references: Sequence[Reference],
    ground: Ground,
    symbols: Mapping[str, str],
    scale: str | None = None,
) -> dict[str, Any]:
    """Compare the equation for one target with every reference.

    Args:
        equation: The front's entry of the equation.
        references: The references.
        ground: References and target, compared.
        symbols: LaTeX of names.
        scale: The quantity whose logarithm the target is, if it is one.

    Returns:
        `shown`, the equation with its constants rounded by their uncertainty, and its `latex`;
        `shown_inputs`, the same in the inputs of the search; `solved_for_scale`; `found`, whether
        it explains enough to be called found, and the threshold `found_above`; `isotonic_r2`; its
        fitted `constants`; the `map` from equation to target; `errors` by part and the `error_map`
        over the box; `references` by name (see `compare`), the `nearest` reference, those
        `recovered`, and the `rivals`.
    """
    target, samples = ground.target, ground.samples
    expression = parse(equation["equation_inputs"], "equation_inputs", "equations")
    constants, spreads = constants_of_equation(expression, target, samples, ground.seed)
    uncertainties: list[float | None] = list(spreads) if spreads else [None] * len(constants)
    values = samples.values_of(equation["equation_inputs"])
    scores = [equation["score_validation"], equation.get("score_test")]
    weighed = weigh(in_variables(expression, samples), scores, ground)
    compared = {
        reference.name: compare(reference, equation, weighed[reference.name], ground, symbols)
        for reference in references
    }
    nearest = nearest_first(compared)
    shown = _shown(equation["equation"], constants, uncertainties)
    return {
        "shown": to_text(shown),
        "shown_inputs": to_text(with_rounded(expression, uncertainties)),
        "latex": typeset(shown, symbols),
        "solved_for_scale": _solved(shown, scale, symbols),
        "found": all(score is not None and score >= MEANINGFUL for score in scores),
        "found_above": MEANINGFUL,
        "isotonic_r2": held_out_r2(values, target, samples),
        "constants": [
            {"value": value, "uncertainty": spread, "text": text_of(value, spread)}
            for value, spread in zip(constants, uncertainties, strict=True)
        ],
        "map": describe_map(values, target, samples),
        "errors": errors_by_part(
            values, target, samples, logarithmic=scale is not None, seed=ground.seed
        ),
        "error_map": error_map(values, target, samples),
        "references": compared,
        "nearest": nearest[0] if nearest else None,
        "recovered": [name for name in nearest if compared[name]["recovered"]],
        "rivals": rivals_of(weighed),
        "rule": asdict(ground.rule),
    }


def _shown(
    equation: str, constants: Sequence[float], uncertainties: Sequence[float | None]
) -> Expression:
    """The equation in the bare parameters, its constants rounded by their uncertainties.

    Rewriting may have changed the constants; where their number or values differ from the fitted
    ones they keep four digits.
    """
    expression = parse(equation, "equation", "equations")
    written = constants_of(expression)
    by_value = {
        f"{abs(value):.5g}": spread for value, spread in zip(constants, uncertainties, strict=True)
    }
    return with_rounded(expression, [by_value.get(f"{abs(value):.5g}") for value in written])


def _solved(
    shown: Expression, scale: str | None, symbols: Mapping[str, str]
) -> dict[str, str] | None:
    """`scale`, `text` and `latex` of the equation solved for the scale; None without one."""
    if scale is None:
        return None
    solved = solved_for_scale(shown)
    left = parse(scale, "targets")
    return {
        "scale": scale,
        "text": f"{scale} = {to_text(solved)}",
        "latex": f"{typeset(left, symbols)} = {typeset(solved, symbols)}",
    }
