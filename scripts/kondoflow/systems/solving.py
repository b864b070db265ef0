"""Many solutions on one machine: a process for each core, with one BLAS thread.

Two BLAS threads on matrices of the usual size cost far more processor time than they save.
Therefore threading is off in the workers, and parallelism comes from processes alone. A solution
depends on its parameters only: results are the same for any number of processes and any order.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from kondoflow.files.errors import InputError
from kondoflow.files.side_by_side import start_worker
from kondoflow.systems.computation import Record
from kondoflow.systems.interface import FAILED
from kondoflow.systems.registry import find_computation, find_system

logger = logging.getLogger("kondoflow")

Point = Mapping[str, float]
Solved = tuple[Record, list[str]]  # and what went wrong on the way

ENDED = "one of %d processes was ended by the system, as where memory runs out"


def solve_all(
    system: str, points: Sequence[Point], settings: Any, processes: int
) -> Iterator[tuple[int, Record]]:
    """Solve parameter sets in parallel.

    Args:
        system: Name of the system.
        points: The parameter sets.
        settings: Their common settings, from the system's `settings_of`.
        processes: Largest number of worker processes, at least 1. With 1 the solutions are made in
            this process, because a worker takes longer to start than many a solution.

    Yields:
        Index and solution, in order of completion. Where the solver fails, the status of the
        solution says so and the log says why. Warnings are logged too. If a process is ended, as by
        the system's memory killer, what is left goes on with half as many, once.

    Raises:
        InputError: If one of these is ended too.
    """
    if not points:
        return
    find_computation(system).prepare()
    groups = _groups(system, points, settings)
    processes = min(processes, len(groups))
    run = _in_workers if processes > 1 else _here
    done: set[int] = set()
    try:
        for index, record in _each(run(system, points, groups, settings, processes), points):
            done.add(index)
            yield index, record
    except BrokenProcessPool:
        left = [group for group in groups if not done.issuperset(group)]
        fewer = max(1, processes // 2)
        logger.warning(
            "%s; %d solutions go on with %d", ENDED % processes, sum(map(len, left)), fewer
        )
        yield from _with_fewer(system, points, left, settings, fewer)


def _with_fewer(
    system: str, points: Sequence[Point], groups: list[list[int]], settings: Any, processes: int
) -> Iterator[tuple[int, Record]]:
    """The solutions that are left after a worker was ended."""
    try:
        yield from _each(_in_workers(system, points, groups, settings, processes), points)
    except BrokenProcessPool:
        allowed = "enough for its processes: give it more (mem_mb), fewer cores, or lower n_keep"
        raise InputError("job", "memory", ENDED % processes, allowed) from None


def _each(
    solved_groups: Iterator[tuple[Sequence[int], Sequence[Solved]]], points: Sequence[Point]
) -> Iterator[tuple[int, Record]]:
    """Index and solution of each point; the log has the remarks."""
    for group, solved in solved_groups:
        for index, (record, remarks) in zip(group, solved, strict=True):
            for remark in remarks:
                logger.warning("%s: %s", dict(points[index]), remark)
            yield index, record


def _groups(system: str, points: Sequence[Point], settings: Any) -> list[list[int]]:
    """Indices of the points that are solved together."""
    computation = find_computation(system)
    if not hasattr(computation, "solve_together"):
        return [[index] for index in range(len(points))]
    groups: list[list[int]] = computation.groups_of(points, settings)
    return groups


def _here(
    system: str, points: Sequence[Point], groups: list[list[int]], settings: Any, processes: int
) -> Iterator[tuple[list[int], list[Solved]]]:
    del processes
    with threadpool_limits(1):
        for group in groups:
            yield group, _solve_group(system, [points[index] for index in group], settings)


def _in_workers(
    system: str, points: Sequence[Point], groups: list[list[int]], settings: Any, processes: int
) -> Iterator[tuple[list[int], list[Solved]]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=start_worker) as pool:
        futures = {
            pool.submit(_solve_group, system, [points[k] for k in group], settings): group
            for group in groups
        }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            for future in futures:
                future.cancel()


def _solve_group(system: str, points: Sequence[Point], settings: Any) -> list[Solved]:
    """Solutions of points that share work; each by itself where one of them fails."""
    if len(points) > 1:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                records = find_computation(system).solve_together(points, settings)
            except InputError:
                raise
            except (ValueError, ArithmeticError, Warning):
                records = []
        if records and not any(int(record.values["status"]) for record in records):
            return [(record, []) for record in records]
    return [solve_one(system, point, settings) for point in points]


def solve_one(system: str, point: Point, settings: Any) -> Solved:
    """A solution, and what went wrong on the way."""
    started = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            record, remarks = find_computation(system).solve(point, settings), []
        except InputError:
            raise
        except (ValueError, ArithmeticError) as error:  # from LAPACK, or from a division
            record = unsolved(system, settings, time.process_time() - started)
            remarks = [f"{type(error).__name__}: {error}"]
    status = int(record.values["status"])
    if status:
        reason = find_system(system).statuses[status]
        remarks.append(f"the solution is not used: {reason}")
    return record, [str(warning.message) for warning in caught] + remarks


def unsolved(system: str, settings: Any, cpu_seconds: float) -> Record:
    """What stands for a solution that failed: NaN for all numbers, 0 for counts.

    Args:
        system: Name of the system.
        settings: Settings of the attempt.
        cpu_seconds: Processor time of the attempt.
    """
    description = find_system(system)
    sizes = {name: len(labels) for name, labels in description.coordinates.items()}
    sizes["omega"] = len(settings.omega)
    values: dict[str, Any] = {}
    for name in description.solved:
        variable = description.variables[name]
        shape = tuple(sizes[dim] for dim in variable.dims if dim != "sample")
        empty = np.nan if variable.dtype.startswith("float") else 0
        values[name] = np.full(shape, empty)
    return Record({**values, "cpu_seconds": cpu_seconds, "status": FAILED})
