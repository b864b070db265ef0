"""Predictions: values of each target beside its equation and its best reference, sample by sample.

The map onto the target is that of the target's objective, fitted on the training samples of the
region (`discovery.residuals`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.contract import PREDICTIONS, REGION
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import map_onto_target
from kondoflow.discovery.targets import Samples, Target
from kondoflow.files.contract import assemble


def predict(
    targets: Sequence[Target],
    verdict: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    samples: Samples,
) -> xr.Dataset:
    """Put targets, equations and references side by side.

    Args:
        targets: The targets.
        verdict: Their entries of the verdict, in the same order.
        references: The references of the system.
        samples: The samples.

    Returns:
        A data set with the variables of `contract.PREDICTIONS`, (target, sample), for the targets
        that have an equation; NaN where a value is undefined.
    """
    judged = [
        (target, entry)
        for target, entry in zip(targets, verdict, strict=True)
        if entry["equation"] is not None
    ]
    by_name = {reference.name: reference.values for reference in references}
    equations = [samples.values_of(entry["equation_inputs"]) for _, entry in judged]
    best = [best_reference(entry) for _, entry in judged]
    undefined = np.full(samples.region.shape, np.nan)
    columns = {
        "value": [target.values for target, _ in judged],
        "equation": equations,
        "mapped": [
            mapped(values, target, samples)
            for (target, _), values in zip(judged, equations, strict=True)
        ],
        "reference_mapped": [
            mapped(by_name.get(name, undefined), target, samples)
            for (target, _), name in zip(judged, best, strict=True)
        ],
        "region": [region_of(target, samples) for target, _ in judged],
    }
    shape = (len(judged), samples.region.size)
    values = {name: np.reshape(np.array(rows), shape) for name, rows in columns.items()}
    for name, array in values.items():
        if PREDICTIONS[name].dtype == "float64":
            values[name] = np.where(np.isfinite(array), array, np.nan)
    values["reference"] = np.array(best, dtype=np.str_)
    coordinates = {"target": np.array([target.name for target, _ in judged], dtype=np.str_)}
    return assemble(values, PREDICTIONS, {"title": "Predictions"}, coordinates)


def best_reference(entry: Mapping[str, Any]) -> str:
    """The telling reference that leaves least of the target unexplained; "" if none is telling."""
    left = {
        name: item["unexplained"]
        for name, item in entry["references"].items()
        if item["telling"] and item["unexplained"] is not None
    }
    return min(left, key=lambda name: left[name], default="")


def mapped(formula: np.ndarray, target: Target, samples: Samples) -> np.ndarray:
    """A formula, (sample,), mapped onto the target; NaN where it can't be."""
    carried, known = map_onto_target(formula, target, samples), np.isfinite(formula)
    onto = np.full(formula.shape, np.nan)
    if carried is not None:
        onto[known] = carried(formula[known])
    return onto


def region_of(target: Target, samples: Samples) -> np.ndarray:
    """What each sample is for a target, (sample,): an index into `contract.REGION`."""
    usable, train = samples.usable(target), samples.parts["train"]
    fitted, shown = REGION.index("fitted"), REGION.index("shown")
    return np.select([usable & train, usable], [fitted, shown], default=0)
