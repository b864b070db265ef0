"""Solutions that survive an interruption, and intermediate results from which solutions follow.

A job that solves a chunk saves what it has every few seconds. When it starts again, it takes over
those saved solutions whose parameters, settings and version of the code are the wanted ones.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xarray as xr

from kondoflow.files.atomic import remove
from kondoflow.files.contract import assemble, check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.systems.computation import Record
from kondoflow.systems.interface import System
from kondoflow.systems.meaning import Stored
from kondoflow.systems.registry import find_computation, find_system

logger = logging.getLogger("kondoflow")

Point = Mapping[str, float]
Key = tuple[float, ...]


class SavedWork(Protocol):
    """Work of earlier jobs on the same chunk."""

    def take_over(self) -> dict[int, Record]:
        """Solutions of earlier jobs by the index of their sample."""

    def save(self, solutions: Mapping[int, Record]) -> None:
        """Write the solutions there are so far."""

    def finish(self, solutions: Mapping[int, Record]) -> None:
        """Clean up once the output of the job holds all solutions."""


def write_chunk(
    path: Path,
    system: System,
    points: Sequence[Point],
    solutions: Mapping[int, Record],
    omega: np.ndarray,
    fingerprint: str,
    beside: Stored = ({}, {}),
) -> None:
    """Write solutions by the contract of their system, in the order of their samples.

    Args:
        path: File to write.
        system: The system.
        points: All parameter sets of the chunk.
        solutions: Solutions by index of the parameter set.
        omega: Stored frequencies, (n,).
        fingerprint: Digest of `versions.solutions_fingerprint`.
        beside: Further variables with their values, and attributes, see `meaning.Meaning.stored`.
    """
    order = sorted(solutions)
    values: dict[str, np.ndarray] = {"omega": omega}
    for name in system.parameters:
        values[name] = np.array([points[index][name] for index in order])
    table = {**system.variables, **system.on_request}
    asked = {name for index in order for name in solutions[index].values} & {*system.on_request}
    for name in (*system.solved, *sorted(asked)):
        columns = [solutions[index].values.get(name) for index in order]
        known = next(column for column in columns if column is not None)
        # A solution that failed has nothing to offer.
        empty = np.full(np.shape(known), np.nan)
        values[name] = np.array([empty if column is None else column for column in columns])
    variables, attributes = beside
    table |= {name: variable for name, (variable, _) in variables.items()}
    values |= {name: np.array(column) for name, (_, column) in variables.items()}
    own = {"title": system.title, "system": system.name, "fingerprint": fingerprint}
    labels = {name: np.array(each) for name, each in system.coordinates.items()}
    write_dataset(path, assemble(values, table, {**own, **attributes}, labels))


class Unfinished:
    """Solutions of a job that is still at work; the file disappears when the job has ended.

    Args:
        saved: File of the unfinished job.
        output: Its output, which may hold solutions of an earlier, smaller chunk.
        system: The system.
        points: All parameter sets of the chunk.
        omega: Stored frequencies, (n,).
        fingerprint: Digest of `versions.solutions_fingerprint`.
    """

    def __init__(
        self,
        saved: Path,
        output: Path,
        system: System,
        points: Sequence[Point],
        omega: np.ndarray,
        fingerprint: str,
    ) -> None:
        self._saved, self._earlier = saved, (output, saved)
        self._system, self._points, self._omega = system, points, omega
        self._fingerprint = fingerprint

    def take_over(self) -> dict[int, Record]:
        """Solutions of earlier jobs, ended or not, by the index of their sample."""
        found: dict[int, Record] = {}
        for path in self._earlier:
            found |= self._taken_from(path)
        return found

    def _taken_from(self, path: Path) -> dict[int, Record]:
        dataset = _readable(path, self._system)
        if dataset is None:
            return {}
        if dataset.attrs.get("fingerprint") != self._fingerprint:
            logger.info("saved work belongs to other settings or code and is done again")
            return {}
        rows = _rows(dataset, self._system)
        asked = [name for name in self._system.on_request if name in dataset]
        names = (*self._system.solved, *asked)
        columns = {name: dataset[name].to_numpy() for name in names}
        return {
            index: Record({name: column[rows[_key(point)]] for name, column in columns.items()})
            for index, point in enumerate(self._points)
            if _key(point) in rows
        }

    def save(self, solutions: Mapping[int, Record]) -> None:
        """Write the solutions there are so far."""
        write_chunk(
            self._saved, self._system, self._points, solutions, self._omega, self._fingerprint
        )

    def finish(self, solutions: Mapping[int, Record]) -> None:
        """Remove the file: the solutions stand in the output."""
        del solutions
        remove(self._saved)


class KeptIntermediate:
    """Intermediate results that stay beside the output; taking them over repeats the last step.

    Args:
        path: File of the intermediate results.
        system: The system.
        points: All parameter sets of the chunk.
        settings: Settings of the last step.
        fingerprint: Digest of `versions.intermediate_fingerprint`.
    """

    def __init__(
        self,
        path: Path,
        system: System,
        points: Sequence[Point],
        settings: Any,
        fingerprint: str,
    ) -> None:
        self._path, self._system, self._points = path, system, points
        self._settings, self._fingerprint = settings, fingerprint

    def take_over(self) -> dict[int, Record]:
        """Solutions from the intermediate results of an earlier job, by index of their sample."""
        dataset = _readable(self._path, self._system)
        if dataset is None or dataset.attrs.get("fingerprint") != self._fingerprint:
            return {}
        check(dataset, self._system.kept, self._path)
        finish, rows = find_computation(self._system.name).finish, _rows(dataset, self._system)
        columns = {name: dataset[name] for name in self._system.intermediate}
        solutions = {}
        for index, point in enumerate(self._points):
            row = rows.get(_key(point))
            if row is not None:
                intermediate = {
                    name: (column.isel(sample=row) if "sample" in column.dims else column)
                    .to_numpy()
                    .copy()
                    for name, column in columns.items()
                }
                solutions[index] = finish(point, intermediate, self._settings)
        return solutions

    def save(self, solutions: Mapping[int, Record]) -> None:
        """Write the intermediate results there are so far."""
        kept = {
            index: record.intermediate
            for index, record in sorted(solutions.items())
            if record.intermediate is not None
        }
        if not kept:
            return
        first = next(iter(kept.values()))
        values: dict[str, np.ndarray] = {
            name: np.array([self._points[index][name] for index in kept])
            for name in self._system.parameters
        }
        for name, variable in self._system.intermediate.items():
            shared = "sample" not in variable.dims
            stacked = first[name] if shared else np.array([each[name] for each in kept.values()])
            values[name] = stacked
        attributes = {"title": "Intermediate results", "fingerprint": self._fingerprint}
        labels = {
            name: np.array(each) for name, each in self._system.intermediate_coordinates.items()
        }
        write_dataset(self._path, assemble(values, self._system.kept, attributes, labels))

    finish = save


def _key(point: Point) -> Key:
    return tuple(point.values())


def _rows(dataset: xr.Dataset, system: System) -> dict[Key, int]:
    """Row of each parameter set of a file."""
    columns = [dataset[name].to_numpy().tolist() for name in system.parameters]
    return {values: row for row, values in enumerate(zip(*columns, strict=True))}


def _readable(path: Path, system: System) -> xr.Dataset | None:
    """The content of a file of saved work; None if there is none, or none that can be used.

    A parameter that only the file or only the points have, such as a bath's exponent, makes other
    samples of equal values in all others.
    """
    if not path.is_file():
        return None
    try:
        dataset = read_dataset(path)
    except InputError as error:
        logger.warning("saved work is not readable and is done again: %s", error)
        return None
    if {name for name in find_system(system.name).accepted if name in dataset} != {
        *system.parameters
    }:
        logger.info("saved work is of samples with other parameters and is done again")
        return None
    return dataset
