"""All searches for a target: samples in units of order one, sub-samples and seeds.

The searches share the time budget of the target in equal parts. Each of them sees training samples
of its own; equations are judged on all samples of the region.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.discovery.search.scaling import (
    decades_by_name,
    decades_of_inputs,
    decades_of_target,
    scaled,
)
from kondoflow.discovery.search.searches import Task
from kondoflow.discovery.selection import Part
from kondoflow.discovery.targets import Samples, Target, shuffled
from kondoflow.files.splits import SPLITS


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
    name = f"{target.name}-null" if null else target.name
    if null:
        target = shuffled(target, samples, search_seed(seed, f"{name}-values", 0))
    parts, decades, target_decades = parts_of_order_one(target, samples)
    n_searches = equations["restarts"] + equations["null_restarts"]
    settings = SearchSettings.from_config(equations)
    settings = replace(settings, seconds=settings.seconds / n_searches)
    names, train = tuple(samples.inputs), parts["train"]
    dimensions = tuple(samples.dimensions.get(name, {}) for name in names)
    X = np.column_stack([train.inputs[name] for name in names])
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
            dimensions=dimensions,
            with_sums=restart == 0,
        )
        tasks.append(Task(problem, parts, equations["parsimony"], decades, target_decades))
    return tasks


def parts_of_order_one(
    target: Target, samples: Samples
) -> tuple[dict[str, Part], Mapping[str, int], int]:
    """Samples of the region on which a target can be judged, in units of order one.

    Returns:
        Train, validation and test samples; the powers of ten by which their inputs were divided, by
        name; and that of the target. Training samples decide both.
    """
    usable = samples.usable(target)
    masks = {name: usable & samples.parts[name] for name in SPLITS}
    names = tuple(samples.inputs)
    inputs = samples.select(masks["train"])
    dimensions = tuple(samples.dimensions.get(name, {}) for name in names)
    powers = decades_of_inputs([inputs[name] for name in names], dimensions)
    decades = decades_by_name(names, powers)
    target_decades = decades_of_target(target.values[masks["train"]])
    parts = {
        part: Part(
            {
                name: scaled(values, decades.get(name, 0))
                for name, values in samples.select(mask).items()
            },
            scaled(target.values[mask], target_decades),
        )
        for part, mask in masks.items()
    }
    return parts, decades, target_decades
