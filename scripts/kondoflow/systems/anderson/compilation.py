"""Compile the solver once, before processes start that need it.

Adding a site takes half of the time of all compilation. Where there are two cores, a second process
compiles it meanwhile. Each of the two solves a small impurity and lets Python itself run what the
other compiles; the types of the arguments, and so the machine code, are the same.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from threadpoolctl import threadpool_limits

from kondoflow.files.cores import available_cores
from kondoflow.systems.anderson.compiled import is_missing
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg import correlators, density_matrix, diagonalisation
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectral.broadening import Broadening

CALLERS = {  # modules that call the compiled functions
    "add_site": diagonalisation,
    "trace_out_site": density_matrix,
    "advance_shell": correlators,
}
HERE, THERE = ("trace_out_site", "advance_shell"), ("add_site",)  # two halves of the time
PACKAGES = Path(__file__).parents[3]


def ensure_compiled() -> None:
    """Compile the solver once for each version; processes that start meanwhile wait for it.

    With NUMBA_DISABLE_JIT=1 there is nothing to compile.
    """
    compiled = correlators.advance_shell
    if not hasattr(compiled, "stats"):
        return
    cache = Path(compiled.stats.cache_path or os.devnull)
    with _alone(cache / "compiling.lock"):
        missing = (is_missing(getattr(module, name)) for name, module in CALLERS.items())
        if available_cores() > 1 and all(missing):
            with _second_process():
                compile_without(*THERE)
        compile_without()


def compile_without(*names: str) -> None:
    """Solve a small impurity, and let Python itself run the functions of these names."""
    compiled = {name: getattr(CALLERS[name], name) for name in names}
    try:
        for name, function in compiled.items():
            setattr(CALLERS[name], name, function.py_func)
        with threadpool_limits(1):
            _solve_small()
    finally:
        for name, function in compiled.items():
            setattr(CALLERS[name], name, function)


def _solve_small() -> None:
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
def _second_process() -> Iterator[None]:
    """Compile the other half meanwhile; what fails there is compiled here afterwards."""
    code = f"from {__name__} import HERE, compile_without; compile_without(*HERE)"
    path = os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")]))
    second = subprocess.Popen(
        [sys.executable, "-P", "-c", code],  # -P: no module of the working directory
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
        second.wait()
    finally:
        second.kill()
        second.wait()


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
