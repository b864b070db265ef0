"""What the tables of accuracy share: settings, points, solutions."""

from __future__ import annotations

import dataclasses
import os
from types import SimpleNamespace

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.sampling import sample_ensemble
from kondoflow.systems.solving import solve_all

LOW_FIELD = load_config()["ensembles"]["low_field"]
DEFAULT = Settings.from_config(LOW_FIELD["solver"], LOW_FIELD["omega"])
PROCESSES = len(os.sched_getaffinity(0))
SEED = 11


def with_states(Lambda: float, n_keep: int) -> Settings:
    """The default settings with another discretisation and truncation."""
    return dataclasses.replace(DEFAULT, Lambda=Lambda, n_keep=n_keep)


def low_field_points(n: int) -> list[Impurity]:
    """The first points of the default ensemble with another seed."""
    points = sample_ensemble({**LOW_FIELD, "n_samples": n}, SEED)
    return [Impurity(*map(float, row)) for row in zip(*points.values(), strict=True)]


def solutions(impurities: list[Impurity], settings: Settings) -> list:
    """Solutions in the order of the impurities."""
    points = [dataclasses.asdict(impurity) for impurity in impurities]
    found = dict(solve_all("anderson", points, settings, PROCESSES))
    return [SimpleNamespace(**found[index].values) for index in range(len(points))]
