"""Accuracy of the solver: exact results, convergence, and a stroll through the whole box.

python -m validation.accuracy            all tables, about 20 minutes on two cores
python -m validation.accuracy friedel    one of them
"""

from __future__ import annotations

import dataclasses
import sys
import time

import numpy as np

from benchmarks.common import print_tables, table
from kondoflow.systems.anderson import exact
from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.kondo_scale import haldane_kondo_temperature
from kondoflow.systems.anderson.nrg.bins import bin_centres
from kondoflow.systems.anderson.spectra import spectral_functions
from kondoflow.systems.anderson.z_average import diagonalise
from validation import references, spin
from validation.common import DEFAULT, SEED, low_field_points, solutions, with_states

SETTINGS = [
    *[(3.0, 200), (4.0, 120), (4.0, 200), (5.0, 120), (6.0, 80), (6.0, 100), (6.0, 120)],
    *[(7.0, 64), (7.0, 72), (7.0, 80), (7.0, 90), (7.0, 100), (8.0, 64), (8.0, 80)],
]
REFERENCE = (3.0, 700)


def convergence() -> str:
    """Largest error of pi Gamma A and of T_chi against the reference settings."""
    impurities = low_field_points(24)
    reference = solutions(impurities, with_states(*REFERENCE))
    rows = []
    for Lambda, n_keep in SETTINGS:
        found = solutions(impurities, with_states(Lambda, n_keep))
        pairs = list(zip(found, reference, strict=True))
        error = [np.abs(a.spectral_function - b.spectral_function).max() for a, b in pairs]
        scale = [abs(a.T_chi / b.T_chi - 1) for a, b in pairs]
        filling = [abs(a.occupation[0] - b.occupation[0]) for a, b in pairs]
        seconds = np.mean([a.cpu_seconds for a in found])
        rows.append(
            [
                f"{Lambda:g}",
                n_keep,
                f"{np.median(error):.4f}",
                f"{max(error):.4f}",
                f"{np.median(scale):.4f}",
                f"{max(scale):.4f}",
                f"{max(filling):.1e}",
                f"{seconds:.2f}",
            ]
        )
    header = ["Lambda", "n_keep", "A: median", "A: max", "T_chi: median", "T_chi: max", "n: max"]
    title = f"24 points of low_field against Lambda = {REFERENCE[0]:g}, {REFERENCE[1]} states\n\n"
    return title + table([*header, "CPU s a spectrum"], rows)


def friedel() -> str:
    """Friedel's sum rule at 100 random points, both estimators."""
    rows = []
    for Lambda, n_keep in ((DEFAULT.Lambda, DEFAULT.n_keep), (4.0, 200)):
        settings = with_states(Lambda, n_keep)
        direct = dataclasses.replace(settings, estimator="direct")
        errors = []
        for impurity in low_field_points(100):
            raw = diagonalise(impurity, settings)
            n_imp = exact.displaced_charge(raw.occupation[0], raw.histogram[0, 0], impurity.Gamma)
            heights = [
                spectral_functions(raw, impurity, each)[0, len(DEFAULT.omega) // 2]
                for each in (settings, direct)
            ]
            errors.append(np.abs(np.array(heights) - exact.friedel_height(n_imp)))
        median, largest = np.median(errors, axis=0), np.max(errors, axis=0)
        cells = [f"{x:.1e}" for pair in zip(median, largest, strict=True) for x in pair]
        rows.append([f"{Lambda:g}", n_keep, *cells])
    header = ["Lambda", "n_keep", "self-energy: median", "max", "direct: median", "max"]
    return "pi Gamma A(0) - sin^2(pi n_imp/2), 100 points of low_field\n\n" + table(header, rows)


def bethe_ansatz() -> str:
    """Susceptibility of the symmetric model; the deviation grows with Gamma/D: a finite band."""
    ratios, widths = (1, 2, 4, 8, 12, 15, 20, 25), (5e-4, 2e-3, 1e-2)
    rows = []
    for ratio in ratios:
        cells = []
        for Gamma in widths:
            U = ratio * Gamma
            T = max(1e-9, 1e-3 * float(haldane_kondo_temperature(U, Gamma, -U / 2)))
            raw = diagonalise(Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=T), DEFAULT)
            known = exact.bethe_ansatz_susceptibility(U, Gamma)
            cells.append(f"{100 * (raw.spin_susceptibility / known - 1):+.2f} %")
        rows.append([ratio, *cells])
    header = ["U/Gamma", *(f"Gamma = {Gamma:g}" for Gamma in widths)]
    return "chi against the Bethe ansatz, default settings\n\n" + table(header, rows)


def resonant_level() -> str:
    """U = 0, direct: with the self-energy estimator Sigma = 0 is exact by construction."""
    direct, rows = dataclasses.replace(DEFAULT, estimator="direct"), []
    for Gamma, eps_d in ((0.02, 0.01), (0.05, -0.05), (0.005, 0.0)):
        impurity = Impurity(U=0.0, Gamma=Gamma, eps_d=eps_d, B=0.0, T=1e-6)
        spectrum = spectral_functions(diagonalise(impurity, direct), impurity, direct)
        known = exact.resonant_level(DEFAULT.omega, eps_d, Gamma)
        rows.append([Gamma, eps_d, f"{np.abs(spectrum[0] - known).max():.1e}"])
    title = "U = 0, direct estimator: what discretisation and broadening leave\n\n"
    return title + table(["Gamma", "eps_d", "largest error"], rows)


