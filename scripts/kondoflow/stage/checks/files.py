"""Files that the ensembles in use name, and what tables of points hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.stage.checks.ensembles import check_split
from kondoflow.stage.ensembles import files_in, in_use, is_computed
from kondoflow.systems.registry import find_system
from kondoflow.systems.table import read_table

LONGEST_NAME, LONGEST_PATH = 255, 4095  # characters that Linux and macOS allow


def check_files(config: Mapping[str, Any]) -> None:
    """Check that the files named by the ensembles in use are there, and tables of points usable.

    Raises:
        InputError: Names the first file that is not usable.
    """
    for name, ensemble in in_use(config).items():
        key = f"ensembles.{name}"
        for kind in ("path", "points", "properties"):
            if isinstance(ensemble.get(kind), str):
                _check_path(f"{key}.{kind}", ensemble[kind])
        if "path" in ensemble:
            _check_content(f"{key}.path", Path(ensemble["path"]))
        table = ensemble.get("properties")
        if isinstance(table, str) and not Path(table).is_file():
            raise InputError("config", f"{key}.properties", table, "an existing file")
        if "points" in ensemble and not Path(ensemble["points"]).is_file():
            allowed = "an existing CSV file"
            raise InputError("config", f"{key}.points", ensemble["points"], allowed)
        if is_computed(ensemble):
            _check_points(key, ensemble)


def _check_path(key: str, path: str) -> None:
    """Refuse a path that Snakemake would take for a pattern, or that no file can have."""
    if set(path) & set("{}<>"):
        allowed = "a path without braces and < >, which Snakemake takes for wildcards"
        raise InputError("config", key, path, allowed)
    if len(path) > LONGEST_PATH or any(len(each) > LONGEST_NAME for each in path.split("/")):
        allowed = f"of at most {LONGEST_NAME} characters a name, {LONGEST_PATH} in all"
        raise InputError("config", key, path[:50] + "...", allowed)


def _check_content(key: str, path: Path) -> None:
    """Refuse what is neither a file nor a folder or can't be opened, and names in a folder."""
    if not (path.is_dir() or path.is_file()):
        allowed = "an existing file" if not path.exists() else "a file, not a device or a pipe"
        raise InputError("config", key, str(path), allowed)
    if not os.access(path, os.R_OK):
        raise InputError("config", key, str(path), "a file that may be read")
    for each in files_in(path):
        _check_path(key, str(each))


def _check_points(key: str, ensemble: Mapping[str, Any]) -> None:
    """Check parameter sets, or the box they are drawn from, against system and settings."""
    solver, system = ensemble["solver"], find_system(ensemble["system"])
    for path in system.meaning.files(solver):
        if not Path(path).is_file():
            raise InputError("config", f"{key}.solver", path, "an existing file")
    system = system.with_defaults(solver)
    if "points" not in ensemble:
        system.meaning.check_box(ensemble["axes"], solver, f"{key}.axes")
        return
    rows = read_table(Path(ensemble["points"]), system.accepted)
    check_split(key, len(rows), ensemble["split"])
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    system.check(columns, ensemble["points"])
    system.meaning.check_points(columns, solver, ensemble["points"])
