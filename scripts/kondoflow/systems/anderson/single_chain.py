"""One Wilson chain: from parameters to histograms and expectation values, in one compiled call."""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.correlators import N_BINS, raw_spectra, spin_susceptibility
from kondoflow.systems.anderson.density_matrix import (
    density_matrices,
    impurity_probabilities,
    thermal_sums,
)
from kondoflow.systems.anderson.diagonalisation import diagonalise_chain


@njit
def solve_chain(
    eps_d, U, B, temperatures, amplitudes, onsite, n_keep, symmetry, wants_spectra, wants_response
):
    """Everything that one chain contributes to a solution, at one or more temperatures.

    The chain is diagonalised once: temperatures that ask for the same number of sites share it.

    Args:
        eps_d: Level energy.
        U: Repulsion.
        B: Field; the symmetry must fit it.
        temperatures: Temperatures, (n,).
        amplitudes: Hopping V onto the chain and along it, (n_sites,).
        onsite: Energies of its sites, (n_sites,).
        n_keep: Least number of states kept.
        symmetry: Factors of `charge_spin()` (B = 0 only) or `charge_sz()`.
        wants_spectra: Whether the histograms are wanted.
        wants_response: Whether the spin susceptibility is wanted (full spin symmetry only).

    Returns:
        For each temperature: histograms (n, spin, sign, bin, correlator), probabilities of the
        impurity's states (empty, up, down, double) (n, 4), susceptibilities (n,), and
        `density_matrix.thermal_sums` (n, 5). Histograms that are not wanted have no spin;
        susceptibilities that are not wanted are NaN.
    """
    shells = diagonalise_chain(eps_d, U, B, amplitudes, onsite, n_keep, symmetry)
    n = len(temperatures)
    histograms = np.empty((n, symmetry.n_spin if wants_spectra else 0, 2, N_BINS, 2))
    probabilities, sums = np.empty((n, 4)), np.empty((n, 5))
    chi = np.full(n, np.nan)
    for k in range(n):
        T = temperatures[k]
        densities = density_matrices(shells, T)
        if wants_spectra:
            histograms[k] = raw_spectra(shells, densities, U, symmetry)
        if wants_response:
            chi[k] = spin_susceptibility(shells, densities, T, symmetry)
        probabilities[k] = impurity_probabilities(shells[0], densities[0])
        sums[k] = thermal_sums(shells, T, symmetry.n_spin)
    return histograms, probabilities, chi, sums
