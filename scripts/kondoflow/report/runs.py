"""All runs of a configuration: to each the files that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kondoflow.files.engine_files import TARGETS
from kondoflow.files.errors import InputError
from kondoflow.report.results import Results
from kondoflow.stage.config import iterate_runs, knowledge_of, run_settings


def read_runs(
    config: Mapping[str, Any],
    files: Mapping[str, Sequence[Path]],
    engine_files: Sequence[Path] = (),
    law_files: Sequence[Path] = (),
    joint_files: Sequence[Path] = (),
) -> list[Results]:
    """Read all runs of a configuration, in its order.

    Args:
        config: The configuration.
        files: For each kind of file its paths, in the order of the runs.
        engine_files: <ensemble>/<run>/<engine>.json of all runs, and of the targets that all runs
            of an ensemble share.
        law_files: <ensemble>/law.json and <ensemble>/confirmation.json of all ensembles.
        joint_files: <ensemble>/<run>/joint.nc of the runs that have joint quantities.

    Raises:
        InputError: If there are more or fewer files than runs, or a file can't be used.
    """
    runs = list(iterate_runs(config))
    for name, paths in files.items():
        if len(paths) != len(runs):
            raise InputError("report", f"number of {name} files", len(paths), f"{len(runs)}")
    return [
        Results(
            files={name: paths[index] for name, paths in files.items()},
            system=knowledge_of(config, ensemble),
            settings=run_settings(config, ensemble, run),
            ensemble=ensemble,
            run=run,
            engine_files=_in_folders(engine_files, (ensemble, run), (ensemble, TARGETS)),
            law_files=_in_folders(law_files, (ensemble,)),
            joint_files=_in_folders(joint_files, (ensemble, run)),
        ).read()
        for index, (ensemble, run) in enumerate(runs)
    ]


def _in_folders(paths: Sequence[Path], *folders: tuple[str, ...]) -> list[Path]:
    """Those of some files that stand in one of some folders, each given by its last names."""
    ends = {folder: len(folder) for folder in folders}
    return [path for path in paths if any(path.parts[-n - 1 : -1] == x for x, n in ends.items())]
