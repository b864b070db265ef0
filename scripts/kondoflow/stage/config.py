"""Loading the configuration, and what rules and scripts read from it.

A configuration passes through one door, for rules and command line alike: the default experiment is
changed by the user's files, checked, completed with what the systems' own folders say, and checked
again. The completed ("resolved") configuration is the one that everything else reads: each system
has all its entries, and each computed ensemble has all settings of its solver and grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.stage.checks import check_files, check_plain, check_resolved, is_computed
from kondoflow.stage.paths import DEFAULT
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.registry import find_system, system_names
from kondoflow.systems.table import read_table

SETTINGS = ("solver", "omega")  # parts of a system that an ensemble may change


def load_config(*overrides: Path) -> dict[str, Any]:
    """Load the default experiment, apply further files as Snakemake does, check and resolve.

    Raises:
        InputError: Names the first key or file that is not usable.
    """
    changes: dict[str, Any] = {}
    for path in overrides:
        merge(changes, read_mapping(path))
    return resolved_config(changes)


def resolved_config(changes: Mapping[str, Any], *, with_files: bool = True) -> dict[str, Any]:
    """The default experiment with some changes, checked and resolved.

    Args:
        changes: What differs from the default experiment.
        with_files: Whether the files that ensembles name must exist.

    Raises:
        InputError: Names the first key or file that is not usable.
    """
    config = read_mapping(DEFAULT)
    merge(config, changes)
    check_plain(config)
    config = resolve(config)
    check_resolved(config)
    if with_files:
        check_files(config)
    return _in_use(config)


def _in_use(config: dict[str, Any]) -> dict[str, Any]:
    """A resolved configuration without the ensembles of no run and the systems of no ensemble."""
    used = {run["ensemble"] for run in config["runs"]}
    ensembles = {name: each for name, each in config["ensembles"].items() if name in used}
    known = {ensemble["system"] for ensemble in ensembles.values()}
    systems = {name: each for name, each in config["systems"].items() if name in known}
    return {**config, "ensembles": ensembles, "systems": systems}


def resolve(config: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the folders of the systems say; an entry that is null removes what is there."""
    completed = deepcopy(dict(config))
    used = {ensemble["system"] for ensemble in config["ensembles"].values()}
    names = [name for name in system_names() if name in used or name in config["systems"]]
    completed["systems"] = {
        name: resolve_system(name, config["systems"].get(name, {}))
        for name in dict.fromkeys([*names, *config["systems"]])
    }
    for ensemble in completed["ensembles"].values():
        if is_computed(ensemble):
            for part in SETTINGS:
                settings = deepcopy(completed["systems"][ensemble["system"]].get(part, {}))
                merge(settings, ensemble.get(part, {}))
                ensemble[part] = settings
    return completed


def resolve_system(name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What is known about a system: its own folder's entries with the user's on top."""
    known = dict(_own_knowledge(name)) if name in system_names() else {}
    merge(known, changes)
    return _without_null(known)


def _own_knowledge(name: str) -> dict[str, Any]:
    return read_mapping(find_system(name).folder / "system.yaml")


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _without_null(item) if isinstance(item, dict) else item
        for key, item in value.items()
        if item is not None
    }


def merge(config: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Change a configuration in place as Snakemake does: mappings are merged, all else replaced."""
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            merge(config[key], value)
        else:
            config[key] = deepcopy(value)


def run_settings(config: Mapping[str, Any], ensemble: str, run: str) -> dict[str, Any]:
    """Settings of one training run: the `autoencoder` section with the run's own keys on top."""
    for entry in config["runs"]:
        if (entry["ensemble"], entry["name"]) == (ensemble, run):
            own = {key: value for key, value in entry.items() if key not in ("name", "ensemble")}
            return {**config["autoencoder"], **own}
    raise InputError("config", "runs", (ensemble, run), "a pair of ensemble and run of the config")


def iterate_runs(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs (ensemble, run) in the order of the config."""
    for entry in config["runs"]:
        yield entry["ensemble"], entry["name"]


def knowledge_of(config: Mapping[str, Any], ensemble: str) -> Mapping[str, Any]:
    """What is known about the samples of an ensemble."""
    return config["systems"][config["ensembles"][ensemble]["system"]]


@cache
def count_points(path: Path, system: str) -> int:
    """Number of parameter sets in a user's table (see `systems.table`).

    Raises:
        InputError: If the file can't be used.
    """
    return len(read_table(path, find_system(system).parameters))
