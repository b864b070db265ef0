"""Symbolic regression as an ensemble of searches: many short ones find what one long one misses.

Every target gets the same number of independent searches with seeds of their own, each on a
random sub-sample of the training samples inside the region. The equations of all searches are
simplified and refitted on all of these samples (`discovery.polishing`), pooled, and one is
selected by its held-out error and length (`discovery.selection`). Equations with a logarithm or an
exponential inside another are left out, because they fit anything and mean nothing, and so are
those that do not respect the unit of the inputs that have one (`formulas.units`).

What such a procedure finds where there is nothing to be found is measured in the same way: the
null searches see the same samples with the values of the target permuted.

A search is a task for one process; its result depends on the task alone, so that the outcome is
the same for any number of processes. The searches for a target share its time budget in equal
parts; only where this ends a search early may a repetition differ, which is logged.
"""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from tqdm import tqdm

from kondoflow.discovery.engines.interface import Engine, SearchProblem, SearchSettings
from kondoflow.discovery.fitting import with_rounded_constants
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.polishing import polish
from kondoflow.discovery.selection import Candidate, Part, assess, pareto_front, select
from kondoflow.discovery.targets import Samples, Target, reason_to_skip, shuffled
from kondoflow.discovery.workers import single_threaded_pool
from kondoflow.files.errors import InputError
from kondoflow.files.splits import SPLITS
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import is_nested
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rewriting import in_bare_parameters
from kondoflow.formulas.symbolic import NotRealError
from kondoflow.formulas.trees import Expression, substitute
from kondoflow.formulas.units import FACTOR, is_homogeneous

logger = logging.getLogger("kondoflow")


@dataclass(frozen=True)
class Task:
    """One search and what is needed to judge its equations.

    Attributes:
        problem: The search, on a sub-sample.
        parts: All train, validation and test samples of the region.
        parsimony: Logarithm of the error that one operation must gain.
    """

    problem: SearchProblem
    parts: Mapping[str, Part]
    parsimony: float


@dataclass(frozen=True)
class Outcome:
    """What one search found.

    Attributes:
        candidates: Its equations, simplified, refitted and scored.
        seconds: Wall time of the search and of what followed.
        timed_out: Whether the time limit ended the search.
    """

    candidates: tuple[Candidate, ...]
    seconds: float
    timed_out: bool


def search_once(engine: Engine, task: Task) -> Outcome:
    """Search, simplify, refit, score: the work of one process."""
    started = time.monotonic()
    deadline = started + task.problem.settings.seconds
    result = engine.search(task.problem)
    objective = task.problem.objective
    candidates = []
    timed_out = result.timed_out
    for found in _readable(result.equations, engine.name):
        if time.monotonic() > deadline:
            timed_out = True
            break
        polished = polish(found, task.parts["train"], objective, task.parsimony)
        candidate = assess(polished, task.parts, objective) if polished else None
        if candidate is not None and _respects_units(candidate.expression, task):
            candidates.append(candidate)
    return Outcome(tuple(candidates), time.monotonic() - started, timed_out)


def _respects_units(expression: Expression, task: Task) -> bool:
    train = task.parts["train"]
    units = zip(task.problem.names, task.problem.with_unit, strict=True)
    factors = {name: FACTOR if has_unit else 1.0 for name, has_unit in units}
    scaled = {name: factors[name] * values for name, values in train.inputs.items()}
    return is_homogeneous(train.values(expression), Part(scaled, train.y).values(expression))


def _readable(equations: Sequence[str], source: str) -> Iterator[Expression]:
    """Equations of a search that can be read and are not nested, the shortest first."""
    for text in sorted(equations, key=len):
        try:
            found = parse(text, "equation", source)
        except InputError:  # such as one with an infinite constant
            continue
        if not is_nested(found):
            yield found


def search_seed(root: int, target: str, restart: int) -> int:
    """Seed of one search, independent of which other targets there are."""
    sequence = np.random.SeedSequence(root, spawn_key=(zlib.crc32(target.encode()), restart))
    return int(sequence.generate_state(1)[0])


