"""The verdict on one target: the chosen equation, held against every reference of the system.

Of the equations that the engines selected, the one with the lowest validation error for its length
is chosen (`discovery.selection`). `discovery.claims` decides which references it recovers, and says
what stands against the others. Everything that later stages state of an equation is decided and
stored here: where it holds (`discovery.errors`), its place on the front (`discovery.front`), its
constants with the digits that their uncertainty allows (`formulas.rounding`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from kondoflow.discovery.claims import MEANINGFUL, Weighed, count_recovered, in_variables, weigh
from kondoflow.discovery.coefficients import (
    coefficients_in_target,
    constants_of_equation,
    terms_of,
)
from kondoflow.discovery.errors import error_map, errors_by_part
from kondoflow.discovery.findings import describe_map, is_telling, nearest_first
from kondoflow.discovery.forms import same_form
from kondoflow.discovery.front import front_table, jump
from kondoflow.discovery.ground import Ground, prepare
from kondoflow.discovery.limits import Rule
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import held_out_r2, left_of_target, residuals
from kondoflow.discovery.scale import scale_of, solved_for_scale
from kondoflow.discovery.selection import price
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text, typeset
from kondoflow.formulas.rounding import text_of, with_rounded
from kondoflow.formulas.trees import Expression, constants_of


def judge_target(
    target: Target,
    engines: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    samples: Samples,
    equations: Mapping[str, Any],
    symbols: Mapping[str, str],
    seed: int,
    definition: str | None = None,
) -> dict[str, Any]:
    """Entry of the verdict for one target.

    Args:
        target: The target.
        engines: What each engine found for all targets, see `discovery.regression`.
        references: The references of the system.
        samples: The samples.
        equations: The `equations` section of the configuration.
        symbols: LaTeX of names.
        seed: Seed of the bootstrap.
        definition: The target as an expression of the data's variables; None for a latent.

    Returns:
        `target`, `objective`, `skipped` (why no equation was sought, or None). With an equation:
        its `engine` and its entry on the front, what `judge` returns, the `front` as a table and
        the `jump` that made the choice, and for the `searches` and the `null` searches their
        number `n` and how many of them recover each reference. Without: `equation` None and no
        references.
    """
    entries = [
        entry for engine in engines for entry in engine["targets"] if entry["target"] == target.name
    ]
    frame = {
        "target": target.name,
        "objective": str(target.objective),
        "skipped": next((entry["skipped"] for entry in entries if entry["skipped"]), None),
    }
    best = best_equation(entries, equations["parsimony"])
    if best is None:
        return {**frame, "equation": None, "references": {}}
    entry, equation = best
    scale = scale_of(parse(definition, "targets")) if definition else None
    ground = prepare(
        {reference.name: reference.expression for reference in references},
        target,
        samples,
        seed,
        rule=Rule.from_config(equations),
        logarithmic=scale is not None,
        uncertainties=_uncertainties(references, target, samples, seed),
        lowest=_lowest(entries, target, samples),
    )
    verdict = judge(equation, references, ground, symbols, scale)
    searches = [found for item in entries for found in item["restarts"]]
    nulls = [found for item in entries if item["null"] for found in item["null"]["restarts"]]
    scores = [found["alone"]["score_validation"] for found in nulls if found["alone"]]

    def rate(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        alone = [search["alone"] for search in found if search["alone"]]
        return {"n": len(found), "recovered": count_recovered(alone, ground)}

    return {
        **frame,
        "engine": entry["engine"],
        **equation,
        **verdict,
        "front": front_table(
            entries, equation, references, target, samples, logarithmic=ground.logarithmic
        ),
        "jump": jump(entry["front"], entry["selected"], equations["parsimony"]),
        "searches": rate(searches),
        "null": {**rate(nulls), "score_validation": max(scores, default=None)},
    }


def _uncertainties(
    references: Sequence[Reference], target: Target, samples: Samples, seed: int
) -> dict[str, Sequence[float] | None]:
    return {
        reference.name: coefficients_in_target(
            terms_of(reference.expression), target, samples, seed
        )[1]
        for reference in references
    }


def _lowest(entries: Sequence[Mapping[str, Any]], target: Target, samples: Samples) -> float | None:
    """Smallest share of the target's variance that an equation of any front leaves."""
    left = [
        left_of_target(samples.values_of(item["equation_inputs"]), target, samples)
        for entry in entries
        for item in entry["front"]
    ]
    return min((value for value in left if value is not None), default=None)


