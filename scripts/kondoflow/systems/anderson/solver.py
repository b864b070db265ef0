"""One parameter set -> spectra and expectation values, averaged over interleaved chains."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from itertools import repeat
from typing import Any

import numpy as np

from kondoflow.systems.anderson.bath import FLAT, Bath, PowerLaw, bath_of
from kondoflow.systems.anderson.broadening import Broadening
from kondoflow.systems.anderson.chain import chain_length, twist_parameters, wilson_chain
from kondoflow.systems.anderson.contract import Status
from kondoflow.systems.anderson.extra import extra
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.kondo_scale import haldane_kondo_temperature
from kondoflow.systems.anderson.quality import assess_solution
from kondoflow.systems.anderson.raw import Raw
from kondoflow.systems.anderson.resonance import (
    Resonance,
    distances_to_half,
    find_resonance,
)
from kondoflow.systems.anderson.single_chain import solve_chain
from kondoflow.systems.anderson.spectra import Continuous, continuous
from kondoflow.systems.anderson.symmetry import charge_spin, charge_sz
from kondoflow.systems.anderson.thermodynamics import of_impurity

HIDDEN = 0.02  # change of pi Gamma A between 0 and the lowest stored frequency that is too much


@dataclass(frozen=True)
class Settings:
    """Everything beside the physical parameters that a solution depends on.

    Attributes:
        Lambda: Discretisation parameter.
        n_z: Number of interleaved chains.
        n_keep: Least number of states kept in an iteration; `diagonalisation.WINDOW` times as many
            at most.
        broadening: Widths of the two broadening steps.
        estimator: "self_energy", "ratio" or "direct", see `spectra.continuous`.
        susceptibility: Whether the spin susceptibility is computed.
        omega: Stored frequencies, (n,).
        keep_raw: Whether solutions carry what comes before broadening.
        store: Names of `contract.STORE`: what solutions carry beside the spectra.
        bath: The bath of impurities that have no exponent of their own.
        weigh_by_bath: Whether stored spectra are pi Gamma g A in place of pi Gamma A, g being the
            shape of the bath.
    """

    Lambda: float
    n_z: int
    n_keep: int
    broadening: Broadening
    estimator: str
    susceptibility: bool
    omega: np.ndarray
    keep_raw: bool = False
    store: tuple[str, ...] = ()
    bath: Bath = FLAT
    weigh_by_bath: bool = False

    @property
    def follows_spin(self) -> bool:
        """Whether what is stored needs the spin at the sample's own field."""
        return not {"thermodynamics", "spin_spectrum"}.isdisjoint(self.store)

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
            store=tuple(solver.get("store", ())),
            bath=bath_of(solver.get("bath", "flat")),
            weigh_by_bath=bool(solver.get("weigh_by_bath", False)),
        )

    def bath_of(self, impurity: Impurity) -> Bath:
        """The bath of an impurity."""
        return self.bath if impurity.r == 0 else PowerLaw(impurity.r)


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
        settings: Of these, broadening, estimator and stored grid count.
    """
    started = time.process_time()
    # In one layout: sums over another one, as that of peaks read from a file, round differently.
    raw = replace(raw, histogram=np.array(raw.histogram, order="C"))
    functions = continuous_functions(raw, impurity, settings)
    spectra = _cells(functions, settings)
    values = _features(functions, spectra, settings)
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
        cpu_seconds=raw.cpu_seconds + time.process_time() - started,
        status=assess_solution(spectra, raw.occupation, raw.weight_error),
        raw=raw if settings.keep_raw else None,
        extra=extra(
            settings.store,
            impurity,
            raw,
            functions,
            values["half_width"],
            settings.broadening.alpha,
            settings.omega,
            settings.bath_of(impurity),
        ),
    )


def diagonalise(impurity: Impurity, settings: Settings) -> Raw:
    """Everything that comes before broadening, averaged over the interleaved chains.

    In a field the susceptibility is that of a second run without it.

    Args:
        impurity: The parameters.
        settings: Of these, Lambda, n_z, n_keep, susceptibility and `follows_spin` count.

    Raises:
        ValueError: If LAPACK fails or is given numbers that are not finite.
    """
    return diagonalise_sweep([impurity], settings)[0]


def diagonalise_sweep(impurities: Sequence[Impurity], settings: Settings) -> list[Raw]:
    """`diagonalise` at several temperatures for which a chain has the same number of sites.

    Args:
        impurities: The parameters; they differ in T alone, and share `n_sites`.
        settings: Of these, Lambda, n_z, n_keep, susceptibility and `follows_spin` count.

    Raises:
        ValueError: If LAPACK fails or is given numbers that are not finite.
    """
    started = time.process_time()
    chains = [_one_chain(impurities, float(z), settings) for z in twist_parameters(settings.n_z)]
    means = [np.mean(each, axis=0) for each in zip(*chains, strict=True)]
    seconds = (time.process_time() - started) / len(impurities)
    return [_raw(values, seconds) for values in zip(*means, strict=True)]


def sharing_chains(impurities: Sequence[Impurity], settings: Settings) -> list[list[int]]:
    """Indices of impurities that `diagonalise_sweep` can solve together."""
    groups: dict[tuple[float, ...], list[int]] = {}
    for index, impurity in enumerate(impurities):
        same = *astuple(replace(impurity, T=0.0)), n_sites(impurity, settings)
        groups.setdefault(same, []).append(index)
    return list(groups.values())


def _raw(values: Sequence[Any], seconds: float) -> Raw:
    """A result from the means of what `_one_chain` gives."""
    histogram, (_, up, down, double), *susceptibilities, thermodynamics, spin_weight = values
    return Raw(
        histogram=np.moveaxis(histogram, -1, 1),
        occupation=(float(up + double), float(down + double)),
        double_occupation=float(double),
        spin_susceptibility=float(susceptibilities[0]),
        cpu_seconds=seconds,
        thermodynamics=thermodynamics,
        differential_susceptibility=float(susceptibilities[1]),
        spin_weight=spin_weight,
    )


def n_sites(impurity: Impurity, settings: Settings) -> int:
    """Number of sites of the chain.

    Above U and Gamma they, not T, are the smallest energy that the spectrum shows.
    """
    smallest = min(impurity.T, impurity.U + impurity.Gamma)
    return chain_length(smallest, settings.Lambda)


def _one_chain(
    impurities: Sequence[Impurity], z: float, settings: Settings
) -> tuple[np.ndarray, ...]:
    """What one chain contributes, each (temperature, ...).

    Histograms, probabilities, susceptibilities without and with the field, thermodynamics, and
    weights of the spin's spectrum.
    """
    first = impurities[0]
    bath = settings.bath_of(first)
    onsite, chain = wilson_chain(bath, settings.Lambda, z, n_sites(first, settings))
    amplitudes = np.concatenate([[np.sqrt(bath.weight * first.Gamma / np.pi)], chain])
    temperatures = np.array([each.T for each in impurities])

    def on_chain(B: float, wants_spectra: bool, wants_response: bool) -> tuple[np.ndarray, ...]:
        symmetry = charge_spin() if B == 0 else charge_sz()
        level = first.eps_d, first.U, B, temperatures
        wanted = wants_spectra, wants_response
        result: tuple[np.ndarray, ...] = solve_chain(
            *level, amplitudes, onsite, settings.n_keep, symmetry, *wanted
        )
        return result

    B = first.B
    follows_spin = settings.follows_spin or (settings.susceptibility and B == 0)
    histograms, probabilities, chi_B, sums, spin_weights = on_chain(B, True, follows_spin)
    chi = chi_B if settings.susceptibility else np.full(len(impurities), math.nan)
    if settings.susceptibility and B != 0:
        _, _, chi, _, _ = on_chain(0.0, False, True)
    thermodynamics = [
        of_impurity(*each) for each in zip(sums, repeat(onsite), repeat(chain), temperatures)
    ]
    return histograms, probabilities, chi, chi_B, np.array(thermodynamics), spin_weights


def continuous_functions(raw: Raw, impurity: Impurity, settings: Settings) -> list[Continuous]:
    """Green function, self-energy and spectrum of each spin; of one spin at B = 0."""
    bath = settings.bath_of(impurity)
    return [
        continuous(histogram, impurity, eps, settings.estimator, settings.broadening, bath)
        for histogram, eps in zip(raw.histogram, impurity.levels, strict=False)
    ]


def spectral_functions(raw: Raw, impurity: Impurity, settings: Settings) -> np.ndarray:
    """Broaden the peaks and average over the cells of the stored grid.

    Args:
        raw: Result of `diagonalise`.
        impurity: The parameters.
        settings: Broadening, estimator and stored grid.

    Returns:
        pi Gamma A, or pi Gamma g A, (spin, omega) for spin up and down.
    """
    return _cells(continuous_functions(raw, impurity, settings), settings)


def _cells(functions: Sequence[Continuous], settings: Settings) -> np.ndarray:
    return both_spins([each.cells(settings.omega, settings.weigh_by_bath) for each in functions])


def both_spins(values: Sequence[Any]) -> np.ndarray:
    """An array (spin, ...) of values of both spins, or of one where they are equal."""
    return np.array(values if len(values) == 2 else [*values, *values])


def _features(
    functions: Sequence[Continuous], spectra: np.ndarray, settings: Settings
) -> dict[str, Any]:
    """What a solution says of its spectra beside the stored values.

    Args:
        functions: Of each spin, or of one.
        spectra: Stored, (spin, omega).
        settings: Of these, the stored grid and `weigh_by_bath` count.
    """
    omega = settings.omega
    found = [each.resolved() for each in functions]
    grid = found[0][0]
    resolved = both_spins([spectrum for _, spectrum in found])
    near = np.abs(grid) <= omega[omega > 0].min()
    factor = functions[0].bath.shape(grid[near]) if settings.weigh_by_bath else 1.0
    hidden = np.abs(resolved[:, near] * factor - spectra[:, [len(omega) // 2]]).max()
    below, above = distances_to_half(grid, resolved.mean(axis=0))
    return {
        "spectral_function_at_0": resolved[:, np.searchsorted(grid, 0.0)],
        **_resonances([find_resonance(grid, spectrum) for _, spectrum in found]),
        "distance_to_half_below": below,
        "distance_to_half_above": above,
        "distance_to_half": (below + above) / 2,
        "below_grid": int(hidden > HIDDEN),
    }


def _resonances(found: Sequence[Resonance]) -> dict[str, Any]:
    """Properties of the resonances, (spin,), and the half-width in the mean over spin."""
    names = ("position", "height", "width_below", "width_above")
    return {
        **{
            f"resonance_{name}": both_spins([getattr(each, name) for each in found])
            for name in names
        },
        "half_width": math.fsum(each.width for each in found) / len(found),
    }