def plan(
    target: Target,
    samples: Samples,
    equations: Mapping[str, Any],
    seed: int,
    *,
    null: bool = False,
) -> list[Task]:
    """The searches for one target, by restart.

    Args:
        target: The target.
        samples: The samples.
        equations: The `equations` section of the configuration.
        seed: Seed of all searches.
        null: Whether to plan the null searches instead, on permuted values of the target.
    """
    n_searches = equations["restarts"] + equations["null_restarts"]
    name = f"{target.name}-null" if null else target.name
    if null:
        target = shuffled(target, samples, search_seed(seed, f"{name}-values", 0))
    usable = samples.usable(target)
    masks = {name: usable & samples.parts[name] for name in SPLITS}
    parts = {name: Part(samples.select(mask), target.values[mask]) for name, mask in masks.items()}
    train = parts["train"]
    names = tuple(samples.inputs)
    X = np.column_stack([train.inputs[name] for name in names])
    settings = SearchSettings.from_config(equations)
    settings = replace(settings, seconds=settings.seconds / n_searches)
    tasks = []
    for restart in range(equations["null_restarts" if null else "restarts"]):
        drawn = search_seed(seed, name, restart)
        rng = np.random.default_rng(drawn)
        chosen = rng.permutation(train.y.size)[: equations["n_points"]]
        problem = SearchProblem(
            label=f"{name}-{restart}",
            names=names,
            X=X[chosen],
            y=train.y[chosen],
            objective=target.objective,
            settings=settings,
            seed=drawn,
            with_unit=tuple(name in samples.with_unit for name in names),
        )
        tasks.append(Task(problem, parts, equations["parsimony"]))
    return tasks


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
        The content of `{engine}.json`: `engine`, `available`, `reason`, `targets` (see
        `describe`).

    Raises:
        EngineUnavailableError: If the engine can't run here.
    """
    reasons = {target.name: reason_to_skip(target, samples) for target in targets}
    sought = [target for target in targets if reasons[target.name] is None]
    plans = {target.name: plan(target, samples, equations, seed) for target in sought}
    nulls = {target.name: plan(target, samples, equations, seed, null=True) for target in sought}
    tasks = [task for each in (plans, nulls) for planned in each.values() for task in planned]
    outcomes, versions = _run(engine, tasks, processes)
    described = []
    for target in targets:
        frame = {
            "target": target.name,
            "engine": engine.name,
            "objective": str(target.objective),
            "inputs": {name: to_text(item) for name, item in samples.definitions.items()},
            "skipped": reasons[target.name],
            "settings": {**equations, "seed": seed},
            "versions": versions,
        }
        tasks, null_tasks = plans.get(target.name, []), nulls.get(target.name, [])
        found = [outcomes[task.problem.label] for task in tasks]
        null_found = [outcomes[task.problem.label] for task in null_tasks]
        null = describe(null_tasks, null_found, samples.definitions) if null_tasks else None
        result = describe(tasks, found, samples.definitions)
        described.append({**frame, **result, "null": null})
        _log(described[-1])
    return {"engine": engine.name, "available": True, "reason": None, "targets": described}


def _run(
    engine: Engine, tasks: Sequence[Task], processes: int
) -> tuple[dict[str, Outcome], dict[str, str]]:
    outcomes: dict[str, Outcome] = {}
    with single_threaded_pool(min(processes, max(1, len(tasks)))) as pool:
        # One worker readies what all share before any other starts on it.
        versions = pool.submit(engine.prepare).result()
        futures = {pool.submit(search_once, engine, task): task for task in tasks}
        for future in tqdm(
            as_completed(futures), total=len(futures), desc=engine.name, disable=None
        ):
            label = futures[future].problem.label
            outcomes[label] = future.result()
            logger.info("%s %s: %.1f s", engine.name, label, outcomes[label].seconds)
            if outcomes[label].timed_out:
                logger.warning("%s %s: ended by the time limit", engine.name, label)
    return outcomes, versions


def describe(
    tasks: Sequence[Task], outcomes: Sequence[Outcome], definitions: Mapping[str, Expression]
) -> dict[str, Any]:
    """What the searches for one target found.

    Returns:
        `restarts` (of each search the seed, the best validation R^2, the equation that it would
        have selected alone, seconds, timed_out), `n` (samples of each part), `front` (equations by
        complexity), `selected` (index into front, or None), `seconds` (sum over the searches).
    """
    if not tasks:
        return {"n": {}, "restarts": [], "front": [], "selected": None, "seconds": 0.0}
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
