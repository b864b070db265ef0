"""What is known of the ensembles of a configuration before any spectrum is calculated or read.

Needs only the standard library, because Snakemake reads it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kondoflow.systems.interface import System
from kondoflow.systems.registry import find_system
from kondoflow.systems.table import read_table


def is_computed(ensemble: Mapping[str, Any]) -> bool:
    """Whether the spectra of an ensemble are computed, and not brought in a file."""
    return ensemble.get("source") != "file"


def in_use(config: Mapping[str, Any]) -> dict[str, Any]:
    """Ensembles of a configuration that a run uses."""
    used = {run["ensemble"] for run in config["runs"]}
    return {name: each for name, each in config["ensembles"].items() if name in used}


def files_in(path: Path) -> list[Path]:
    """Files in a folder of tables of spectra; none in a Zarr store, or if it is no folder."""
    if path.suffix == ".zarr" or not path.is_dir():
        return []
    return [each for each in sorted(path.iterdir()) if each.is_file() and each.name[0] != "."]


def known_names(config: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Names of the per-sample variables that a system's expressions may use.

    Returns:
        Names by system, for the systems of computed ensembles in use: those that all ensembles of
        a system have. The variables of a user's own file are known only when it is read.
    """
    names: dict[str, frozenset[str]] = {}
    for ensemble in in_use(config).values():
        if is_computed(ensemble):
            system = ensemble["system"]
            points, store = _names_of_points(ensemble), ensemble["solver"].get("store", ())
            own = sample_names(find_system(system).using(points), store)
            names[system] = names.get(system, own) & own
    return names


def sample_names(system: System, store: Collection[str]) -> frozenset[str]:
    """Names of the per-sample numbers of a computed set, as `files.spectra.sample_variables`.

    Args:
        system: The system.
        store: What its solutions give on request.
    """
    names: set[str] = set()
    stored = [system.variables, *(system.offered[key] for key in store)]
    for name, variable in (pair for group in stored for pair in group.items()):
        if variable.dims == ("sample",) and name not in ("split", "status"):
            names.add(name)
        elif variable.dims == ("sample", "spin"):
            names.update(f"{name}_{spin}" for spin in system.coordinates["spin"])
    return frozenset(names)


def _names_of_points(ensemble: Mapping[str, Any]) -> Collection[str]:
    """Names of axes or columns, as far as they are known before files are read."""
    system = find_system(ensemble["system"])
    if "points" not in ensemble:
        return list(ensemble["axes"])
    path = Path(ensemble["points"])
    return list(read_table(path, system.accepted)[0]) if path.is_file() else [*system.accepted]


@cache
def count_points(path: Path, system: str, given: tuple[str, ...] = ()) -> int:
    """Number of parameter sets in a user's table (see `systems.table`).

    Args:
        path: The table.
        system: Name of the system.
        given: Parameters that settings of the solver give where the table has no column.

    Raises:
        InputError: If the file can't be used.
    """
    parameters = {
        name: replace(each, default=math.nan) if name in given else each
        for name, each in find_system(system).accepted.items()
    }
    return len(read_table(path, parameters))
