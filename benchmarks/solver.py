"""Speed of the solver, with the time of the bare linear algebra of the same blocks beside it.

The floor repeats `eigh` and the matrix products of a chain, with their shapes and nothing else, in
one compiled loop; the ratio says what everything else costs. All figures but the first call's are
seconds of processor time on one core with one BLAS thread, at T = 1e-6. Those a z are of one chain,
<<F;d+>> included, before broadening; in a field without the second chain that gives T_chi.

    python -m benchmarks.solver
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from numba import njit

from benchmarks.common import ROOT, cpu_seconds, machine, table
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.baths.chain import chain_length, hoppings, twist_parameters
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.blocks import matrix
from kondoflow.systems.anderson.nrg.density_matrix import (
    density_matrices,
    states_of,
    thermal_weights,
)
from kondoflow.systems.anderson.nrg.diagonalisation import diagonalise_chain
from kondoflow.systems.anderson.nrg.single_chain import solve_chain
from kondoflow.systems.anderson.nrg.symmetry import charge_spin, charge_sz
from kondoflow.systems.anderson.nrg.tensor_operators import ANNIHILATOR, SPIN
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.sampling import sample_ensemble

IMPURITY = Impurity(U=0.268, Gamma=0.0192, eps_d=-0.145, B=0.0, T=1e-6)
CASES = [  # Lambda, n_keep, B
    (3.0, 340, 0.0),
    (3.0, 180, 1e-3),
    (7.0, 80, 0.0),
    (7.0, 80, 1e-3),
    (4.0, 160, 0.0),
]


@njit
def bare_algebra(dims, symmetric, shapes, numbers):
    """`eigh` of blocks of the given dimensions and products of matrices of the given shapes."""
    checksum, at = 0.0, 0
    for dim in dims:
        values, _ = np.linalg.eigh(matrix(symmetric, at, dim, dim))
        checksum += values[0]
        at += dim * dim
    for i in range(len(shapes)):
        m, k, n = shapes[i]
        checksum += np.dot(matrix(numbers, 0, m, k), matrix(numbers, 0, k, n))[0, 0]
    return checksum


def product_shapes(shells, densities, wants_response):
    """Shapes (m, k, n) of all matrix products that the solver does on a chain."""
    shapes = []

    def rotation(n_left, dim_row, dim, n_right):
        if n_left <= n_right:
            return [(n_left, dim_row, dim), (n_left, dim, n_right)]
        return [(dim_row, dim, n_right), (n_left, dim_row, n_right)]

    for n, shell in enumerate(shells):
        if n == 0:
            continue
        for b, (dim, kept) in enumerate(zip(shell.slot_at[:, 4], shell.n_kept, strict=True)):
            shapes += [(kept, kept, dim), (dim, kept, dim)]
            if densities[n].weights[shell.energy_at[b] : shell.energy_at[b + 1]].any():
                shapes += [(dim, dim - kept, dim)]
        for kind, n_operators in ((ANNIHILATOR, 2), (SPIN, 1 if wants_response else 0)):
            block = {tuple(label): b for b, label in enumerate(shell.labels.tolist())}
            leads = (shell.labels[:, None, :] + kind.steps).tolist()
            rows = np.array([[block.get(tuple(to), -1) for to in each] for each in leads])
            for b, c in np.argwhere(rows >= 0):
                dim_row, dim = shell.slot_at[rows[b, c], 4], shell.slot_at[b, 4]
                row_kept, kept = shell.n_kept[rows[b, c]], shell.n_kept[b]
                if kind is SPIN:
                    parts = [(row_kept, dim_row, dim), (row_kept, dim, kept)]
                    parts += [(row_kept, dim, dim - kept), (row_kept, row_kept, dim - kept)]
                else:
                    shapes += [(row_kept, dim, kept), (dim_row - row_kept, kept, kept)]
                    shapes += [(row_kept, row_kept, dim - kept)]
                    parts = rotation(dim_row, dim_row, dim, kept)
                    parts += rotation(row_kept, dim_row, dim, dim - kept)
                if densities[n].is_occupied:
                    parts += rotation(dim_row - row_kept, dim_row, dim, dim - kept)
                shapes += n_operators * parts
    return np.array([shape for shape in shapes if min(shape) > 0])


def case_row(Lambda: float, n_keep: int, B: float) -> list[object]:
    """Time of one chain with these settings, and of its floor."""
    U, Gamma, eps_d, _, T, _ = dataclasses.astuple(IMPURITY)
    symmetry = charge_spin() if B == 0 else charge_sz()
    rng = np.random.default_rng(0)
    ours = floor = 0.0
    kept = []
    for z in twist_parameters(4):
        chain = hoppings(Lambda, z, chain_length(T, Lambda))
        amplitudes = np.concatenate([[np.sqrt(2 * Gamma / np.pi)], chain])
        onsite = np.zeros(len(amplitudes))
        arguments = (eps_d, U, B, np.array([T]), amplitudes, onsite, n_keep, symmetry, True, B == 0)
        ours += cpu_seconds(lambda: solve_chain(*arguments)) / 4  # noqa: B023
        shells = diagonalise_chain(eps_d, U, B, amplitudes, onsite, n_keep, symmetry)
        densities = density_matrices(shells, thermal_weights(states_of(shells), T))
        shapes = product_shapes(shells, densities, B == 0)
        dims = np.concatenate([shell.slot_at[:, 4] for shell in shells[1:]])
        blocks = (rng.normal(size=(dim, dim)) for dim in dims)
        symmetric = np.concatenate([(block + block.T).ravel() for block in blocks])
        numbers = rng.normal(size=int(dims.max()) ** 2)
        floor += cpu_seconds(lambda: bare_algebra(dims, symmetric, shapes, numbers)) / 4  # noqa: B023
        kept += [float(shell.n_kept @ shell.degeneracy) for shell in shells[5:-1]]
    ratio = ours / floor
    states = f"{np.mean(kept):.0f}"
    return [f"{Lambda:g}", n_keep, states, f"{B:g}", f"{ours:.3f}", f"{floor:.3f}", f"{ratio:.2f}"]


def spectrum_seconds() -> tuple[float, float]:
    """Mean and largest time of a spectrum of the default ensemble with the default settings."""
    config = load_config()
    ensemble = {**config["ensembles"]["low_field"], "n_samples": 32}
    settings = Settings.from_config(ensemble["solver"], ensemble["omega"])
    points = sample_ensemble(ensemble, config["seed"])
    impurities = [Impurity(*row) for row in zip(*points.values(), strict=True)]
    solve(impurities[0], settings)
    times = []
    for impurity in impurities:
        started = time.process_time()
        solve(impurity, settings)
        times.append(time.process_time() - started)
    return float(np.mean(times)), max(times)


FIRST_CALL = """
import time
from kondoflow.systems.anderson.compilation import ensure_compiled
started = time.{clock}()
ensure_compiled()
print(time.{clock}() - started)
"""


def first_call_seconds(clock: str, cache: str) -> float:
    """Time of the first solution in a new process, with machine code in a folder."""
    environment = {**os.environ, "PYTHONPATH": "scripts", "NUMBA_CACHE_DIR": cache}
    command = [sys.executable, "-c", FIRST_CALL.format(clock=clock)]
    run = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment
    )
    return float(run.stdout)


def main() -> None:
    """Print the tables."""
    header = ["Lambda", "n_keep", "mean kept", "B", "CPU s per z", "floor", "ratio"]
    print(f"{machine()}\n")
    print(table(header, [case_row(*case) for case in CASES]))
    mean, worst = spectrum_seconds()
    print(
        f"\nA spectrum of the default ensemble, all four z: {mean:.3f} s (largest {worst:.3f} s)."
    )
    with tempfile.TemporaryDirectory() as cache:
        compiling = first_call_seconds("process_time", cache)
        print(f"First solution without compiled code: {compiling:.1f} s of processor time.")
        print(f"In a new process, with it: {first_call_seconds('perf_counter', cache):.2f} s.")


if __name__ == "__main__":
    main()
