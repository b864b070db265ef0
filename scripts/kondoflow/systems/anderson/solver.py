"""One parameter set -> spectra and expectation values, averaged over interleaved chains."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from kondoflow.systems.anderson.broadening import Broadening, broaden
from kondoflow.systems.anderson.chain import chain_length, hoppings, twist_parameters
from kondoflow.systems.anderson.contract import Status
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.kondo_scale import haldane_kondo_temperature
from kondoflow.systems.anderson.quality import assess_solution
from kondoflow.systems.anderson.self_energy import (
    cell_averages,
    misses_poles,
    self_energy,
    spectrum_of_self_energy,
)
from kondoflow.systems.anderson.single_chain import solve_chain
from kondoflow.systems.anderson.symmetry import charge_spin, charge_sz


@dataclass(frozen=True)
class Settings:
    """Everything beside the physical parameters that a solution depends on.

    Attributes:
        Lambda: Discretisation parameter.
        n_z: Number of interleaved chains.
        n_keep: Least number of states kept in an iteration; `diagonalisation.WINDOW` times as many
            at most.
        broadening: Widths of the two broadening steps.
        estimator: "self_energy" or "direct".
        susceptibility: Whether the spin susceptibility is computed.
        omega: Stored frequencies, (n,).
        keep_raw: Whether solutions carry what comes before broadening.
    """

    Lambda: float
    n_z: int
    n_keep: int
    broadening: Broadening
    estimator: str
    susceptibility: bool
    omega: np.ndarray
    keep_raw: bool = False

    @classmethod
    def from_config(cls, solver: Mapping[str, Any], omega: Mapping[str, Any]) -> Settings:
        """Settings from the sections `solver` and `omega` of the configuration."""
        return cls(
            Lambda=float(solver["Lambda"]),
            n_z=int(solver["n_z"]),
            n_keep=int(solver["n_keep"]),
            broadening=Broadening(float(solver["alpha"]), float(solver["thermal_width"])),
            estimator=solver["estimator"],
            susceptibility=bool(solver["susceptibility"]),
            omega=stored_grid(int(omega["n_side"]), float(omega["min"]), float(omega["max"])),
            keep_raw=bool(solver["keep_raw"]),
        )


@dataclass(frozen=True)
class Raw:
    """Chain-averaged result of the diagonalisations, before broadening.

    Attributes:
        histogram: Weights [spin, correlator (d, F), sign, bin]; one spin at B = 0.
        occupation: Occupations (n_up, n_down).
        double_occupation: Probability of double occupation.
        spin_susceptibility: Static susceptibility at B = 0, NaN if not asked for.
        cpu_seconds: Processor time.
    """

    histogram: np.ndarray
    occupation: tuple[float, float]
    double_occupation: float
    spin_susceptibility: float
    cpu_seconds: float

    @property
    def weight_error(self) -> float:
        """Largest deviation of a spin's spectral weight from 1."""
        return float(np.abs(self.histogram[:, 0].sum(axis=(1, 2)) - 1).max())


@dataclass(frozen=True)
class Solution:
    """What is stored for one parameter set (names and units as in the data contract)."""

    spectral_function: np.ndarray  # (spin, omega)
    occupation: tuple[float, float]
    double_occupation: float
    spin_susceptibility: float
    T_chi: float
    T_K_haldane: float
    half_width_below: float
    half_width_above: float
    half_width: float
    spectral_weight_error: float
    cpu_seconds: float
    status: Status
    causality_cuts: int
    raw: Raw | None


def solve(impurity: Impurity, settings: Settings) -> Solution:
    """Solve one impurity problem.

    Raises:
        InputError: If a parameter lies outside the solver's bounds.
        ValueError: If LAPACK fails or is given numbers that are not finite.
        ArithmeticError: If a division fails.
    """
    impurity.check()
    return finish(impurity, diagonalise(impurity, settings), settings)


def finish(impurity: Impurity, raw: Raw, settings: Settings) -> Solution:
    """Broaden a raw result, which can be repeated with other settings of this step alone.

    Args:
        impurity: The parameters.
        raw: Result of `diagonalise`.
        settings: Of these, broadening, estimator and stored grid count.
    """
    started = time.process_time()
    spectra, cuts = spectral_functions(raw, impurity, settings)
    below, above = half_widths(settings.omega, spectra.mean(axis=0))
    return Solution(
        spectral_function=spectra,
        occupation=raw.occupation,
        double_occupation=raw.double_occupation,
        spin_susceptibility=raw.spin_susceptibility,
        T_chi=1 / (4 * raw.spin_susceptibility),
        T_K_haldane=float(haldane_kondo_temperature(impurity.U, impurity.Gamma, impurity.eps_d)),
        half_width_below=below,
        half_width_above=above,
        half_width=(below + above) / 2,
        spectral_weight_error=raw.weight_error,
        cpu_seconds=raw.cpu_seconds + time.process_time() - started,
        status=assess_solution(spectra, raw.occupation, raw.weight_error),
        causality_cuts=cuts,
        raw=raw if settings.keep_raw else None,
    )


