"""Kept peaks, broadened again in any memory layout, and solutions that are interrupted."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson import computation
from kondoflow.systems.computation import Record

POINTS = [
    {"U": 0.1, "Gamma": 0.02, "eps_d": -0.05, "B": 0.0, "T": 1e-3},
    {"U": 0.2, "Gamma": 0.02, "eps_d": -0.05, "B": 0.01, "T": 1e-3},
    {"U": 0.1, "Gamma": 0.05, "eps_d": 0.05, "B": 0.0, "T": 1e-2},
]
LAYOUTS: list[Callable[[np.ndarray], np.ndarray]] = [
    np.ascontiguousarray,
    np.asfortranarray,
    lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    lambda array: array[..., ::-1].copy()[..., ::-1],
]


def _laid_out(rng: random.Random, peaks: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The same arrays, each in some layout."""
    arrays = {name: np.asarray(value) for name, value in peaks.items()}
    return {name: rng.choice(LAYOUTS)(each) if each.ndim else each for name, each in arrays.items()}


def _settings(**changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    ensemble = load_config()["ensembles"]["low_field"]
    solver = {**ensemble["solver"], "n_z": 2, "n_keep": 20, "keep_raw": True, **changes}
    return solver, {**ensemble["omega"], "n_side": 20}


@cache
def _solved(index: int) -> Record:
    return computation.solve(POINTS[index], computation.settings_of(*_settings()))


def broaden_again(rng: random.Random, folder: Path) -> bool:
    """Broaden peaks of a file, in any layout, and those of memory: to the last bit the same."""
    del folder
    index = rng.randrange(len(POINTS))
    changes = {
        "alpha": rng.choice([0.1, 0.2, 0.3, 0.69]),
        "estimator": rng.choice(["direct", "self_energy"]),
    }
    settings = computation.settings_of(*_settings(**changes))
    peaks = _solved(index).intermediate
    assert peaks is not None
    first, second = (
        computation.finish(POINTS[index], _laid_out(rng, peaks), settings).values for _ in range(2)
    )
    return all(
        np.asarray(first[name]).tobytes() == np.asarray(second[name]).tobytes()
        for name in first
        if name != "cpu_seconds"
    )
