"""Compile the solver once, before processes start that need it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

from kondoflow.systems.anderson.broadening import Broadening
from kondoflow.systems.anderson.correlators import advance_shell
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve


def ensure_compiled() -> None:
    """Compile the solver once for each version; processes that start meanwhile wait for it.

    With NUMBA_DISABLE_JIT=1 there is nothing to compile.
    """
    if not hasattr(advance_shell, "stats"):
        return
    cache = Path(advance_shell.stats.cache_path or os.devnull)
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
