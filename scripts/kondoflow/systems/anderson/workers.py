"""Many impurity problems on one machine: a process a core, one BLAS thread a process.

Two BLAS threads on matrices of this size cost far more processor time than they save, so that the
workers switch threading off and parallelism comes from processes alone. Each solution depends on
its parameters only: results are the same for any number of processes and any order.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

from kondoflow.files.errors import InputError
from kondoflow.files.orphans import end_with_parent
from kondoflow.systems.anderson.broadening import Broadening
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.model import Impurity
from kondoflow.systems.anderson.single_chain import solve_chain
from kondoflow.systems.anderson.solver import Settings, Solution, solve, unsolved

logger = logging.getLogger("kondoflow")


def solve_all(
    impurities: Sequence[Impurity], settings: Settings, processes: int
) -> Iterator[tuple[int, Solution]]:
    """Solve problems in parallel.

    Args:
        impurities: The problems.
        settings: Their common settings.
        processes: Largest number of worker processes, at least 1; one problem at a time is solved
            in this process, as a worker takes longer to start than many a problem to solve.

    Yields:
        Index and solution, in order of completion. Where the solver fails, the solution's status
        says so, and the log why; warnings are logged too.
    """
    if not impurities:
        return
    ensure_compiled()
    processes = min(processes, len(impurities))
    several = processes > 1
    solved = (
        _in_workers(impurities, settings, processes) if several else _here(impurities, settings)
    )
    for index, solution, remarks in solved:
        for remark in remarks:
            logger.warning("%s: %s", impurities[index], remark)
        yield index, solution


def _here(
    impurities: Sequence[Impurity], settings: Settings
) -> Iterator[tuple[int, Solution, list[str]]]:
    with threadpool_limits(1):
        for index, impurity in enumerate(impurities):
            yield index, *_solve(impurity, settings)


def _in_workers(
    impurities: Sequence[Impurity], settings: Settings, processes: int
) -> Iterator[tuple[int, Solution, list[str]]]:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_start_worker) as pool:
        futures = {
            pool.submit(_solve, impurity, settings): index
            for index, impurity in enumerate(impurities)
        }
        try:
            for future in as_completed(futures):
                yield futures[future], *future.result()
        finally:
            for future in futures:
                future.cancel()


def ensure_compiled() -> None:
    """Compile the solver, once a checkout and version; others that start meanwhile wait for it.

    With NUMBA_DISABLE_JIT=1 there is nothing to compile.
    """
    if not hasattr(solve_chain, "stats"):
        return
    cache = Path(solve_chain.stats.cache_path or os.devnull)
    with _alone(cache / "compiling.lock"), threadpool_limits(1):
        settings = Settings(
            Lambda=6.0,
            n_z=1,
            n_keep=16,
            broadening=Broadening(0.3, 1.0),
            estimator="self_energy",
            susceptibility=True,
            omega=stored_grid(8, 1e-2, 1.0),
        )
        solve(Impurity(U=0.1, Gamma=0.05, eps_d=-0.05, B=0.0, T=0.1), settings)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock file; where that is impossible go on, which costs time and nothing else."""
    try:
        file = lock.open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError:
        yield
        return
    with file:
        yield


def _start_worker() -> None:
    end_with_parent()
    threadpool_limits(1)


def _solve(impurity: Impurity, settings: Settings) -> tuple[Solution, list[str]]:
    """A solution, and what went wrong on the way."""
    started = time.process_time()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            solution, remarks = solve(impurity, settings), []
        except InputError:
            raise
        except (ValueError, ArithmeticError) as error:  # from LAPACK, or from a division
            solution = unsolved(settings, time.process_time() - started)
            remarks = [f"{type(error).__name__}: {error}"]
    if solution.status:
        remarks.append(f"the solution is not used: {solution.status.name}")
    return solution, [str(warning.message) for warning in caught] + remarks