def diagonalise(impurity: Impurity, settings: Settings) -> Raw:
    """Everything that comes before broadening, averaged over the interleaved chains.

    In a field the susceptibility is that of a second run without it.

    Args:
        impurity: The parameters.
        settings: Of these, Lambda, n_z, n_keep and susceptibility count.

    Raises:
        ValueError: If LAPACK fails or is given numbers that are not finite.
    """
    started = time.process_time()
    chains = [_one_chain(impurity, float(z), settings) for z in twist_parameters(settings.n_z)]
    histograms, probabilities, susceptibilities = zip(*chains, strict=True)
    _, up, down, double = np.mean(probabilities, axis=0)
    return Raw(
        histogram=np.moveaxis(np.mean(histograms, axis=0), -1, 1),
        occupation=(float(up + double), float(down + double)),
        double_occupation=float(double),
        spin_susceptibility=float(np.mean(susceptibilities)),
        cpu_seconds=time.process_time() - started,
    )


def _one_chain(
    impurity: Impurity, z: float, settings: Settings
) -> tuple[np.ndarray, np.ndarray, float]:
    U, Gamma, eps_d, B, T = astuple(impurity)
    chain = hoppings(settings.Lambda, z, chain_length(T, settings.Lambda))
    amplitudes = np.concatenate([[np.sqrt(2 * Gamma / np.pi)], chain])

    def on_chain(B: float, wants_spectra: bool, wants_response: bool) -> tuple:
        symmetry = charge_spin() if B == 0 else charge_sz()
        wanted = wants_spectra, wants_response
        return solve_chain(eps_d, U, B, T, amplitudes, settings.n_keep, symmetry, *wanted)

    histogram, probabilities, chi = on_chain(B, True, settings.susceptibility and B == 0)
    if settings.susceptibility and B != 0:
        *_, chi = on_chain(0.0, False, True)
    return histogram, probabilities, chi


def spectral_functions(raw: Raw, impurity: Impurity, settings: Settings) -> tuple[np.ndarray, int]:
    """Broaden the peaks and average over the cells of the stored grid.

    Args:
        raw: Result of `diagonalise`.
        impurity: The parameters.
        settings: Broadening, estimator and stored grid.

    Returns:
        pi Gamma A, (spin, omega) for spin up and down, and the number of frequencies at which
        causality of the self-energy had to be imposed.
    """
    omega, Gamma = settings.omega, impurity.Gamma
    finest = float(omega[omega > 0].min())
    nodes, correlators = broaden(raw.histogram, impurity.T, settings.broadening, finest)
    spectra, cuts = [], 0
    for (green, correlator), eps in zip(correlators, impurity.levels, strict=False):
        direct = cell_averages(omega, nodes, -Gamma * green.imag)
        if settings.estimator == "direct":
            spectra.append(direct)
            continue
        sigma, n_cut = self_energy(green, correlator)
        spectrum = spectrum_of_self_energy(omega, nodes, sigma, eps, Gamma)
        spectra.append(direct if misses_poles(omega, spectrum, direct, Gamma) else spectrum)
        cuts += n_cut
    return np.array(spectra if len(spectra) == 2 else spectra * 2), cuts


def half_widths(omega: np.ndarray, spectrum: np.ndarray) -> tuple[float, float]:
    """Distances from omega = 0 at which a spectrum has fallen to half its value at 0.

    Args:
        omega: Symmetric grid with 0, (n,).
        spectrum: Values, (n,).

    Returns:
        The first crossing below and above 0, by linear interpolation; NaN where the spectrum does
        not fall that low on a side, or vanishes at 0.
    """
    centre = len(omega) // 2
    below = _first_crossing(-omega[centre::-1], spectrum[centre::-1])
    return below, _first_crossing(omega[centre:], spectrum[centre:])


def _first_crossing(x: np.ndarray, values: np.ndarray) -> float:
    """The first x at which values, (n,), have fallen to half the first of them, or NaN."""
    half = values[0] / 2
    low = np.flatnonzero(values <= half)
    if half <= 0 or len(low) == 0:
        return float("nan")
    k = low[0]
    share = (values[k - 1] - half) / (values[k - 1] - values[k])
    return float(x[k - 1] + share * (x[k] - x[k - 1]))
