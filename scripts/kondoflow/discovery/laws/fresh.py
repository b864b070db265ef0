"""New points as samples: those that were solved, or the test samples of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.contract import FRESH
from kondoflow.discovery.laws.question import target_of
from kondoflow.discovery.targets import Samples, read_samples
from kondoflow.files.contract import assemble
from kondoflow.files.splits import SPLITS


def fresh_samples(solved: xr.Dataset, system: Mapping[str, Any]) -> Samples:
    """Solved points (sample,) as samples, all of them in the test part.

    Failed solutions are left out.
    """
    kept = solved.isel(sample=np.flatnonzero(solved["status"].to_numpy() == 0))
    split = np.full(kept.sizes["sample"], SPLITS.index("test"), dtype=np.int8)
    return read_samples(kept.assign(split=("sample", split)), system)


def held_out_samples(samples: Samples) -> Samples:
    """The test samples alone, without what latents say of them."""
    rows = samples.parts["test"]

    def cut(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: column[rows] for name, column in columns.items()}

    return replace(
        samples,
        variables=cut(samples.variables),
        inputs=cut(samples.inputs),
        region=samples.region[rows],
        parts=cut(samples.parts),
        joint={},
    )


def residuals(
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    values: np.ndarray | None,
) -> xr.Dataset:
    """Target and law at new points, with the variables of `contract.FRESH` and the parameters.

    Args:
        samples: The new points.
        system: Section of the system.
        equations: Section `equations` of the configuration.
        values: The law at the points, (sample,), or None where there is no law.
    """
    target = target_of(samples, system, equations)
    law = np.full(target.values.shape, np.nan) if values is None else np.array(values)
    own = {"target": target.values, "law": law, "region": samples.region.astype(np.int8)}
    dataset = assemble(own, FRESH, {"title": "A law at new points", "target": target.name})
    for name in system["parameters"]:
        dataset[name] = ("sample", samples.variables[name])
    return dataset