def moments() -> str:
    """First two moments of the peaks against their exact values.

    These are eps + U n and V^2 + eps^2 + (2 eps + U) U n, with V^2 = 2 Gamma/pi and n the
    occupation of the other spin.
    """
    first, second = [], []
    centres = bin_centres()
    for impurity in low_field_points(50):
        raw = diagonalise(impurity, DEFAULT)
        U, eps, n = impurity.U, impurity.eps_d, raw.occupation[1]
        negative, positive = raw.histogram[0, 0]
        V2 = 2 * impurity.Gamma / np.pi
        first.append((positive - negative) @ centres - (eps + U * n))
        expected = V2 + eps**2 + (2 * eps + U) * U * n
        second.append(((positive + negative) @ centres**2) / expected - 1)
    rows = [
        ["first, error / D", f"{np.median(np.abs(first)):.1e}", f"{np.abs(first).max():.1e}"],
        ["second, rel. error", f"{np.median(np.abs(second)):.1e}", f"{np.abs(second).max():.1e}"],
    ]
    return "Spectral moments, 50 points of low_field\n\n" + table(["moment", "median", "max"], rows)


def high_temperature_and_field() -> str:
    """Large T and fields up to 5 T, against many states."""
    rows = []
    for T in (1e-3, 1e-2, 0.1):
        for field in (0.0, 1.0, 5.0):
            impurity = Impurity(U=0.2, Gamma=0.02, eps_d=-0.08, B=field * T, T=T)
            many = solutions([impurity], with_states(4.0, 200 if field else 400))[0]
            ours = solutions([impurity], DEFAULT)[0]
            error = np.abs(ours.spectral_function - many.spectral_function).max()
            filling = max(abs(a - b) for a, b in zip(ours.occupation, many.occupation, strict=True))
            rows.append([f"{T:g}", f"{field:g} T", f"{error:.4f}", f"{filling:.1e}"])
    title = (
        "U = 0.2, Gamma = 0.02, eps_d = -0.08, against Lambda = 4 and 200 states (400 at B = 0)\n\n"
    )
    return title + table(["T", "B", "largest error of pi Gamma A", "of an occupation"], rows)


def whole_box() -> str:
    """2,000 random points of the whole box: nothing may fail."""
    rng = np.random.default_rng(SEED)
    impurities = []
    for _ in range(2000):
        U = 0.0 if rng.random() < 0.02 else 0.5 * rng.random()
        B = 0.0 if rng.random() < 0.25 else rng.choice([-1, 1]) * 10 ** rng.uniform(-6, -1)
        impurities.append(
            Impurity(
                U=U,
                Gamma=10 ** rng.uniform(-3, -1),
                eps_d=rng.uniform(-1.5, 0.5) * U if U else rng.uniform(-0.2, 0.2),
                B=float(B),
                T=10 ** rng.uniform(-7, -1),
            )
        )
    started = time.monotonic()
    found = solutions(impurities, DEFAULT)
    spectra = np.array([solution.spectral_function for solution in found])
    widths = np.diff(cell_edges(DEFAULT.omega))
    Gamma = np.array([impurity.Gamma for impurity in impurities])
    weight = (spectra * widths).sum(axis=-1) / (np.pi * Gamma[:, None])
    stored = " to ".join(f"{share:.4f}" for share in np.quantile(weight, [0.01, 0.99]))
    rows: list[list[object]] = [
        ["points", len(found)],
        ["spectra that are not finite", int((~np.isfinite(spectra)).any(axis=(1, 2)).sum())],
        ["spectra with a negative value", int((spectra < 0).any(axis=(1, 2)).sum())],
        ["largest error of the raw weight", f"{max(s.spectral_weight_error for s in found):.1e}"],
        ["stored weight, 1 % to 99 % of the spectra", stored],
        ["T_chi not finite or negative", sum(not 0 < s.T_chi < np.inf for s in found)],
        ["solutions that are not valid", sum(bool(s.status) for s in found)],
        ["CPU s a spectrum", f"{np.mean([s.cpu_seconds for s in found]):.2f}"],
        ["wall s", f"{time.monotonic() - started:.0f}"],
    ]
    return "U 0..0.5, Gamma 0.001..0.1, eps_d -1.5 U..0.5 U, |B| to 0.1, T 1e-7..0.1\n\n" + table(
        ["whole box", ""], rows
    )


TABLES = (
    references.weak_interaction,
    references.another_code,
    references.imaginary_axis,
    references.atomic_limit,
    references.narrow_broadening,
    references.interleaving,
    spin.shiba_relation,
    spin.spin_without_interaction,
    spin.response_in_a_field,
    convergence,
    friedel,
    bethe_ansatz,
    resonant_level,
    moments,
    high_temperature_and_field,
    whole_box,
)

if __name__ == "__main__":
    print_tables(
        f"default settings Lambda = {DEFAULT.Lambda:g}, n_keep = {DEFAULT.n_keep}",
        TABLES,
        sys.argv[1:],
    )
