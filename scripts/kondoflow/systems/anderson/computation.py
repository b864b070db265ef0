"""From axes to parameters and from parameters to a solution of the Anderson model.

See `systems.computation.Computation`. A solution's intermediate result are its peaks before
broadening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kondoflow.systems.anderson import solver
from kondoflow.systems.anderson.compilation import ensure_compiled
from kondoflow.systems.anderson.contract import SPINS
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.kondo_scale import log_kondo_scale
from kondoflow.systems.anderson.nrg.bins import bin_centres
from kondoflow.systems.anderson.nrg.raw import Raw
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import Solution
from kondoflow.systems.anderson.z_average import diagonalise_sweep, sharing_chains
from kondoflow.systems.computation import Record

settings_of = Settings.from_config
prepare = ensure_compiled


def parameters_of(axes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Parameters from axes, arrays (sample,) by name; the axis of eps_d is in units of U."""
    parameters = {name: axes[name] for name in ("U", "Gamma", "B", "T")}
    own = {name: axes[name] for name in ("r",) if name in axes}
    return {**parameters, "eps_d": axes["eps_d_over_U"] * axes["U"], **own}


def windows_of(parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `accept` may restrict: log10 of Haldane's scale, and of max(T_K, T, abs(B)).

    Both are (sample,), of energies in units of D, as the parameters (sample,) are. Haldane's
    expression is continued analytically beyond -U < eps_d < 0, see `kondo_scale`.
    """
    U, Gamma, eps_d = (parameters[name] for name in ("U", "Gamma", "eps_d"))
    log10_T_K = log_kondo_scale(U, Gamma, eps_d) / np.log(10)
    largest = np.maximum(parameters["T"], np.abs(parameters["B"]))
    return {"log10_T_K": log10_T_K, "log10_scale": np.maximum(log10_T_K, np.log10(largest))}


def solve(point: Mapping[str, float], settings: Settings) -> Record:
    """Solve one impurity problem, see `solver.solve`."""
    return _record(solver.solve(Impurity(**point), settings))


def groups_of(points: Sequence[Mapping[str, float]], settings: Settings) -> list[list[int]]:
    """Indices of points that differ in T alone and share their chains."""
    return sharing_chains([Impurity(**point) for point in points], settings)


def solve_together(points: Sequence[Mapping[str, float]], settings: Settings) -> list[Record]:
    """Solve such points, each chain diagonalised once."""
    impurities = [Impurity(**point) for point in points]
    for impurity in impurities:
        impurity.check()
    raw = diagonalise_sweep(impurities, settings)
    pairs = zip(impurities, raw, strict=True)
    return [_record(solver.finish(impurity, each, settings)) for impurity, each in pairs]


def finish(
    point: Mapping[str, float], peaks: Mapping[str, np.ndarray], settings: Settings
) -> Record:
    """Broaden the peaks of an earlier solution, arrays by name as `contract` lists them."""
    n_spin = 1 if point["B"] == 0 else 2
    raw = Raw(
        histogram=peaks["peak_weight"][:n_spin],
        occupation=tuple(peaks["occupation"].tolist()),
        double_occupation=float(peaks["double_occupation"]),
        spin_susceptibility=float(peaks["spin_susceptibility"]),
        cpu_seconds=float(peaks["cpu_seconds"]),
        thermodynamics=peaks["thermodynamics"],
        differential_susceptibility=float(peaks["differential_susceptibility"]),
        spin_weight=peaks["spin_weight"],
        truncation_energy=float(peaks["truncation_energy"]),
    )
    return _record(solver.finish(Impurity(**point), raw, settings))


def _record(solution: Solution) -> Record:
    values = {name: getattr(solution, name) for name in SYSTEM.solved} | dict(solution.extra)
    return Record(values, None if solution.raw is None else _peaks(solution.raw))


def _peaks(raw: Raw) -> dict[str, Any]:
    return {
        "peak_energy": bin_centres(),
        "peak_weight": np.broadcast_to(raw.histogram, (len(SPINS), *raw.histogram.shape[1:])),
        "occupation": np.array(raw.occupation),
        "double_occupation": raw.double_occupation,
        "spin_susceptibility": raw.spin_susceptibility,
        "cpu_seconds": raw.cpu_seconds,
        "thermodynamics": raw.thermodynamics,
        "differential_susceptibility": raw.differential_susceptibility,
        "spin_weight": raw.spin_weight,
        "truncation_energy": raw.truncation_energy,
    }
