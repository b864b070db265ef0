"""Baths: chains, exact levels, fixed points, and what the average over z leaves.

    python -m validation.baths

prints the tables of `baths.md`.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tempfile
import time

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits

from benchmarks.common import machine, table
from kondoflow.systems.anderson.baths.bath import Bath
from kondoflow.systems.anderson.baths.bath_file import BathTable
from kondoflow.systems.anderson.baths.chain import chain_length, hoppings, tridiagonalise
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.baths.tabulated import Tabulated
from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.sweep import solve_points
from validation.common import DEFAULT

OMEGA = np.linspace(-1, 1, 401)


def tabulated(Delta: np.ndarray) -> Tabulated:
    """A bath from a table on `OMEGA`."""
    return Tabulated.of(BathTable(tuple(OMEGA.tolist()), tuple(Delta.tolist())))


ASYMMETRIC = tabulated(0.02 * np.sqrt(1 - OMEGA**2) + 0.01 * np.maximum(OMEGA, 0))
GAPPED = tabulated(
    np.where(OMEGA < -0.1, 1 + OMEGA, 0) + np.where(OMEGA > 0.2, np.sqrt(np.abs(OMEGA - 0.2)), 0)
)


def chains() -> str:
    """Tables of closed forms against the closed forms, and processor time."""
    power = np.geomspace(1e-12, 1, 4000)
    x = np.concatenate([-power[::-1], [0.0], power])
    law = Tabulated.of(BathTable(tuple(x.tolist()), tuple((np.abs(x) ** 0.35).tolist())))
    cases = [
        ("flat", tabulated(np.ones(401)), 0.0),
        ("abs(omega)^0.35, 8,001 rows", law, 0.35),
        ("asymmetric", ASYMMETRIC, None),
        ("asymmetric, with a gap", GAPPED, None),
    ]
    rows = []
    for name, bath, r in cases:
        for Lambda, T in ((7.0, 1e-6), (2.0, 1e-9)):
            n = chain_length(T, Lambda)
            started = time.process_time()
            onsite, found = tridiagonalise(bath, Lambda, 0.5, n)
            seconds = time.process_time() - started
            error = "-"
            if r is not None:
                error = f"{np.abs(found / hoppings(Lambda, 0.5, n, r) - 1).max():.1e}"
            largest = f"{np.abs(onsite).max():.1e}"
            rows.append([name, Lambda, f"{T:g}", len(onsite), error, largest, f"{seconds:.2f}"])
    header = ["table", "Lambda", "T", "sites", "relative error of hoppings"]
    header += ["largest on-site energy", "CPU seconds"]
    return "Chains of tables against closed forms\n\n" + table(header, rows)


def exact_level(
    bath: Bath, Gamma: float, eps: float, edges: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and integrals of A without interaction, n parts between neighbouring edges."""
    parts = np.linspace(edges[:-1], edges[1:], n, endpoint=False).T.ravel()
    omega = np.append(parts, edges[-1])
    y = omega - eps - hybridisation(omega, Gamma, bath) + 1e-15j
    weights = -np.diff(omega) * (np.diff(np.log(y)) / np.diff(y)).imag / math.pi
    return (omega[1:] + omega[:-1]) / 2, weights


def without_interaction() -> str:
    """Spectra and occupations at U = 0 against exact ones."""
    fine = dataclasses.replace(DEFAULT, Lambda=3.0, n_keep=300)
    cases: list[tuple[str, Bath, float, float, float]] = [
        ("flat", PowerLaw(0.0), 0.02, 0.03, 1e-5),
        ("r = 0.4", PowerLaw(0.4), 0.02, 0.03, 1e-5),
        ("r = 0.8", PowerLaw(0.8), 0.05, -0.03, 1e-5),
        ("asymmetric table", ASYMMETRIC, 0.02, -0.05, 1e-5),
        ("table with a gap, level in it", GAPPED, 0.02, 0.12, 5e-3),
        ("table with a gap, level in a band", GAPPED, 0.02, -0.3, 5e-3),
    ]
    rows = []
    for name, bath, Gamma, eps, T in cases:
        edges = cell_edges(DEFAULT.omega)
        _, cells = exact_level(bath, Gamma, eps, edges, 400)
        spectrum = math.pi * Gamma * cells.reshape(-1, 400).sum(axis=1) / np.diff(edges)
        middle, weights = exact_level(bath, Gamma, eps, np.array([-3, -1e-7, 1e-7, 3]), 200000)
        occupation = float((weights * expit(-middle / T)).sum())
        cells_of = [name, Gamma, eps, f"{T:g}", f"{spectrum.max():.3f}"]
        for settings in (DEFAULT, fine):
            own = dataclasses.replace(settings, bath=bath)
            found = solve(Impurity(0.0, Gamma, eps, 0.0, T), own)
            error = np.abs(found.spectral_function[0] - spectrum).max()
            cells_of += [f"{error:.1e}", f"{found.occupation[0] - occupation:.1e}"]
        rows.append(cells_of)
    header = ["bath", "Gamma", "eps_d", "T", "largest pi Gamma A", "its error", "n_d, error"]
    header += ["its error, Lambda = 3", "n_d, error, Lambda = 3"]
    return "Without interaction, against exact cell averages and occupations\n\n" + table(
        header, rows
    )


