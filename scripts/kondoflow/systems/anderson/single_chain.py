"""One Wilson chain: from parameters to histograms and expectation values, in one compiled call."""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.correlators import N_BINS, raw_spectra, spin_susceptibility
from kondoflow.systems.anderson.density_matrix import density_matrices, impurity_probabilities
from kondoflow.systems.anderson.diagonalisation import diagonalise_chain


@njit
def solve_chain(eps_d, U, B, T, amplitudes, n_keep, symmetry, wants_spectra, wants_response):
    """Everything that one chain contributes to a solution.

    Args:
        eps_d: Level energy.
        U: Repulsion.
        B: Field; the symmetry must fit it.
        T: Temperature.
        amplitudes: Hopping V onto the chain and along it, (n_sites,).
        n_keep: Least number of states kept.
        symmetry: Factors of `charge_spin()` (B = 0 only) or `charge_sz()`.
        wants_spectra: Whether the histograms are wanted.
        wants_response: Whether the spin susceptibility is wanted (full spin symmetry only).

    Returns:
        Histograms [spin, sign, bin, correlator], probabilities of the impurity's states (empty, up,
        down, double), and the susceptibility. What is not wanted is empty or NaN.
    """
    shells = diagonalise_chain(eps_d, U, B, amplitudes, n_keep, symmetry)
    densities = density_matrices(shells, T)
    histogram, chi = np.empty((0, 2, N_BINS, 2)), np.nan
    if wants_spectra:
        histogram = raw_spectra(shells, densities, U, symmetry)
    if wants_response:
        chi = spin_susceptibility(shells, densities, T, symmetry)
    return histogram, impurity_probabilities(shells[0], densities[0]), chi
