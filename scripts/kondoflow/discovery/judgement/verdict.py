"""The verdict on one target: the chosen equation, compared with every reference of the system.

Of the equations that the engines selected, the one with the lowest validation error for its length
is chosen (`discovery.selection`). `discovery.judgement.claims` decides which references it
recovers, and says what stands against the others. Everything that later stages state of an equation
is decided and stored: what is true of it alone (`discovery.judgement.judging`), how it compares
with each reference (`discovery.judgement.comparing`), and its place on the front
(`discovery.judgement.front`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kondoflow.discovery.finite import finite_numbers
from kondoflow.discovery.judgement.claims import count_recovered
from kondoflow.discovery.judgement.coefficients import coefficients_in_target, terms_of
from kondoflow.discovery.judgement.front import front_table, jump
from kondoflow.discovery.judgement.ground import Ground, prepare
from kondoflow.discovery.judgement.judging import judge
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.judgement.ungiven import ungiven
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import left_of_target
from kondoflow.discovery.scale import scale_of
from kondoflow.discovery.selection import price
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.grammar import parse


@dataclass(frozen=True)
class Evidence:
    """What every target is judged by.

    Attributes:
        engines: What each engine found for all targets, see `discovery.search.regression`.
        references: The references of the system.
        samples: The samples.
        equations: The `equations` section of the configuration.
        seed: Seed of the bootstrap.
        definitions: Targets as expressions of the data's variables, by name; latents have none.
        symbols: LaTeX of names.
    """

    engines: Sequence[Mapping[str, Any]]
    references: Sequence[Reference]
    samples: Samples
    equations: Mapping[str, Any]
    seed: int
    definitions: Mapping[str, str]
    symbols: Mapping[str, str]


def judge_target(evidence: Evidence, target: Target) -> dict[str, Any]:
    """Entry of the verdict for one target.

    Returns:
        `target`, `objective`, `skipped` (why no equation was sought, or None). With an equation:
        its `engine` and its entry on the front, what `judge` returns, the `front` as a table and
        the `jump` that made the choice, and for the `searches` and the `null` searches their
        number `n` and how many of them recover each reference. Of each reference the operations
        that the searches lacked are `ungiven`. Without: `equation` None and no references.
    """
    references, parsimony = evidence.references, evidence.equations["parsimony"]
    entries = [
        entry
        for engine in evidence.engines
        for entry in engine["targets"]
        if entry["target"] == target.name
    ]
    frame = {
        "target": target.name,
        "objective": str(target.objective),
        "skipped": next((entry["skipped"] for entry in entries if entry["skipped"]), None),
    }
    best = best_equation(entries, parsimony)
    if best is None:
        return {**frame, "equation": None, "references": {}}
    entry, equation = best
    definition = evidence.definitions.get(target.name)
    scale = scale_of(parse(definition, "targets")) if definition else None
    ground = _ground(evidence, entries, target, logarithmic=scale is not None)
    front = front_table(
        entries, equation, references, target, evidence.samples, logarithmic=ground.logarithmic
    )
    found = {
        **frame,
        "engine": entry["engine"],
        **equation,
        **judge(equation, references, ground, evidence.symbols, scale),
        "front": front,
        "jump": jump(entry["front"], entry["selected"], parsimony),
        **_rates(entries, ground),
    }
    for reference in references:
        found["references"][reference.name]["ungiven"] = ungiven(
            reference.expression,
            target.objective,
            evidence.equations["symbols"],
            list(evidence.samples.definitions.values()),
        )
    # A formula may be infinite where its terms are compared, such as one with 1e308.
    kept: dict[str, Any] = finite_numbers(found)
    return kept


def _ground(
    evidence: Evidence,
    entries: Sequence[Mapping[str, Any]],
    target: Target,
    *,
    logarithmic: bool,
) -> Ground:
    """References and target, with which every equation is compared."""
    samples, seed = evidence.samples, evidence.seed
    formulas = {reference.name: reference.expression for reference in evidence.references}
    return prepare(
        formulas,
        target,
        samples,
        seed,
        rule=Rule.from_config(evidence.equations),
        logarithmic=logarithmic,
        coefficients={
            name: coefficients_in_target(terms_of(formula), target, samples, seed)
            for name, formula in formulas.items()
        },
        lowest=_lowest(entries, target, samples),
    )


def _rates(entries: Sequence[Mapping[str, Any]], ground: Ground) -> dict[str, Any]:
    """How often each reference is recovered, by the searches and by those on permuted values."""
    searches = [found for item in entries for found in item["restarts"]]
    nulls = [found for item in entries if item["null"] for found in item["null"]["restarts"]]
    scores = [found["alone"]["score_validation"] for found in nulls if found["alone"]]

    def rate(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        alone = [search["alone"] for search in found if search["alone"]]
        return {"n": len(found), "recovered": count_recovered(alone, ground)}

    return {
        "searches": rate(searches),
        "null": {**rate(nulls), "score_validation": max(scores, default=None)},
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