def fixed_points() -> str:
    """The symmetric pseudogap model against its fixed points."""
    settings = dataclasses.replace(DEFAULT, store=("thermodynamics",))
    T = np.array([1e-9, 1e-7, 1e-5, 1e-3])
    rows = []
    for r, Gamma in ((0.1, 0.1), (0.2, 0.1), (0.3, 0.1), (0.45, 0.2), (0.3, 0.003), (0.7, 0.1)):
        U = 0.01 if r == 0.45 else 0.1
        found = solve_points(settings, U=U, Gamma=Gamma, eps_d=-U / 2, T=T, r=r)
        screened = r < 0.5 and Gamma > 0.01
        expected = (r / 8, 2 * r * math.log(2)) if screened else (0.25, math.log(2))
        moment = ", ".join(f"{x:.4f}" for x in found["impurity_moment"].to_numpy())
        entropy = ", ".join(f"{x:.4f}" for x in found["impurity_entropy"].to_numpy())
        known = [f"{expected[0]:.4f}", entropy, f"{expected[1]:.4f}"]
        rows.append([r, U, Gamma, moment, *known])
    header = ["r", "U", "Gamma", "T chi at T = 1e-9, 1e-7, 1e-5, 1e-3", "fixed point"]
    header += ["entropy at these T", "fixed point"]
    text = "Symmetric pseudogap model; T chi is r/8 and the entropy 2 r log 2 where the moment is "
    text += (
        "screened, 1/4 and log 2 where it is free (C. Gonzalez-Buxton and K. Ingersent, PRB 57, "
    )
    return text + "14254 (1998))\n\n" + table(header, rows)


def artefacts() -> str:
    """Spectra of n_z interleaved chains against those of sixteen, at equal broadening."""
    rows = []
    cases: list[tuple[str, Bath, float]] = [
        ("flat, U = 0.1", PowerLaw(0.0), 0.02),
        ("r = 0.2, U = 0.1", PowerLaw(0.2), 0.1),
        ("asymmetric table, U = 0.1", ASYMMETRIC, 0.02),
        ("table with a gap, U = 0.1", GAPPED, 0.02),
    ]
    for name, bath, Gamma in cases:
        impurity = Impurity(0.1, Gamma, -0.05, 0.0, 5e-3 if bath == GAPPED else 1e-5)
        spectra = {
            n_z: solve(impurity, _direct(bath, n_z)).spectral_function[0] for n_z in (1, 2, 4, 16)
        }
        inside = np.abs(DEFAULT.omega) < 0.9
        errors = [np.abs(spectra[n] - spectra[16])[inside].max() for n in (1, 2, 4)]
        rows.append([name, f"{spectra[16].max():.3f}", *(f"{error:.4f}" for error in errors)])
    header = ["bath", "largest pi Gamma A", "n_z = 1", "n_z = 2", "n_z = 4"]
    return (
        "Largest deviation of a spectrum from that of 16 chains, in pi Gamma A (direct estimator, "
        "Lambda = 3, alpha = 0.15)\n\n" + table(header, rows)
    )


def _direct(bath: Bath, n_z: int) -> Settings:
    broadening = dataclasses.replace(DEFAULT.broadening, alpha=0.15)
    changes = {"bath": bath, "n_z": n_z, "estimator": "direct", "Lambda": 3.0, "n_keep": 150}
    return dataclasses.replace(DEFAULT, broadening=broadening, **changes)  # type: ignore[arg-type]


def main() -> None:
    """Print all tables."""
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        os.environ["KONDOFLOW_CACHE_DIR"] = folder
        print(
            f"{machine()}; default settings Lambda = 7, n_keep = 80, where nothing else is said\n"
        )
        print("# Baths\n")
        for part in (chains, without_interaction, fixed_points, artefacts):
            print(part(), "\n", flush=True)


if __name__ == "__main__":
    main()
