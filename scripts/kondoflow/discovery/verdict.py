"""The verdict on one target: the chosen equation, held against every reference of the system.

Of the equations that the engines selected, the one with the lowest held-out error for its length is
chosen (`discovery.selection`). It is compared with each reference (`discovery.residuals`,
`discovery.coefficients`); `discovery.evidence` decides which references it recovers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.discovery.coefficients import (
    coefficients_in_target,
    constants_of_equation,
    terms_of,
)
from kondoflow.discovery.evidence import Thresholds, count_recovered, gather, is_recovered
from kondoflow.discovery.findings import describe_map, is_telling, nearest_first
from kondoflow.discovery.fitting import with_rounded_constants
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import held_out_r2, left_of_target
from kondoflow.discovery.selection import price
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text, typeset

SHOWN_DIGITS = 4  # of constants in typeset equations


def judge_target(
    target: Target,
    engines: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    samples: Samples,
    equations: Mapping[str, Any],
    symbols: Mapping[str, str],
    seed: int,
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

    Returns:
        `target`, `objective`, `skipped` (why no equation was sought, or None). With an equation:
        its `engine` and its entry on the front, what `judge` returns, and for the `searches` and
        the `null` searches their number `n` and how many of them recover each reference. Without:
        `equation` None and no references.
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
    engine, equation = best
    thresholds = Thresholds(equations["recovered_below"], equations["constants_within"])
    verdict = judge(target, equation, references, samples, thresholds, symbols, seed)
    searches = [found for entry in entries for found in entry["restarts"]]
    nulls = [found for entry in entries if entry["null"] for found in entry["null"]["restarts"]]
    scores = [found["alone"]["score_validation"] for found in nulls if found["alone"]]

    def rate(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        alone = [search["alone"] for search in found if search["alone"]]
        recovered = count_recovered(alone, references, target, samples, thresholds)
        return {"n": len(found), "recovered": recovered}

    return {
        **frame,
        "engine": engine,
        **equation,
        **verdict,
        "searches": rate(searches),
        "null": {**rate(nulls), "score_validation": max(scores, default=None)},
    }


def best_equation(
    entries: Sequence[Mapping[str, Any]], parsimony: float
) -> tuple[str, Mapping[str, Any]] | None:
    """Engine and front entry of the best selected equation for one target over all engines."""
    chosen = [
        (entry["engine"], entry["front"][entry["selected"]])
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
    target: Target,
    equation: Mapping[str, Any],
    references: Sequence[Reference],
    samples: Samples,
    thresholds: Thresholds,
    symbols: Mapping[str, str],
    seed: int,
) -> dict[str, Any]:
    """Hold the equation for one target against every reference.

    Args:
        target: The target.
        equation: The front's entry of the equation.
        references: The references.
        samples: The samples.
        thresholds: What counts as recovered.
        symbols: LaTeX of names.
        seed: Seed of the bootstrap.

    Returns:
        `latex`, `isotonic_r2` of the equation, its fitted `constants` with uncertainties, the
        `map` from equation to target, `references` by name (see `compare`), the `nearest`
        reference and those `recovered`.
    """
    expression = parse(equation["equation_inputs"], "equation_inputs", "equations")
    constants, uncertainties = constants_of_equation(expression, target, samples, seed)
    values = samples.values_of(equation["equation_inputs"])
    compared = {
        reference.name: compare(reference, equation, target, samples, thresholds, symbols, seed)
        for reference in references
    }
    nearest = nearest_first(compared)
    return {
        "latex": _latex(equation["equation"], symbols),
        "isotonic_r2": held_out_r2(values, target, samples),
        "constants": [
            {"value": value, "uncertainty": uncertainties[index] if uncertainties else None}
            for index, value in enumerate(constants)
        ],
        "map": describe_map(values, target, samples),
        "references": compared,
        "nearest": nearest[0] if nearest else None,
        "recovered": [name for name in nearest if compared[name]["recovered"]],
    }


def compare(
    reference: Reference,
    equation: Mapping[str, Any],
    target: Target,
    samples: Samples,
    thresholds: Thresholds,
    symbols: Mapping[str, str],
    seed: int,
) -> dict[str, Any]:
    """Hold one equation against one reference.

    Returns:
        `expression` and `latex` of the reference; `isotonic_r2` of the reference against the
        target on test samples of the region; `unexplained`, the share of the target's variance
        that the reference leaves on held-out samples, and whether this is `telling`; `residual`:
        `inside` and `outside` with the map that decides (`map`), and both for either map; `n`, the
        number of those samples; `constants`: for each term its coefficient in target and equation,
        and whether the term is `telling`; `recovered` and the thresholds.
    """
    values = samples.values_of(equation["equation_inputs"])
    evidence = gather(reference, values, target, samples, thresholds)
    terms = terms_of(reference.expression)
    in_target, uncertainty = coefficients_in_target(terms, target, samples, seed)
    recovered = is_recovered(equation["score_validation"], evidence, thresholds)
    left = left_of_target(reference.values, target, samples)
    return {
        "expression": to_text(reference.expression),
        "latex": typeset(reference.expression, symbols),
        "isotonic_r2": held_out_r2(reference.values, target, samples),
        "unexplained": left,
        "telling": is_telling(left, recovered=recovered),
        "residual": {"map": evidence.deciding, **evidence.left[evidence.deciding], **evidence.left},
        "n": evidence.n,
        "constants": [
            {
                "term": to_text(term),
                "latex": typeset(term, symbols),
                "in_target": in_target[index] if in_target else None,
                "uncertainty": uncertainty[index] if uncertainty else None,
                "in_equation": evidence.coefficients[index] if evidence.coefficients else None,
                "telling": evidence.telling[index],
            }
            for index, term in enumerate(terms)
        ],
        "recovered": recovered,
        "recovered_below": thresholds.residual,
        "constants_within": thresholds.constants,
    }


def _latex(equation: str, symbols: Mapping[str, str]) -> str:
    expression = parse(equation, "equation", "equations")
    return typeset(with_rounded_constants(expression, SHOWN_DIGITS), symbols)
