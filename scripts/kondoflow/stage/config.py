"""Loading the configuration, and what rules and scripts read from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.stage.checks import ROOT, check_config
from kondoflow.stage.yaml_files import read_mapping
from kondoflow.systems.table import read_table

DEFAULT = ROOT / "config.yaml"


def load_config(*overrides: Path) -> dict[str, Any]:
    """Load the default experiment, apply further files as Snakemake does, and check the result.

    Raises:
        InputError: Names the first key that is not usable.
    """
    config = complete_config({})
    for path in overrides:
        merge(config, read_mapping(path))
    check_config(config)
    return config


def complete_config(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The default experiment with some changes, unchecked."""
    config = read_mapping(DEFAULT)
    merge(config, changes)
    return config


def merge(config: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Change a configuration in place as Snakemake does: mappings are merged, all else replaced."""
    for key, value in changes.items():
        if isinstance(value, Mapping) and isinstance(config.get(key), dict):
            merge(config[key], value)
        else:
            config[key] = value


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


@cache
def count_points(path: Path) -> int:
    """Number of parameter sets in a user's CSV (see `systems.table`).

    Raises:
        InputError: If the file can't be used.
    """
    return len(read_table(path))