def best_equation(
    entries: Sequence[Mapping[str, Any]], parsimony: float
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """An engine's entry for one target, and the best selected equation over all engines."""
    chosen = [
        (entry, entry["front"][entry["selected"]])
        for entry in entries
        if entry["selected"] is not None
    ]
    if not chosen:
        return None
    return min(
        chosen,
        key=lambda pair: price(1.0 - pair[1]["score_validation"], pair[1]["complexity"], parsimony),
    )


def judge(
    equation: Mapping[str, Any],
    references: Sequence[Reference],
    ground: Ground,
    symbols: Mapping[str, str],
    scale: str | None = None,
) -> dict[str, Any]:
    """Hold the equation for one target against every reference.

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
        "errors": errors_by_part(values, target, samples, logarithmic=scale is not None),
        "error_map": error_map(values, target, samples),
        "references": compared,
        "nearest": nearest[0] if nearest else None,
        "recovered": [name for name in nearest if compared[name]["recovered"]],
        "rivals": _rivals(weighed),
        "rule": asdict(ground.rule),
    }


def compare(
    reference: Reference,
    equation: Mapping[str, Any],
    weighed: Weighed,
    ground: Ground,
    symbols: Mapping[str, str],
) -> dict[str, Any]:
    """Hold one equation against one reference.

    Returns:
        `expression` and `latex` of the reference; `isotonic_r2` of the reference against the
        target on test samples of the region; `unexplained`, the share of the target's variance
        that the reference leaves on held-out samples, and whether this is `telling`; `residual`:
        `inside` and `outside` with the map that decides (`map`), and both for either map; `n`, the
        number of those samples; `constants`: for each term its coefficient in target and equation,
        and whether the term is `telling`; the `law` (`discovery.law`) with `form_equal`
        (`discovery.forms`), the `rival`, the references that are the `same_as` this one;
        `recovered`, what stands against it (`obstacles`), and thresholds.
    """
    target, samples = ground.target, ground.samples
    values = samples.values_of(equation["equation_inputs"])
    both = np.isfinite(values) & np.isfinite(reference.values)
    inside, outside = both & samples.region, both & ~samples.region
    left_over = residuals(values, reference.values, inside, outside)
    deciding = "monotone" if target.objective is Objective.ISOTONIC else "affine"
    terms = terms_of(reference.expression)
    in_target, uncertainty = coefficients_in_target(terms, target, samples, ground.seed)
    left = ground.unexplained[reference.name]
    form = parse(equation["equation"], "equation", "equations")
    return {
        "expression": to_text(reference.expression),
        "latex": typeset(reference.expression, symbols),
        "isotonic_r2": held_out_r2(reference.values, target, samples),
        "unexplained": left,
        "telling": is_telling(left, recovered=weighed.recovered),
        "residual": {"map": deciding, **left_over[deciding], **left_over},
        "n": {"inside": int(inside.sum()), "outside": int(outside.sum())},
        "constants": [
            {
                "term": to_text(term),
                "latex": typeset(term, symbols),
                "in_target": in_target[index] if in_target else None,
                "uncertainty": (uncertainty[index] or None) if uncertainty else None,
                "in_equation": weighed.terms[index] if weighed.terms else None,
                "telling": weighed.telling[index],
            }
            for index, term in enumerate(terms)
        ],
        "law": {
            **_plain(asdict(weighed.law)),
            "form_equal": same_form(form, reference.expression, *_signs(samples)),
        },
        "rival": _plain(asdict(weighed.rival)) if weighed.rival else None,
        "same_as": list(weighed.same_as),
        "recovered": weighed.recovered,
        "obstacles": list(weighed.obstacles),
        "recovered_below": ground.rule.residual,
        "constants_within": ground.rule.slope,
    }


def _signs(samples: Samples) -> tuple[list[str], list[str]]:
    """Names of the variables that are positive, and of those that are negative, everywhere."""
    inside = {name: values[samples.region] for name, values in samples.variables.items()}
    return (
        [name for name, values in inside.items() if (values > 0).all()],
        [name for name, values in inside.items() if (values < 0).all()],
    )


def _rivals(weighed: Mapping[str, Weighed]) -> dict[str, Any]:
    """The `best` reference, those `inseparable` from it, and the factors of those `excluded`."""
    known = {name: item.rival for name, item in weighed.items() if item.rival is not None}
    order = sorted(known, key=lambda name: known[name].factor)
    near = [name for name in order if not known[name].excluded]
    return {
        "best": order[0] if order else None,
        "inseparable": near[1:] if near and near[0] == order[0] else near,
        "excluded": {
            name: {"factor": _number(known[name].factor), "interval": _plain(known[name].interval)}
            for name in order
            if known[name].excluded
        },
    }


def _plain(value: Any) -> Any:
    """The same with None for numbers that are not finite, which JSON does not know."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            return _number(value)
    return value


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


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
