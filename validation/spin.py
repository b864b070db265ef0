"""Tables for the spin of the impurity: its spectrum, and its response in a field."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import expit

from benchmarks.common import table
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.z_average import diagonalise
from validation.common import DEFAULT

SETTINGS = dataclasses.replace(DEFAULT, store=("thermodynamics", "spin_spectrum"))
OMEGA = DEFAULT.omega
POSITIVE = OMEGA > 0


def shiba_relation() -> str:
    """Low-frequency slope of chi'' against 2 pi chi^2, and its integral against chi."""
    rows = []
    for U, Gamma, eps_d, T in (
        (0.1, 0.01, -0.05, 1e-7),
        (0.1, 0.01, -0.03, 1e-6),
        (0.2, 0.02, 0.0, 1e-6),
        (0.1, 0.02, -0.05, 1e-6),
        (0.05, 0.02, -0.04, 1e-5),
    ):
        solution = solve(Impurity(U=U, Gamma=Gamma, eps_d=eps_d, B=0.0, T=T), SETTINGS)
        found, chi = solution.extra["spin_spectrum"], solution.spin_susceptibility
        low = (5 * T < OMEGA) & (0.05 * solution.T_chi > OMEGA)
        ratio = found[low] / OMEGA[low] / (2 * np.pi * chi**2)
        integral = np.trapezoid(found[POSITIVE], np.log(OMEGA[POSITIVE])) + found[POSITIVE][0]
        static = f"{2 / np.pi * integral / chi - 1:+.1e}"
        slopes = f"{ratio.min():.3f} to {ratio.max():.3f}"
        rows.append([U, Gamma, eps_d, f"{T:g}", f"{ratio.mean():.3f}", slopes, static])
    header = ["U", "Gamma", "eps_d", "T", "chi''/(2 pi omega chi^2)", "range", "integral / chi - 1"]
    title = "Spectrum of the spin between 5 T and T_chi/20, and the Kramers-Kronig integral\n\n"
    return title + table(header, rows)


def spin_without_interaction() -> str:
    """U = 0: chi'' against the exact bubble."""
    rows, at = [], np.flatnonzero(POSITIVE)[::4]
    for Gamma in (0.01, 0.1):
        for T in (1e-6, 1e-4, 1e-3, 0.01, 0.1):
            impurity = Impurity(U=0.0, Gamma=Gamma, eps_d=-0.004, B=0.0, T=T)
            exact = np.array([_bubble(impurity, omega) for omega in OMEGA[at]])
            found = solve(impurity, SETTINGS).extra["spin_spectrum"][at]
            error = np.abs(found - exact).max() / exact.max()
            slope = found[0] / exact[0] - 1
            rows.append([Gamma, f"{T:g}", f"{error:.3f}", f"{slope:+.3f}"])
    header = ["Gamma", "T", "largest error / maximum", "slope at 0, relative"]
    return "chi'' without interaction against the exact bubble\n\n" + table(header, rows)


def _bubble(impurity: Impurity, omega: float) -> float:
    side = np.geomspace(1e-9, 1.2, 6000)
    eps, Gamma, T = impurity.eps_d, impurity.Gamma, impurity.T
    x = np.unique(np.concatenate([at + sign * side for at in (0.0, eps) for sign in (-1, 1)]))

    def density(y: np.ndarray) -> np.ndarray:
        inside = np.abs(y) < 1
        safe = np.where(inside, y, 0.0)
        return np.where(inside, -(1 / (safe - eps - hybridisation(safe, Gamma))).imag / np.pi, 0.0)

    filled = expit(-x / T) - expit(-(x + omega) / T)
    return float(np.pi / 2 * np.trapezoid(density(x) * density(x + omega) * filled, x))


def response_in_a_field() -> str:
    """d<S_z>/dB from the spin's response against differences of magnetisations."""
    plain = dataclasses.replace(DEFAULT, susceptibility=False)
    rows = []
    for T, B in (
        (1e-2, 3e-2),
        (1e-3, 2e-3),
        (1e-3, 1e-2),
        (1e-4, 1e-4),
        (1e-4, 1e-3),
        (1e-6, 1e-3),
    ):
        impurity = Impurity(U=0.1, Gamma=0.01, eps_d=-0.04, B=B, T=T)
        below, above = (
            diagonalise(dataclasses.replace(impurity, B=share * B), plain).occupation
            for share in (0.95, 1.05)
        )
        slope = ((above[0] - above[1]) - (below[0] - below[1])) / (0.2 * B)
        found = float(solve(impurity, SETTINGS).extra["differential_susceptibility"])
        rows.append([f"{T:g}", f"{B:g}", f"{found:.4g}", f"{found / slope - 1:+.2%}"])
    title = (
        "U = 0.1, Gamma = 0.01, eps_d = -0.04: response to a field on the impurity, in a field\n\n"
    )
    return title + table(["T", "B", "d<S_z>/dB", "against differences"], rows)
