"""A law over the whole box of an ensemble: the question, the search, the result as it is stored.

What is given (symmetries, the small quantity, known formulas) is tested on the data first and
stored with the outcome of its test. What fails is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kondoflow.discovery.engines.interface import Engine
from kondoflow.discovery.judgement.verdict import Evidence, judge_target
from kondoflow.discovery.laws.describing import described
from kondoflow.discovery.laws.extension import beyond, goes_on
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.plan import Plan, Search
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.question import Setting, set_question, target_of, training, usable
from kondoflow.discovery.laws.stages import find_law
from kondoflow.discovery.laws.translation import in_numbers
from kondoflow.discovery.references import Reference, read_references
from kondoflow.discovery.residuals import finite
from kondoflow.discovery.scale import scale_of
from kondoflow.discovery.search.planning import search_seed
from kondoflow.discovery.targets import (
    Samples,
    Target,
    definitions_of,
    reason_to_skip,
    shuffled,
    without_constants,
)
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Number


def compose_law(
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engines: Sequence[Mapping[str, Any]],
    engine: Engine,
    seed: int,
    processes: int,
) -> dict[str, Any]:
    """Search for the law of a system.

    Args:
        samples: The samples.
        system: What is known about them.
        equations: The `equations` section of the configuration.
        engines: What the engines found in the region for the targets.
        engine: The engine that searches.
        seed: Seed of all searches.
        processes: How many run at a time.

    Returns:
        The content of `law.json`, see `described`.
    """
    samples = without_constants(samples)
    target = target_of(samples, system, equations)
    definition = definitions_of(system)[target.name]
    frame = {"target": target.name, "definition": definition}
    if target.name in samples.joint:
        truth = system["law"]["truth"]
        # Of a logarithm errors are those of the scale.
        frame |= {
            "run": system["law"]["run"],
            "truth": scale_of(parse(truth, "law.truth")) or truth,
        }
    skipped = reason_to_skip(target, samples)
    if skipped:
        quantity = scale_of(parse(definition, "targets"))
        return {**frame, "law": None, "quantity": quantity, "reason": skipped}
    setting = set_question(samples, target, system, seed)
    references = read_references(system, samples)
    recovered = recovered_in_region(target, engines, references, samples, equations, system, seed)
    found = search_for(
        setting, target, samples, recovered, system, equations, engine, seed, processes
    )
    seeds = [search_seed(seed, "law-null", k) for k in range(equations["null_restarts"])]
    nulls = [
        _null(setting, target, samples, system, equations, engine, own, processes) for own in seeds
    ]
    result = described(found, setting, target, samples, references)
    return {**frame, **result, "recovered": [item.name for item in recovered], "null": nulls}


def recovered_in_region(
    target: Target,
    engines: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    samples: Samples,
    equations: Mapping[str, Any],
    system: Mapping[str, Any],
    seed: int,
) -> list[Reference]:
    """The known formulas that the equation of the region recovers."""
    definition = definitions_of(system)[target.name]
    evidence = Evidence(
        engines, references, samples, equations, seed, {target.name: definition}, symbols={}
    )
    verdict = judge_target(evidence, target)
    return [item for item in references if item.name in verdict.get("recovered", [])]


def search_for(
    setting: Setting,
    target: Target,
    samples: Samples,
    recovered: Sequence[Reference],
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engine: Engine,
    seed: int,
    processes: int,
) -> Search:
    """Search for the law."""
    posed, everywhere = setting.posed, usable(samples, target)
    parts = {
        "train": training(setting, target, samples),
        "validation": posed.part(everywhere & samples.parts["validation"]),
    }
    regional = {
        name: posed.part(everywhere & samples.region & mask) for name, mask in samples.parts.items()
    }
    own = tuple(Number(float(k)) for k in setting.factors)
    known = [(item.name, in_numbers(item.expression, posed)) for item in recovered]
    written = [(name, Law(formula, own)) for name, formula in known if formula is not None]
    for moved in extensions(setting, target, samples, written, system, seed).values():
        parts["train"] = parts["train"].joined(moved)
    plan = Plan.from_config(equations)
    return find_law(parts, regional, written, setting.factors, engine, plan, seed, processes)


def extensions(
    setting: Setting,
    target: Target,
    samples: Samples,
    written: Sequence[tuple[str, Law]],
    system: Mapping[str, Any],
    seed: int,
) -> dict[str, Posed]:
    """The question beyond the samples, by the name of the formula that goes on there."""
    train = usable(samples, target) & samples.parts["train"]
    regional, found = setting.posed.part(train & samples.region), {}
    for name, law in written:
        if goes_on(regional, law.reduced, setting.factors):
            moved = beyond(
                setting.posed, law.reduced, setting.factors, samples, train, system, seed
            )
            if moved is not None:
                found[name] = moved
    return found


def _null(
    setting: Setting,
    target: Target,
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engine: Engine,
    seed: int,
    processes: int,
) -> dict[str, Any]:
    """The same search on permuted values."""
    permuted = shuffled(target, samples, seed)
    posed = replace(setting.posed, target=permuted.values)
    own = replace(setting, posed=posed, limits=(), at_limits={})
    found = search_for(own, permuted, samples, [], system, equations, engine, seed, processes)
    return {"region": finite(found.region), "law": found.chosen is not None}
