"""Symbolic regression as an ensemble of searches: many short ones find what one long one misses.

Every target gets the same number of independent searches with seeds of their own
(`discovery.search.planning`). The equations of all searches are pooled, and one is selected by its
held-out error and its length (`discovery.selection`).

The null searches measure what the same procedure finds where there is nothing to be found: they
see the same samples with the values of the target permuted.

Searches run in processes, and the outcome is the same for any number of them. The searches for a
target share its time budget in equal parts; a search that its limit ends early is logged, because
a repetition may differ.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kondoflow.discovery.engines.interface import Engine, EngineUnavailableError
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.execution import Executed, execute
from kondoflow.discovery.search.fitting import with_rounded_constants
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.searches import Task
from kondoflow.discovery.selection import Candidate, pareto_front, select
from kondoflow.discovery.targets import Samples, Target, reason_to_skip, without_constants
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rewriting import in_bare_parameters
from kondoflow.formulas.symbolic import NotRealError
from kondoflow.formulas.trees import Expression, substitute

logger = logging.getLogger("kondoflow")


def regress(
    engine: Engine,
    targets: Sequence[Target],
    samples: Samples,
    equations: Mapping[str, Any],
    seed: int,
    processes: int,
) -> dict[str, Any]:
    """Look for an equation for every target.

    Args:
        engine: The engine.
        targets: What to explain.
        samples: By what.
        equations: The `equations` section of the configuration.
        seed: Seed of all searches.
        processes: How many run at a time.

    Returns:
        The content of `{engine}.json`: `engine`, `available` (whether any search came to its
        end), `reason` (why not, or why some did not), `targets` (see `describe`).
    """
    samples = without_constants(samples)
    reasons = {target.name: reason_to_skip(target, samples) for target in targets}
    sought = [target for target in targets if reasons[target.name] is None]
    plans = {target.name: plan(target, samples, equations, seed) for target in sought}
    nulls = {target.name: plan(target, samples, equations, seed, null=True) for target in sought}
    tasks = [task for each in (plans, nulls) for planned in each.values() for task in planned]
    try:
        executed = execute(engine, tasks, processes)
    except EngineUnavailableError as error:
        logger.warning("%s can't run here: %s", engine.name, error, exc_info=error)
        return {"engine": engine.name, "available": False, "reason": str(error), "targets": []}
    described = []
    for target in targets:
        frame = {
            "target": target.name,
            "engine": engine.name,
            "objective": str(target.objective),
            "inputs": {name: to_text(item) for name, item in samples.definitions.items()},
            "skipped": reasons[target.name],
            "settings": {**equations, "seed": seed},
            "versions": executed.versions,
        }
        tasks, null_tasks = plans.get(target.name, []), nulls.get(target.name, [])
        null = describe(null_tasks, executed, samples.definitions) if null_tasks else None
        result = describe(tasks, executed, samples.definitions)
        described.append({**frame, **result, "null": null})
        _log(described[-1])
    reason = executed.summary()
    return {"engine": engine.name, "available": True, "reason": reason, "targets": described}


def describe(
    tasks: Sequence[Task], executed: Executed, definitions: Mapping[str, Expression]
) -> dict[str, Any]:
    """What the searches for one target found.

    Returns:
        `restarts` (of each search the seed, the best validation R^2, the equation that it would
        have selected alone, seconds, timed_out, and why it failed), `n` (samples of each part),
        `front` (equations by complexity), `selected` (index into front, or None), `seconds` (sum
        over the searches).
    """
    if not tasks:
        return {"n": {}, "restarts": [], "front": [], "selected": None, "seconds": 0.0}
    outcomes = [executed.outcome(task) for task in tasks]
    pooled = [candidate for outcome in outcomes for candidate in outcome.candidates]
    front = pareto_front(pooled)
    parsimony = tasks[0].parsimony
    restarts = [
        {
            "seed": task.problem.seed,
            "score": _r2(min((item.validation for item in outcome.candidates), default=np.inf)),
            "alone": _alone(outcome.candidates, parsimony),
            "seconds": round(outcome.seconds, 2),
            "timed_out": outcome.timed_out,
            "failed": executed.failed.get(task.problem.label),
        }
        for task, outcome in zip(tasks, outcomes, strict=True)
    ]
    objective = tasks[0].problem.objective
    return {
        "n": {name: int(part.y.size) for name, part in tasks[0].parts.items()},
        "restarts": restarts,
        "front": [_entry(candidate, definitions, objective) for candidate in front],
        "selected": select(front, parsimony) if front else None,
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 2),
    }


def _alone(candidates: Sequence[Candidate], parsimony: float) -> dict[str, Any] | None:
    """What a search would have selected from its own equations."""
    front = pareto_front(candidates)
    if not front:
        return None
    chosen = front[select(front, parsimony)]
    return {"equation_inputs": chosen.text, "score_validation": _r2(chosen.validation)}


def _entry(
    candidate: Candidate, definitions: Mapping[str, Expression], objective: Objective
) -> dict[str, Any]:
    free = objective is not Objective.SQUARED_ERROR
    try:
        bare = in_bare_parameters(candidate.expression, definitions, up_to_scale=free)
        equation = with_rounded_constants(bare)
    except NotRealError:  # sympy sees 0/0 where the samples do not
        equation = substitute(candidate.expression, definitions)
    return {
        "equation": to_text(equation),
        "equation_inputs": candidate.text,
        "complexity": candidate.complexity,
        "score_train": _r2(candidate.train),
        "score_validation": _r2(candidate.validation),
        "score_test": _r2(candidate.test),
    }


def _r2(loss_value: float) -> float | None:
    return 1.0 - loss_value if np.isfinite(loss_value) else None


def _log(target: Mapping[str, Any]) -> None:
    if target["skipped"]:
        logger.info("%s: skipped, %s", target["target"], target["skipped"])
    elif target["selected"] is not None:
        chosen = target["front"][target["selected"]]
        form = "%s: %s, complexity %d, validation R^2 %.6f"
        logger.info(
            form,
            target["target"],
            chosen["equation"],
            chosen["complexity"],
            chosen["score_validation"],
        )
