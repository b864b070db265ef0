"""Diagonalisations averaged over interleaved chains, before anything is broadened.

The chains of one bath differ in the parameter z, which shifts the levels of the discretised bath.
What their average gives depends less on Lambda than what one of them gives, see `discretisation`.

Thermodynamics at high temperature needs more states than a spectrum: those discarded at the first
sites of a chain are still populated, and the sites that follow count for them as if they had no
energy. With 80 states the entropy lacks up to 0.04 k_B at T = D/3.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import astuple, replace
from itertools import repeat
from typing import Any

import numpy as np

from kondoflow.systems.anderson.baths.chain import chain_length, twist_parameters, wilson_chain
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.raw import Raw
from kondoflow.systems.anderson.nrg.single_chain import solve_chain
from kondoflow.systems.anderson.nrg.symmetry import charge_spin, charge_sz
from kondoflow.systems.anderson.nrg.thermodynamics import of_impurity
from kondoflow.systems.anderson.settings import Settings

_HOT = 0.01  # D: above it thermodynamics has a run of its own,
_KEPT_HOT = 400  # with at least so many states


def diagonalise(impurity: Impurity, settings: Settings) -> Raw:
    """Everything that comes before broadening, averaged over the interleaved chains.

    In a field the susceptibility is that of a second run without it.

    Args:
        impurity: The parameters.
        settings: Of these, Lambda, n_z, n_keep, susceptibility, bath and `store` count.

    Raises:
        ValueError: If LAPACK fails or is given numbers that are not finite.
    """
    return diagonalise_sweep([impurity], settings)[0]


def diagonalise_sweep(impurities: Sequence[Impurity], settings: Settings) -> list[Raw]:
    """`diagonalise` at several temperatures for which a chain has the same number of sites.

    Args:
        impurities: The parameters; they differ in T alone, and share `n_sites`.
        settings: Of these, Lambda, n_z, n_keep, susceptibility, bath and `store` count.

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

    Histograms, probabilities, susceptibilities without and with the field, thermodynamics, weights
    of the spin's spectrum, and the inverse square of the least energy of a discarded state.
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

    def thermal_sums_of_hot(sums: np.ndarray) -> np.ndarray:
        """`sums` (temperature, 5), those at high temperature from a run that keeps more states."""
        hot = temperatures > _HOT
        if "thermodynamics" not in settings.store or settings.n_keep >= _KEPT_HOT or not hot.any():
            return sums
        symmetry = charge_spin() if first.B == 0 else charge_sz()
        level = first.eps_d, first.U, first.B, temperatures[hot]
        *_, finer, _, _ = solve_chain(*level, amplitudes, onsite, _KEPT_HOT, symmetry, False, False)
        return np.where(hot[:, None], finer[np.cumsum(hot) - 1], sums)

    B = first.B
    follows_spin = settings.follows_spin or (settings.susceptibility and B == 0)
    histograms, probabilities, chi_B, sums, spin_weights, least = on_chain(B, True, follows_spin)
    chi = chi_B if settings.susceptibility else np.full(len(impurities), math.nan)
    if settings.susceptibility and B != 0:
        _, _, chi, _, _, _ = on_chain(0.0, False, True)
    thermodynamics = [
        of_impurity(*each)
        for each in zip(thermal_sums_of_hot(sums), repeat(onsite), repeat(chain), temperatures)
    ]
    return histograms, probabilities, chi, chi_B, np.array(thermodynamics), spin_weights, least**-2


def _raw(values: Sequence[Any], seconds: float) -> Raw:
    """A result from the means of what `_one_chain` gives."""
    histogram, (_, up, down, double), *susceptibilities, thermodynamics, spin_weight, cut = values
    return Raw(
        histogram=np.moveaxis(histogram, -1, 1),
        occupation=(float(up + double), float(down + double)),
        double_occupation=float(double),
        spin_susceptibility=float(susceptibilities[0]),
        cpu_seconds=seconds,
        thermodynamics=thermodynamics,
        differential_susceptibility=float(susceptibilities[1]),
        spin_weight=spin_weight,
        truncation_energy=float(cut) ** -0.5 if cut > 0 else math.nan,
    )
