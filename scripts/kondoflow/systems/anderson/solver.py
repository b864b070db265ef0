"""One parameter set -> spectra and expectation values."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from kondoflow.systems.anderson.contract import Status
from kondoflow.systems.anderson.extra import extra
from kondoflow.systems.anderson.features import features
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.kondo_scale import haldane_kondo_temperature
from kondoflow.systems.anderson.nrg.raw import Raw
from kondoflow.systems.anderson.quality import assess_solution
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectra import continuous_functions, stored_spectra
from kondoflow.systems.anderson.z_average import diagonalise


@dataclass(frozen=True)
class Solution:
    """What is stored for one parameter set (names and units as in the data contract)."""

    spectral_function: np.ndarray  # (spin, omega)
    spectral_function_at_0: np.ndarray  # (spin,), like all of the resonance
    resonance_position: np.ndarray
    resonance_height: np.ndarray
    resonance_width_below: np.ndarray
    resonance_width_above: np.ndarray
    half_width: float
    distance_to_half_below: float
    distance_to_half_above: float
    distance_to_half: float
    below_grid: int
    occupation: tuple[float, float]
    double_occupation: float
    spin_susceptibility: float
    T_chi: float
    T_K_haldane: float
    spectral_weight_error: float
    causality_cut: float
    truncation_energy: float
    cpu_seconds: float
    status: Status
    raw: Raw | None
    extra: Mapping[str, np.ndarray] = field(default_factory=dict)


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
        settings: Of these, those of broadening, estimator, stored grid and bath count, and what
            is stored.
    """
    started = time.process_time()
    # In one layout: sums over another one, as that of peaks read from a file, round differently.
    raw = replace(raw, histogram=np.array(raw.histogram, order="C"))
    functions = continuous_functions(raw, impurity, settings)
    spectra = stored_spectra(functions, settings)
    values = features(functions, spectra, settings)
    return Solution(
        spectral_function=spectra,
        **values,
        occupation=raw.occupation,
        double_occupation=raw.double_occupation,
        spin_susceptibility=raw.spin_susceptibility,
        T_chi=1 / (4 * raw.spin_susceptibility),
        T_K_haldane=float(haldane_kondo_temperature(impurity.U, impurity.Gamma, impurity.eps_d)),
        spectral_weight_error=raw.weight_error,
        causality_cut=max(each.largest_cut for each in functions),
        truncation_energy=raw.truncation_energy,
        cpu_seconds=raw.cpu_seconds + time.process_time() - started,
        status=assess_solution(spectra, raw.occupation, raw.weight_error),
        raw=raw if settings.keep_raw else None,
        extra=extra(impurity, raw, functions, values["half_width"], settings),
    )
