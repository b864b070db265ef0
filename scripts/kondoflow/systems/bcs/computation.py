"""From axes to parameters and from parameters to a solution of the BCS superconductor.

See `systems.computation.Computation`. There is no intermediate result.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.systems.bcs.contract import Status
from kondoflow.systems.bcs.gap_equation import critical_temperature, energy_gap, gap_at_zero
from kondoflow.systems.bcs.smearing import cell_averages, linear_grid, smeared_density
from kondoflow.systems.computation import Record


@dataclass(frozen=True)
class Settings:
    """Settings of a solution.

    Attributes:
        omega: Voltages at which spectra are stored, (n,).
    """

    omega: np.ndarray


def settings_of(solver: Mapping[str, Any], omega: Mapping[str, Any]) -> Settings:
    """Settings from the configuration; nothing about the solution is left to choose."""
    del solver
    return Settings(linear_grid(omega["n_side"], omega["max"]))


def prepare() -> None:
    """Nothing is compiled."""


def parameters_of(axes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The axes, arrays (sample,) by name, are the parameters."""
    return dict(axes)


def windows_of(parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `accept` may restrict: log10 of Delta(T) in meV, and T/T_c, (sample,) each."""
    coupling, omega_D, T = (parameters[name] for name in ("coupling", "omega_D", "T"))
    with np.errstate(divide="ignore"):  # without a gap: -inf, outside every window
        log10_gap = np.log10(energy_gap(coupling, omega_D, T))
    return {"log10_gap": log10_gap, "T_over_T_c": T / critical_temperature(coupling, omega_D)}


def solve(point: Mapping[str, float], settings: Settings) -> Record:
    """Solve the gap equation and smear the density of states of one superconductor."""
    started = time.process_time()
    T, dynes = point["T"], point["dynes"]
    coupling, omega_D = np.array([point["coupling"]]), np.array([point["omega_D"]])
    gap = float(energy_gap(coupling, omega_D, np.array([T]))[0])
    gap_0 = float(gap_at_zero(coupling, omega_D)[0])
    T_c = float(critical_temperature(coupling, omega_D)[0])
    values = {
        "spectral_function": cell_averages(settings.omega, gap, dynes, T),
        "gap": gap,
        "gap_0": gap_0,
        "T_c": T_c,
        "gap_ratio": 2 * gap_0 / T_c,
        "zero_bias": float(smeared_density(np.zeros(1), gap, dynes, T)[0]),
        "status": Status.VALID if gap > 0 else Status.NORMAL,
    }
    return Record({**values, "cpu_seconds": time.process_time() - started})
