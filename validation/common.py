"""What the tables of accuracy share: settings, points, solutions."""

from __future__ import annotations

import dataclasses
import os

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.model import Impurity
from kondoflow.systems.anderson.solver import Settings
from kondoflow.systems.anderson.workers import solve_all
from kondoflow.systems.sampling import sample_ensemble

CONFIG = load_config()
DEFAULT = Settings.from_config(CONFIG["solver"], CONFIG["omega"])
PROCESSES = len(os.sched_getaffinity(0))
SEED = 11


def with_states(Lambda: float, n_keep: int) -> Settings:
    """The default settings with another discretisation and truncation."""
    return dataclasses.replace(DEFAULT, Lambda=Lambda, n_keep=n_keep)


def low_field_points(n: int) -> list[Impurity]:
    """The first points of the default ensemble with another seed."""
    points = sample_ensemble({**CONFIG["ensembles"]["low_field"], "n_samples": n}, SEED)
    return [Impurity(*map(float, row)) for row in zip(*points.values(), strict=True)]


def solutions(impurities: list[Impurity], settings: Settings) -> list:
    """Solutions in the order of the impurities."""
    found = dict(solve_all(impurities, settings, PROCESSES))
    return [found[index] for index in range(len(impurities))]
