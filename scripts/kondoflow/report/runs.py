"""All runs of a configuration: to each the files that belong to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kondoflow.files.engine_files import TARGETS
from kondoflow.files.errors import InputError
from kondoflow.report.results import Results


def read_runs(
    runs: Sequence[tuple[str, str]],
    files: Mapping[str, Sequence[Path]],
    engine_files: Sequence[Path],
    systems: Sequence[Mapping[str, Any]],
    settings: Sequence[Mapping[str, Any]],
    law_files: Sequence[Path] = (),
    joint_files: Sequence[Path] = (),
) -> list[Results]:
    """Read all runs.

    Args:
        runs: Pairs (ensemble, run).
        files: For each kind of file its paths, in the order of the runs.
        engine_files: <ensemble>/<run>/<engine>.json of all runs, and of the targets that all runs
            of an ensemble share.
        systems: What the configuration says of the samples of each run.
        settings: Settings of the autoencoder of each run.
        law_files: <ensemble>/law.json and <ensemble>/confirmation.json of all ensembles.
        joint_files: <ensemble>/<run>/joint.nc of the runs that have joint quantities.

    Raises:
        InputError: If there are more or fewer files than runs, or a file can't be used.
    """
    for name, paths in files.items():
        if len(paths) != len(runs):
            raise InputError("report", f"number of {name} files", len(paths), f"{len(runs)}")
    return [
        Results(
            files={name: paths[index] for name, paths in files.items()},
            system=systems[index],
            settings=settings[index],
            ensemble=run[0],
            run=run[1],
            engine_files=[
                path for path in engine_files if path.parts[-3:-1] in (run, (run[0], TARGETS))
            ],
            law_files=[path for path in law_files if path.parts[-2] == run[0]],
            joint_files=[path for path in joint_files if path.parts[-3:-1] == run],
        ).read()
        for index, run in enumerate(runs)
    ]
