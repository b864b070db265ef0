"""The solver beside an independent C++ code, at points whose spectra are stored.

`validation/reference` holds spectra that NRG Ljubljana (R. Zitko) gave with Lambda = 3, full spin
symmetry, 8 chains and 300 multiplets, in a field with 4 chains and 700 states, one step of the
equation of motion and its own broadening (alpha = 0.2, 0.2 T). Here this package solves the points
with the same settings, and with its default settings. Errors are the largest of pi Gamma A against
much finer settings of this package (Lambda = 4, 16 chains, 450 states or more, alpha = 0.08, 0.5 T,
two steps). At p10, where one step fails, second-order perturbation theory is the reference, which
is no result of an NRG. Times are of one core with one BLAS thread, the susceptibility included.

    python -m benchmarks.solver_peer
"""

from __future__ import annotations

import csv
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.common import ROOT, cpu_seconds, machine, table
from benchmarks.solver import IMPURITY
from kondoflow.systems.anderson import exact
from kondoflow.systems.anderson.baths.chain import chain_length, hoppings, twist_parameters
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.diagonalisation import diagonalise_chain
from kondoflow.systems.anderson.nrg.single_chain import solve_chain
from kondoflow.systems.anderson.nrg.symmetry import charge_spin
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectra import spectral_functions
from kondoflow.systems.anderson.spectral.broadening import Broadening
from kondoflow.systems.anderson.z_average import diagonalise
from validation import second_order
from validation.common import DEFAULT

FOLDER = ROOT / "validation/reference"
FINE = dataclasses.replace(
    DEFAULT, Lambda=4.0, n_z=16, n_keep=450, broadening=Broadening(0.08, 0.5)
)
PERTURBATIVE = "p10"  # T = U, where second order in the self-energy holds
KEPT = (375, 535, 725)  # least numbers of states that keep about 200, 300 and 400 multiplets
KEPT_IN_A_FIELD = 525  # that keeps about 700 states
COLD = ("p1", "p2")  # T far below T_chi, so that Friedel's sum rule holds
NEAR_BAND_EDGE = 0.9  # in D; beyond it second order and the solver continue differently


def like_the_other(impurity: Impurity) -> Settings:
    """Settings that keep as many states as the other code did, with its estimator and widths."""
    chains, kept = (8, KEPT[1]) if impurity.B == 0 else (4, KEPT_IN_A_FIELD)
    return dataclasses.replace(
        DEFAULT,
        Lambda=3.0,
        n_z=chains,
        n_keep=kept,
        estimator="ratio",
        broadening=Broadening(0.2, 0.2),
    )


def stored() -> Iterator[tuple[str, Impurity, list[np.ndarray]]]:
    """Points of the other code: name, parameters, and a table (omega, pi Gamma A) for each spin."""
    with (FOLDER / "points.csv").open() as file:
        for row in csv.DictReader(file):
            values = [float(row[name]) for name in ("U", "Gamma", "eps_d", "B", "T")]
            suffixes = ("",) if values[3] == 0 else ("-u", "-d")
            files = [FOLDER / f"spectrum_{row['point']}{suffix}.csv" for suffix in suffixes]
            yield row["point"], Impurity(*values), [_columns(path) for path in files]


def _columns(path: Path) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", skiprows=1).T


def solved(impurity: Impurity, settings: Settings) -> np.ndarray:
    """Spectra pi Gamma A, (spin, omega)."""
    return spectral_functions(diagonalise(impurity, settings), impurity, settings)


def rows() -> Iterator[list[object]]:
    """Errors and times at each point."""
    for name, impurity, theirs in stored():
        same = like_the_other(impurity)
        started = time.process_time()
        equal = solved(impurity, same)
        seconds = time.process_time() - started
        default = solved(impurity, DEFAULT)
        usual = cpu_seconds(lambda: solved(impurity, DEFAULT), repeats=3)  # noqa: B023
        fine = exact_or_fine(name, impurity)
        inside = np.abs(DEFAULT.omega) < NEAR_BAND_EDGE
        for spin, (omega, known) in enumerate(theirs):
            on_grid = np.interp(DEFAULT.omega, omega, known)
            errors = [
                np.abs(each - fine[spin])[inside].max()
                for each in (on_grid, equal[spin], default[spin])
            ]
            deviation = np.abs(equal[spin] - on_grid)[inside].max()
            yield [
                name + ("" if len(theirs) == 1 else ("-u", "-d")[spin]),
                f"{impurity.T:g}",
                f"{deviation:.4f}",
                *(f"{error:.4f}" for error in errors),
                f"{errors[0] / errors[2]:.1f}",
                f"{seconds:.2f}",
                f"{usual:.3f}",
                f"{seconds / usual:.0f}",
            ]


def exact_or_fine(name: str, impurity: Impurity) -> np.ndarray:
    """The reference, (spin, omega)."""
    if name == PERTURBATIVE:
        return second_order.spectrum(DEFAULT.omega, impurity.U, impurity.Gamma, impurity.T)[None]
    return solved(impurity, FINE)


def friedel_rows() -> Iterator[list[object]]:
    """Height at omega = 0 of both codes against Friedel's sum rule."""
    for name, impurity, theirs in stored():
        if name in COLD:
            raw = diagonalise(impurity, DEFAULT)
            n_imp = exact.displaced_charge(raw.occupation[0], raw.histogram[0, 0], impurity.Gamma)
            height = float(exact.friedel_height(n_imp))
            heights = [
                np.interp(0.0, *theirs[0]),
                np.interp(0.0, DEFAULT.omega, spectral_functions(raw, impurity, DEFAULT)[0]),
            ]
            yield [name, f"{height:.4f}", *(f"{each - height:+.4f}" for each in heights)]


def chain_rows() -> Iterator[list[object]]:
    """Time of one chain that keeps as many states as a number of multiplets."""
    U, Gamma, eps_d, _, T, _ = dataclasses.astuple(IMPURITY)
    chain = hoppings(3.0, float(twist_parameters(4)[1]), chain_length(T, 3.0))
    amplitudes = np.concatenate([[np.sqrt(2 * Gamma / np.pi)], chain])
    onsite = np.zeros(len(amplitudes))
    for n_keep in KEPT:
        symmetry = charge_spin()
        shells = diagonalise_chain(eps_d, U, 0.0, amplitudes, onsite, n_keep, symmetry)
        kept = np.mean(
            [[shell.n_kept.sum(), shell.n_kept @ shell.degeneracy] for shell in shells[5:-1]],
            axis=0,
        )
        arguments = (eps_d, U, 0.0, np.array([T]), amplitudes, onsite, n_keep, symmetry, True, True)
        seconds = cpu_seconds(lambda: solve_chain(*arguments), repeats=3)  # noqa: B023
        yield [n_keep, f"{kept[0]:.0f}", f"{kept[1]:.0f}", f"{seconds:.2f}"]


def main() -> None:
    """Print the tables."""
    header = ["point", "T", "same settings: difference", "error: C++", "same settings", "default"]
    header += ["C++ / default", "CPU s: same settings", "default", "ratio"]
    print(f"{machine()}\n")
    print(table(header, rows()), end="\n\n")
    header = ["point", "sin^2(pi n_imp/2)", "C++: difference", "default"]
    print(table(header, friedel_rows()), end="\n\n")
    print(table(["n_keep", "multiplets", "states", "CPU s a chain"], chain_rows()))


if __name__ == "__main__":
    main()
