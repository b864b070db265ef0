"""Tables of accuracy against references that are not this solver's own, or not its settings'."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np

from benchmarks.common import table
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectra import continuous_functions, spectral_functions
from kondoflow.systems.anderson.spectral.broadening import Broadening
from kondoflow.systems.anderson.spectral.conductance import conductance
from kondoflow.systems.anderson.spectral.matsubara import correlators, frequencies
from kondoflow.systems.anderson.z_average import diagonalise
from kondoflow.systems.sampling import sample_ensemble
from validation import second_order
from validation.common import DEFAULT, SEED, low_field_points

NARROW = dataclasses.replace(
    DEFAULT, Lambda=4.0, n_z=12, n_keep=200, broadening=Broadening(0.12, 0.5)
)
LARGE = 0.015  # error of pi Gamma A


def with_ratio(settings: Settings) -> Settings:
    """The same settings with one step of the equation of motion."""
    return dataclasses.replace(settings, estimator="ratio")


def weak_interaction() -> str:
    """Symmetric model against second order, exact for weak interaction and far above Gamma."""
    inside = np.abs(DEFAULT.omega) < 0.9
    rows = []
    for U, Gamma in ((0.0031, 0.01), (0.0094, 0.01), (0.0942, 0.1), (0.1, 0.01)):
        for T in (1e-6, 1e-3, 0.01, 0.025, 0.063, 0.2, 1.0):
            if Gamma < U and 2 * Gamma > T:
                continue
            impurity = Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=T)
            raw = diagonalise(impurity, DEFAULT)
            known = second_order.spectrum(DEFAULT.omega, U, Gamma, T)
            cells = [f"{known[len(known) // 2]:.4f}"]
            for settings in (DEFAULT, with_ratio(DEFAULT)):
                found = spectral_functions(raw, impurity, settings)[0]
                error = np.abs(found - known)[inside].max()
                cells += [f"{found[len(found) // 2]:.4f}", f"{error:.4f}"]
            rows.append([U, Gamma, f"{U / (np.pi * Gamma):.2f}", f"{T:g}", *cells])
    header = ["U", "Gamma", "U/(pi Gamma)", "T", "A(0): second order"]
    header += ["two steps", "largest error", "one step", "largest error"]
    return "pi Gamma A against second-order perturbation theory\n\n" + table(header, rows)


def another_code() -> str:
    """Points of an independent code; its spectra have one step and their own broadening."""
    folder = Path(__file__).parent / "reference"
    rows = []
    with (folder / "points.csv").open() as file:
        points = list(csv.DictReader(file))
    for point in points:
        names = ("U", "Gamma", "eps_d", "B", "T")
        impurity = Impurity(*(float(point[name]) for name in names))
        raw = diagonalise(impurity, DEFAULT)
        chi = raw.spin_susceptibility / float(point["chi"]) - 1
        filling = sum(raw.occupation) - float(point["n_d"])
        spins = ("",) if impurity.B == 0 else ("-u", "-d")
        for spin, suffix in enumerate(spins):
            file_name = f"spectrum_{point['point']}{suffix}.csv"
            omega, known = np.loadtxt(folder / file_name, delimiter=",", skiprows=1).T
            errors = []
            equal = dataclasses.replace(with_ratio(DEFAULT), broadening=Broadening(0.2, 0.2))
            for settings in (DEFAULT, with_ratio(DEFAULT), equal):
                found = spectral_functions(raw, impurity, settings)[spin]
                errors.append(f"{np.abs(np.interp(omega, DEFAULT.omega, found) - known).max():.4f}")
            values = [f"{point[name]}" for name in names]
            rows.append(
                [
                    point["point"] + suffix,
                    *values,
                    f"{filling:.1e}",
                    "-" if np.isnan(chi) else f"{chi:.2%}",
                    *errors,
                ]
            )
    header = ["point", "U", "Gamma", "eps_d", "B", "T", "n_d", "chi", "A: two steps", "one step"]
    title = "Against an independent code, whose spectra have one step, alpha = 0.2 and 0.2 T\n\n"
    return title + table([*header, "one step, broadened equally"], rows)


def imaginary_axis() -> str:
    """G at the first Matsubara frequencies and the conductance: peaks against spectra."""
    rows = []
    for T in (1e-5, 1e-4, 1e-3, 0.01, 0.1):
        for field in (0.0, 1.0, 10.0):
            impurity = Impurity(U=0.1, Gamma=0.01, eps_d=-0.04, B=min(field * T, 0.3), T=T)
            raw = diagonalise(impurity, DEFAULT)
            cells = []
            for settings in (DEFAULT, with_ratio(DEFAULT)):
                of_peaks = correlators(raw.histogram, frequencies(T)[:8])[:, 0]
                through = conductance(raw.histogram[:, 0], impurity.Gamma, T)
                green, current = [], []
                for spin, function in enumerate(continuous_functions(raw, impurity, settings)):
                    omega, spectrum = function.resolved()
                    density = spectrum * np.gradient(omega) / (np.pi * impurity.Gamma)
                    found = (1 / (1j * frequencies(T)[:8, None] - omega)) @ density
                    green.append(np.abs(found / of_peaks[spin] - 1).max())
                    thermal = 1 / (4 * T * np.cosh(np.clip(omega / (2 * T), -300, 300)) ** 2)
                    integral = (spectrum * thermal) @ np.gradient(omega)
                    current.append(abs(integral - through[spin]))
                cells += [f"{max(green):.1e}", f"{max(current):.4f}"]
            rows.append([f"{T:g}", f"{field:g} T", *cells])
    header = ["T", "B", "G: two steps", "conductance", "G: one step", "conductance"]
    title = (
        "U = 0.1, Gamma = 0.01, eps_d = -0.04: relative error of G at the first 8 Matsubara "
        "frequencies, and error of the conductance (e^2/h), spectra against peaks\n\n"
    )
    return title + table(header, rows)


def atomic_limit() -> str:
    """Thermodynamics of a level without bath against its four states."""
    settings = dataclasses.replace(DEFAULT, store=("thermodynamics",), susceptibility=False)
    rows = []
    for T in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        errors = []
        for U, eps_d, B in ((0.2, -0.1, 0.0), (0.2, -0.03, 0.0), (0.5, -0.4, 0.1)):
            impurity = Impurity(U=U, Gamma=1e-4, eps_d=eps_d, B=B, T=T)
            raw = diagonalise(impurity, settings)
            free_energy, entropy, heat, moment = raw.thermodynamics
            E = np.array([0, *impurity.levels, 2 * eps_d + U])
            p = np.exp(-(E - E.min()) / T)
            p, log_Z = p / p.sum(), np.log(p.sum())
            mean = p @ (E - E.min())
            of_spin = (p[1] + p[2]) / 4 - (p[1] - p[2]) ** 2 / 4
            known = (
                log_Z + mean / T,
                (p @ (E - E.min()) ** 2 - mean**2) / T**2,
                E.min() - T * log_Z,
                of_spin,
            )
            errors.append(np.abs(np.subtract((entropy, heat, free_energy, moment), known)))
        rows.append([f"{T:g}", *[f"{x:.1e}" for x in np.max(errors, axis=0)]])
    header = ["T", "entropy", "specific heat", "free energy", "moment"]
    title = (
        "Gamma = 1e-4: largest errors of thermodynamics at (U, eps_d, B) = (0.2, -0.1, 0), (0.2, "
        "-0.03, 0) and (0.5, -0.4, 0.1), against a level without bath\n\n"
    )
    return title + table(header, rows)


def narrow_broadening() -> str:
    """Default settings against Lambda = 4, n_z = 12, 200 states, alpha = 0.12."""
    box = load_config(Path(__file__).parent.parent / "workflow/presets/full.yaml")
    points = sample_ensemble({**box["ensembles"]["full"], "n_samples": 40}, SEED)
    impurities = [Impurity(*map(float, row)) for row in zip(*points.values(), strict=True)]
    impurities += low_field_points(20)
    errors: dict[str, list[list[float]]] = {}
    worst = []
    for impurity in impurities:
        known = spectral_functions(diagonalise(impurity, NARROW), impurity, NARROW)
        raw = diagonalise(impurity, DEFAULT)
        found = spectral_functions(raw, impurity, DEFAULT)
        one_step = spectral_functions(raw, impurity, with_ratio(DEFAULT))
        both = [float(np.abs(each - known).max()) for each in (found, one_step)]
        errors.setdefault(_regime(impurity), []).append(both)
        errors.setdefault("all", []).append(both)
        if both[0] > LARGE:
            worst.append(_with_finer_reference(impurity, found, known))
    rows = []
    for regime in ("T < U/100", "U/100 < T < U", "T > U", "all"):
        of_regime = errors[regime]
        pairs = zip(np.median(of_regime, axis=0), np.max(of_regime, axis=0), strict=True)
        cells = [f"{x:.4f}" for x in np.array(list(pairs)).ravel()]
        rows.append([regime, len(of_regime), *cells])
    header = ["points", "number", "two steps: median", "max", "one step: median", "max"]
    title = (
        "40 points of full, 20 of low_field: errors of pi Gamma A of the default settings against "
        "Lambda = 4, n_z = 12, 200 states, alpha = 0.12, half the thermal width\n\n"
    )
    where = ["U", "Gamma", "eps_d", "B", "T", "omega", "pi Gamma A", "error"]
    where += ["reference, finer", "error", "n_z = 8, alpha = 0.2"]
    text = (
        f"\n\nPoints with an error above {LARGE:g}, and a finer reference for them: 16 chains, 450 "
        "states, alpha = 0.08\n\n"
    )
    return title + table(header, rows) + text + table(where, worst)


def _with_finer_reference(impurity: Impurity, found: np.ndarray, known: np.ndarray) -> list[object]:
    """Where an error is largest, and what a finer reference says of it and of the coarser one."""
    error = np.abs(found - known)
    at = np.unravel_index(error.argmax(), error.shape)
    fine = dataclasses.replace(NARROW, n_z=16, n_keep=450, broadening=Broadening(0.08, 0.5))
    more = dataclasses.replace(DEFAULT, n_z=8, broadening=Broadening(0.2, 1.0))
    exact, option = (
        spectral_functions(diagonalise(impurity, each), impurity, each) for each in (fine, more)
    )
    errors = [np.abs(each - exact).max() for each in (known, found, option)]
    values = [f"{x:.3g}" for x in dataclasses.astuple(impurity)[:5]]
    place = [f"{DEFAULT.omega[at[-1]]:.3g}", f"{known[at]:.3f}", f"{error[at]:.4f}"]
    return [*values, *place, *(f"{x:.4f}" for x in errors)]


def _regime(impurity: Impurity) -> str:
    ratio = impurity.T / impurity.U
    return "T > U" if ratio > 1 else "U/100 < T < U" if ratio > 0.01 else "T < U/100"


def interleaving() -> str:
    """Occupations with more interleaved chains, against Lambda = 3, n_z = 8, 400 states."""
    impurities = low_field_points(12)
    operators_off = dataclasses.replace(DEFAULT, susceptibility=False)
    best = dataclasses.replace(operators_off, Lambda=3.0, n_z=8, n_keep=400)
    known = [diagonalise(impurity, best).occupation[0] for impurity in impurities]
    rows = []
    for n_keep in (80, 200):
        for n_z in (4, 8, 16):
            settings = dataclasses.replace(operators_off, n_z=n_z, n_keep=n_keep)
            found = [diagonalise(impurity, settings).occupation[0] for impurity in impurities]
            error = np.abs(np.array(found) - known)
            rows.append([n_keep, n_z, f"{np.median(error):.1e}", f"{error.max():.1e}"])
    title = "Occupations of 12 points of low_field, against Lambda = 3, n_z = 8, 400 states\n\n"
    return title + table(["n_keep", "n_z", "median", "max"], rows)
