"""One Wilson chain: from parameters to histograms and expectation values."""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.nrg.bins import N_BINS
from kondoflow.systems.anderson.nrg.correlators import raw_spectra, spin_response
from kondoflow.systems.anderson.nrg.density_matrix import (
    density_matrices,
    impurity_probabilities,
    least_discarded,
    states_of,
    thermal_sums,
    thermal_weights,
)
from kondoflow.systems.anderson.nrg.diagonalisation import diagonalise_chain


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
        wants_response: Whether the response of the impurity's spin is wanted.

    Returns:
        For each temperature: histograms (n, spin, sign, bin, correlator), probabilities of the
        impurity's states (empty, up, down, double) (n, 4), susceptibilities (n,),
        `density_matrix.thermal_sums` (n, 5), weights of the spin's spectrum (n, bin), and
        `density_matrix.least_discarded`, the same for all (n,).
        Susceptibility and spectrum are without what a polarised spin has at omega = 0. Histograms
        that are not wanted have no spin; what is not wanted of the response is NaN.
    """
    shells = diagonalise_chain(eps_d, U, B, amplitudes, onsite, n_keep, symmetry)
    states, n = states_of(shells), len(temperatures)
    histograms = np.empty((n, symmetry.n_spin if wants_spectra else 0, 2, N_BINS, 2))
    probabilities, sums = np.empty((n, 4)), np.empty((n, 5))
    chi, of_spin = np.full(n, np.nan), np.full((n, N_BINS), np.nan)
    for k, T in enumerate(temperatures.tolist()):
        weights = thermal_weights(states, T)
        densities = density_matrices(shells, weights)
        probabilities[k] = impurity_probabilities(shells[0], densities[0])
        sums[k] = thermal_sums(states, weights, T, symmetry.n_spin)
        if wants_spectra:
            histograms[k] = raw_spectra(shells, densities, U, symmetry)
        if wants_response:
            chi[k], of_spin[k] = spin_response(shells, densities, T, symmetry)
            magnetisation = (probabilities[k, 1] - probabilities[k, 2]) / 2
            chi[k] -= magnetisation**2 / T
            of_spin[k, 0] -= 2 * magnetisation**2
    least = np.full(n, least_discarded(states, amplitudes))
    return histograms, probabilities, chi, sums, of_spin, least
