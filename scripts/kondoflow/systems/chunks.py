"""One chunk of an ensemble: solve what is missing, save on the way, write the result."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from kondoflow.files.errors import InputError
from kondoflow.files.progress import Progress
from kondoflow.systems.computation import Record
from kondoflow.systems.interface import System
from kondoflow.systems.registry import find_computation
from kondoflow.systems.saved_work import (
    KeptIntermediate,
    Point,
    SavedWork,
    Unfinished,
    write_chunk,
)
from kondoflow.systems.solving import solve_all
from kondoflow.systems.versions import intermediate_fingerprint, solutions_fingerprint

logger = logging.getLogger("kondoflow")

SAVE_EVERY = 2.0  # seconds between saves of unfinished work, at least,
SAVE_SHARE = 0.03  # and so many that saving takes no more than this share of the time


def check_range(n_points: int, first: int, n_samples: int, points: Path, threads: int) -> slice:
    """The rows of a file of points that a job solves.

    Raises:
        InputError: If the rows are not there, or a number is too small.
    """
    if not 0 <= first < n_points:
        raise InputError(points, "first", first, f"a sample of the file, 0 .. {n_points - 1}")
    if first + n_samples > n_points:
        allowed = f"at most {n_points - first} from {first} on"
        raise InputError(points, "n_samples", n_samples, allowed)
    for name, value, least in (("n_samples", n_samples, 0), ("threads", threads, 1)):
        if value < least:
            raise InputError("command line", name, value, f"at least {least}")
    return slice(first, first + n_samples if n_samples else None)


def solve_chunk(
    system: System,
    points: Sequence[Point],
    output: Path,
    solver: Mapping[str, Any],
    omega: Mapping[str, Any],
    processes: int,
    code: str = "",
) -> None:
    """Solve parameter sets and write them to a file.

    Args:
        system: The system.
        points: The parameter sets.
        output: File to write.
        solver: Settings of the solver.
        omega: Settings of the stored grid.
        processes: Largest number of worker processes.
        code: Version of the code; empty for that of the files as they are.
    """
    settings = find_computation(system.name).settings_of(solver, omega)
    fingerprint = solutions_fingerprint(system, solver, omega, code)
    work = _saved_work(system, points, output, settings, solver, fingerprint, code)
    with threadpool_limits(1):  # sums over several threads round differently
        solutions = work.take_over()
    logger.info("%d saved solutions taken over", len(solutions))
    todo = [index for index in range(len(points)) if index not in solutions]
    logger.info("%d of %d solutions to find, %d processes", len(todo), len(points), processes)
    progress = Progress("spectrum", len(points), len(solutions))
    next_save = time.monotonic() + SAVE_EVERY
    with progress:
        wanted = [points[index] for index in todo]
        for position, record in solve_all(system.name, wanted, settings, processes):
            solutions[todo[position]] = record
            progress.update()
            if time.monotonic() >= next_save:
                began = time.monotonic()
                work.save(solutions)
                ended = time.monotonic()
                next_save = ended + max(SAVE_EVERY, (ended - began) / SAVE_SHARE)
    beside = system.meaning.stored(solver, system.parameters)
    write_chunk(output, system, points, solutions, settings.omega, fingerprint, beside)
    work.finish(solutions)
    _log(system, solutions)
    _log_doubts(system, solutions, solver)


def _saved_work(
    system: System,
    points: Sequence[Point],
    output: Path,
    settings: Any,
    solver: Mapping[str, Any],
    fingerprint: str,
    code: str,
) -> SavedWork:
    if system.intermediate and settings.keep_raw:
        kept = output.with_suffix(".raw.nc")
        own = intermediate_fingerprint(system, solver, code)
        return KeptIntermediate(kept, system, points, settings, own)
    saved = output.with_name(f".{output.name}.saved.nc")
    return Unfinished(saved, output, system, points, settings.omega, fingerprint)


def _log_doubts(system: System, solutions: Mapping[int, Record], solver: Mapping[str, Any]) -> None:
    names = [name for name in system.solved if system.variables[name].dims == ("sample",)]
    numbers = {
        name: [float(record.values[name]) for record in solutions.values()] for name in names
    }
    for doubt in system.meaning.doubts(numbers, solver):
        logger.warning("%s", doubt)


def _log(system: System, solutions: Mapping[int, Record]) -> None:
    seconds = sum(float(record.values["cpu_seconds"]) for record in solutions.values())
    logger.info("%.3f CPU seconds a spectrum", seconds / len(solutions))
    statuses = Counter(
        system.statuses[int(record.values["status"])] for record in solutions.values()
    )
    logger.info("%s", ", ".join(f"{n} {status}" for status, n in sorted(statuses.items())))
