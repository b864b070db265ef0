"""Every equation of a run and every reference compared with its target, for a page to show.

A formula and its target are compared after the best map of the target's objective, fitted on the
training samples of the region (`discovery.residuals`). What is decided about them stands in the
verdict; this adds, for each formula of the engines' fronts and not only for the chosen equation,
its R^2 on every part of the data and its map as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.errors import masks_of
from kondoflow.discovery.monotone import MIN_SAMPLES, AffineMap, MonotoneMap, unexplained
from kondoflow.discovery.objectives import Map, Objective
from kondoflow.discovery.residuals import finite, map_onto_target
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression

PARTS = ("train", "validation", "test", "outside")
MAX_STEPS = 400  # of a monotone map, which a page of many samples would else be full of


def measure_formulas(
    spectra: xr.Dataset,
    latents: xr.Dataset,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engines: Sequence[Mapping[str, Any]],
    joint: xr.Dataset | None = None,
    laws: Mapping[str, str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Measure the equations of all engines and the references of the system.

    Args:
        spectra: The set of spectra.
        latents: Latents of the same samples.
        system: What the configuration says of the samples.
        equations: The section `equations` of the configuration.
        engines: Content of each engine's file.
        joint: What the latents of the run say of joint quantities, if there are any.
        laws: Law over the whole box by target, to be measured too.

    Returns:
        By target `objective` and `formulas`: by the text of each formula its `scores` and `map`,
        see `measure`.
    """
    samples = read_samples(spectra, system, joint)
    references, known = list(system.get("references", {}).values()), laws or {}
    found = {}
    for target in read_targets(latents, samples, system, equations):
        texts = [
            item["equation"]
            for engine in engines
            for entry in engine["targets"]
            if entry["target"] == target.name
            for item in entry["front"]
        ]
        formulas = {}
        law = [known[target.name]] if target.name in known else []
        for text in dict.fromkeys([*texts, *references, *law]):
            scores, onto = measure(parse(text, "formula", target.name), target, samples)
            formulas[text] = {"scores": scores, "map": onto}
        found[target.name] = {"objective": str(target.objective), "formulas": formulas}
    return found


def measure(
    expression: Expression, target: Target, samples: Samples
) -> tuple[dict[str, float | None], dict[str, Any] | None]:
    """R^2 of a formula on each of `PARTS`, and its map.

    Returns:
        Scores, None with too few samples; the map as JSON, None where it can't be fitted.
    """
    values = np.broadcast_to(evaluate(expression, samples.variables), target.values.shape)
    scores: dict[str, float | None] = dict.fromkeys(PARTS)
    onto = map_onto_target(values, target, samples)
    if onto is None:
        return scores, None
    masks = masks_of(target, samples)
    for part in PARTS:
        mask = masks[part] & np.isfinite(values)
        if mask.sum() >= MIN_SAMPLES:
            scores[part] = finite(1.0 - unexplained(target.values[mask], onto(values[mask])))
    return scores, map_content(target.objective, onto)


def map_content(objective: Objective, onto: Map) -> dict[str, Any]:
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
