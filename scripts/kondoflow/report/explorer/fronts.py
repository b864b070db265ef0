"""All equations of a run for the page: trees, scores, maps, text to read and to take away.

An equation and its target are compared after the best map of the target's objective, fitted on the
training samples of the region, as everywhere in the pipeline. Scores of the engines' equations are
read from their files; those of the reference formulas, and of every formula outside the region, are
measured here with the same map.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kondoflow.discovery.monotone import AffineMap, MonotoneMap, unexplained
from kondoflow.discovery.objectives import Objective, fit_map
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.algebra import complexity
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.expressions import Expression, parse, to_text
from kondoflow.report.explorer.formulas import mathml, source_code, tree

MIN_SAMPLES = 10  # below, a score says nothing
MAX_STEPS = 400  # of a monotone map, which a page of many samples would else be full of
Onto = Callable[[np.ndarray], np.ndarray]


def target_content(
    target: Target,
    engines: Sequence[Mapping[str, Any]],
    verdict: Mapping[str, Any],
    references: Mapping[str, str],
    samples: Samples,
    labels: Mapping[str, str],
    symbols: Mapping[str, str],
) -> dict[str, Any] | None:
    """What the page shows of one target; None where no equation was sought or found.

    Args:
        target: The target.
        engines: Content of each engine's file.
        verdict: Entry of the target in the verdict.
        references: Expression of each reference formula.
        samples: The samples.
        labels: Label of each name, text with LaTeX between dollar signs.
        symbols: LaTeX of each name that has one.
    """
    found = [
        (engine["engine"], item)
        for engine in engines
        for entry in engine["targets"]
        if entry["target"] == target.name
        for item in entry["front"]
    ]
    if not found or not verdict.get("equation"):
        return None
    rows = []
    for engine, item in sorted(found, key=lambda pair: pair[1]["complexity"]):
        expression = parse(item["equation"], "equation", engine)
        measured, onto = measure(expression, target, samples)
        scores = {part: item.get(f"score_{part}") for part in ("train", "validation", "test")}
        is_chosen = engine == verdict["engine"] and item["equation"] == verdict["equation"]
        rows.append(
            {
                **described(expression, labels, symbols),
                "source": engine,
                "complexity": item["complexity"],
                "scores": {**scores, "outside": measured["outside"]},
                "map": onto,
                "chosen": is_chosen,
            }
        )
    for name, text in references.items():
        expression = parse(text, f"references.{name}")
        measured, onto = measure(expression, target, samples)
        judged = verdict["references"].get(name, {})
        rows.append(
            {
                **described(expression, labels, symbols),
                "source": "reference",
                "name": name,
                "complexity": complexity(expression),
                "scores": measured,
                "map": onto,
                "recovered": bool(judged.get("recovered", False)),
            }
        )
    return {"name": target.name, "objective": str(target.objective), "formulas": rows}


def described(
    expression: Expression, labels: Mapping[str, str], symbols: Mapping[str, str]
) -> dict[str, Any]:
    """Tree, text, MathML and source code of a formula."""
    return {
        "text": to_text(expression),
        "tree": tree(expression),
        "mathml": mathml(expression, labels),
        "code": source_code(expression, symbols),
    }


def measure(
    expression: Expression, target: Target, samples: Samples
) -> tuple[dict[str, float | None], dict[str, Any] | None]:
    """R^2 of a formula on train, validation, test and outside the region, and its map.

    Returns:
        Scores, None with too few samples; the map as JSON, None where it can't be fitted.
    """
    values = np.broadcast_to(evaluate(expression, samples.variables), target.values.shape)
    finite = np.isfinite(values) & np.isfinite(target.values)
    usable = samples.usable(target) & finite
    train = usable & samples.parts["train"]
    scores: dict[str, float | None] = dict.fromkeys((*samples.parts, "outside"))
    if train.sum() < MIN_SAMPLES:
        return scores, None
    onto: Onto = fit_map(target.objective, values[train], target.values[train])
    masks = {part: usable & mask for part, mask in samples.parts.items()}
    for part, mask in (masks | {"outside": finite & ~samples.region}).items():
        if mask.sum() >= MIN_SAMPLES:
            left = unexplained(target.values[mask], onto(values[mask]))
            scores[part] = 1.0 - left if np.isfinite(left) else None
    return scores, map_content(target.objective, onto)


def map_content(objective: Objective, onto: Onto) -> dict[str, Any]:
    """A map as JSON: steps of a monotone one (first and last x, y), else offset and slope.

    Of more than `MAX_STEPS` steps neighbours are joined, with the mean of their y.
    """
    if isinstance(onto, MonotoneMap):
        starts = np.flatnonzero(np.diff(onto.y, prepend=np.nan) != 0)
        ends = np.append(starts[1:], len(onto.y)) - 1
        groups = np.array_split(np.arange(len(starts)), min(len(starts), MAX_STEPS))
        steps = {
            "first": [onto.x[starts[group[0]]] for group in groups],
            "last": [onto.x[ends[group[-1]]] for group in groups],
            "y": [onto.y[starts[group]].mean() for group in groups],
        }
        return {"kind": "monotone map"} | {key: _rounded(row) for key, row in steps.items()}
    if not isinstance(onto, AffineMap):
        raise TypeError(f"no map of the page: {onto}")
    kind = "identity" if objective is Objective.SQUARED_ERROR else "affine map"
    return {"kind": kind, "offset": onto.offset, "slope": onto.slope}


def _rounded(values: Sequence[float]) -> list[float]:
    """Numbers with the digits of single precision, as short as they can be written."""
    return [float(f"{value:.8g}") for value in values]
