r"""Lehmann sums in the complete basis: <<d; d^+>>, <<F; d^+>> and the static spin response.

With B(t) expanded in all pairs of states of one shell except kept-kept ones (Peters, Pruschke and
Anders 2006; Weichselbaum and von Delft 2007), the spectrum of the anticommutator is

.. math::
    A_{B d^\dagger}(\omega) = \sum_n \sum_{(i, j) \ne KK}
        B_{ij}\, [\rho_n d + d \rho_n]_{ij}\, \delta(\omega - (E^n_j - E^n_i)),

with rho_n the reduced density matrix of shell n (kept block and weights of discarded states), B = d
for the Green function and B = F = [d, H_int] = U n_{-s} d_s for the self-energy. Completeness makes
the weight of B = d equal to 1 for any truncation. The formula is <B(t) d^+> + <d^+ B(t)> with the
basis inserted: all matrices are real, so that the traces are sums of B_ij (rho d)_ij and of B_ij
(d rho)_ij. Pairs of kept states are left out because the next shell resolves them.

The density matrices are known before (they need the eigenvectors alone), so that one sweep along
the chain rotates each operator into a shell's eigenstates, adds what the shell contributes and
passes on the part between kept states.

The peaks are collected in histograms that are logarithmic in |omega|: broadening is a later step
and can be repeated.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.density_matrix import discarded_weights, kept_density
from kondoflow.systems.anderson.diagonalisation import (
    Operator,
    component,
    eigenvectors,
    empty_operator,
)
from kondoflow.systems.anderson.operators import (
    between_product_states,
    impurity_annihilator,
    impurity_spin,
    interaction_commutator,
    rotate,
)
from kondoflow.systems.anderson.symmetry import ANNIHILATOR, SPIN

BINS_PER_OCTAVE = 64  # a power of two: bins are read off the bits of a number
LOWEST_EXPONENT = -44  # the first octave of the histogram begins at 2^LOWEST_EXPONENT
N_BINS = 48 * BINS_PER_OCTAVE  # up to 2^4
NEGLIGIBLE = 1e-14  # weight of a shell's discarded states below which their pairs are left out

_MANTISSA_BITS = 52 - int(math.log2(BINS_PER_OCTAVE))  # those below the resolution of a bin
_LOWEST_BIN = (1023 + LOWEST_EXPONENT) * BINS_PER_OCTAVE

_STEPS, _LINKS = ANNIHILATOR.steps, ANNIHILATOR.links
_SPIN_STEPS, _SPIN_LINKS = SPIN.steps, SPIN.links


@lru_cache(maxsize=1)
def bin_centres() -> np.ndarray:
    """Centres |omega| of the histogram's bins, ascending, (N_BINS,), read-only."""
    octave, part = np.divmod(np.arange(N_BINS), BINS_PER_OCTAVE)
    centres = 2.0 ** (LOWEST_EXPONENT + octave) * (1 + (part + 0.5) / BINS_PER_OCTAVE)
    centres.setflags(write=False)
    return centres


@lru_cache(maxsize=1)
def bin_widths() -> np.ndarray:
    """Widths of the histogram's bins, (N_BINS,), read-only."""
    widths = 2.0 ** (LOWEST_EXPONENT + np.arange(N_BINS) // BINS_PER_OCTAVE) / BINS_PER_OCTAVE
    widths.setflags(write=False)
    return widths


@njit
def bin_index(magnitude):
    """Histogram bin of a frequency that is not negative: each octave is divided linearly.

    Exponent and leading bits of the mantissa of a floating-point number, read as an integer, count
    such bins. Frequencies below the first octave share the first bin, those above the last octave
    the last one.
    """
    index = (np.float64(magnitude).view(np.int64) >> _MANTISSA_BITS) - _LOWEST_BIN
    return min(max(index, 0), N_BINS - 1)


@njit
def raw_spectra(shells, densities, U, symmetry):
    """Histograms of both correlators.

    Args:
        shells: All shells.
        densities: The density matrix of each.
        U: Repulsion, for F.
        symmetry: Factors of the symmetry.

    Returns:
        Weights [spin, sign of omega (negative, positive), bin, correlator (d, F)]; one spin where
        the full spin symmetry was used, two (up, down) otherwise. `bin_centres` gives |omega|.
    """
    histogram = np.zeros((symmetry.n_spin, 2, N_BINS, 2))
    d = impurity_annihilator(shells[0], symmetry)
    pair = d, interaction_commutator(shells[0], d, U)
    for n in range(1, len(shells)):
        pair = _advance(shells[n - 1], shells[n], densities[n], pair, symmetry, histogram)
    return histogram


@njit
def _advance(old, shell, density, pair, symmetry, histogram):
    """Add one shell's contribution and return d and F between its kept states."""
    new = empty_operator(shell.labels, shell.n_kept, _STEPS)
    new_pair = new, Operator(new.row_block, new.at, new.values.copy())
    is_occupied = _discarded_weight(shell, density) > NEGLIGIBLE
    for b in range(len(shell.labels)):
        x = shell.labels[b, 1] + symmetry.offset
        n_kept, right = shell.n_kept[b], eigenvectors(shell, b)
        E = shell.energies[shell.energy_at[b] : shell.energy_at[b + 1]]
        rho, weights = kept_density(density, shell, b), discarded_weights(density, shell, b)
        for c in range(2):
            row = new.row_block[b, c]
            if row < 0:
                continue
            P = np.empty((2, shell.slot_at[row, 4], shell.slot_at[b, 4]))
            for k in range(2):
                P[k] = between_product_states(
                    old, shell, pair[k], row, b, _LINKS[c], symmetry.annihilator[x, c]
                )
            row_kept, left = shell.n_kept[row], eigenvectors(shell, row)
            row_E = shell.energies[shell.energy_at[row] : shell.energy_at[row + 1]]
            row_rho = kept_density(density, shell, row)
            row_weights = discarded_weights(density, shell, row)
            target, share = histogram[c % symmetry.n_spin], symmetry.spectral_weight[x]
            # Column kept: kept rows go on to the next shell, discarded ones contribute.
            if n_kept > 0:
                X = _rotate_both(left, P, right[:n_kept])
                for k in range(2):
                    component(new_pair[k], shell.n_kept, b, c)[:] = X[k, :row_kept]
                if row_kept < len(row_E):
                    d = X[0, row_kept:]
                    weight = np.dot(d, rho) + _scale_rows(d, row_weights)
                    _collect(target, X[:, row_kept:], share, weight, E[:n_kept], row_E[row_kept:])
            # Row kept, column discarded.
            if n_kept < len(E) and row_kept > 0:
                X = _rotate_both(left[:row_kept], P, right[n_kept:])
                weight = np.dot(row_rho, X[0]) + X[0] * weights
                _collect(target, X[:, :], share, weight, E[n_kept:], row_E[:row_kept])
            # Both discarded.
            if n_kept < len(E) and row_kept < len(row_E) and is_occupied:
                X = _rotate_both(left[row_kept:], P, right[n_kept:])
                weight = _scale_rows(X[0], row_weights) + X[0] * weights
                _collect(target, X[:, :], share, weight, E[n_kept:], row_E[row_kept:])
    return new_pair


@njit
def _rotate_both(left, P, right):
    result = np.empty((2, left.shape[0], right.shape[0]))
    for k in range(2):
        result[k] = rotate(left, P[k], right)
    return result


@njit
def _discarded_weight(shell, density):
    total = 0.0
    for b in range(len(shell.labels)):
        total += shell.degeneracy[b] * discarded_weights(density, shell, b).sum()
    return total


@njit
def _scale_rows(block, weights):
    scaled = block.copy()
    for i in range(len(weights)):
        scaled[i] *= weights[i]
    return scaled


@njit
def _collect(histogram, X, share, weight, E, row_E):
    """Add the peaks of one pair of blocks at omega = E[column] - E[row], X holding d and F."""
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            omega = E[j] - row_E[i]
            peak = histogram[1 if omega >= 0.0 else 0, bin_index(abs(omega))]
            peak[0] += share * weight[i, j] * X[0, i, j]
            peak[1] += share * weight[i, j] * X[1, i, j]


@njit
def spin_susceptibility(shells, densities, T, symmetry):
    r"""Static local spin susceptibility dm/dB at B = 0.

    .. math::
        \chi = \int_0^\beta d\tau \langle S_z(\tau) S_z \rangle
             = \sum_n \sum_{(i, j) \ne KK} S_{ij} [\rho_n S + S \rho_n]_{ij}\,
               \frac{\tanh(\beta (E^n_j - E^n_i) / 2)}{E^n_j - E^n_i}.

    The fluctuation-dissipation theorem turns the commutator of Kubo's formula into this form. Both
    agree for exact states; with truncated ones this one is finite for degenerate pairs, to which
    it gives the part of the correlation that does not decay, and stays below Curie's law. By the
    Wigner-Eckart theorem the sum over spin components is (2 S + 1)/3 times the square of the
    reduced element.

    Args:
        shells: All shells, diagonalised with the full spin symmetry.
        densities: The density matrix of each.
        T: Temperature.
        symmetry: Factors of the full spin symmetry.

    Returns:
        The susceptibility in units of 1/D.
    """
    S = impurity_spin(shells[0])
    chi = 0.0
    for n in range(1, len(shells)):
        S, part = _advance_spin(shells[n - 1], shells[n], densities[n], S, 1 / T, symmetry)
        chi += part
    return chi


@njit
def _advance_spin(old, shell, density, S, beta, symmetry):
    """The spin between kept states of a shell, and what the shell adds to the response."""
    new_S = empty_operator(shell.labels, shell.n_kept, _SPIN_STEPS)
    is_occupied = _discarded_weight(shell, density) > NEGLIGIBLE
    chi = 0.0
    for b in range(len(shell.labels)):
        x = shell.labels[b, 1] + symmetry.offset
        n_kept, right = shell.n_kept[b], eigenvectors(shell, b)
        E = shell.energies[shell.energy_at[b] : shell.energy_at[b + 1]]
        weights = discarded_weights(density, shell, b)
        for c in range(len(_SPIN_STEPS)):
            row = new_S.row_block[b, c]
            if row < 0:
                continue
            factors = symmetry.spin[x, c]
            P = between_product_states(old, shell, S, row, b, _SPIN_LINKS[c], factors)
            row_kept, left = shell.n_kept[row], eigenvectors(shell, row)
            row_E = shell.energies[shell.energy_at[row] : shell.energy_at[row + 1]]
            row_rho = kept_density(density, shell, row)
            row_weights = discarded_weights(density, shell, row)
            share = shell.degeneracy[row] / 3
            if row_kept > 0:
                moved = np.dot(left[:row_kept], P)
                if n_kept > 0:
                    component(new_S, shell.n_kept, b, c)[:] = np.dot(moved, right[:n_kept].T)
                if n_kept < len(E):
                    S_KD = np.dot(moved, right[n_kept:].T)
                    weight = np.dot(row_rho, S_KD) + S_KD * weights
                    # The transposed pairs contribute the same.
                    chi += 2 * share * _respond(S_KD, weight, E[n_kept:], row_E[:row_kept], beta)
            if is_occupied and row_kept < len(row_E) and n_kept < len(E):
                S_DD = rotate(left[row_kept:], P, right[n_kept:])
                weight = _scale_rows(S_DD, row_weights) + S_DD * weights
                chi += share * _respond(S_DD, weight, E[n_kept:], row_E[row_kept:], beta)
    return new_S, chi


@njit
def _respond(S, weight, E, row_E, beta):
    total = 0.0
    for i in range(S.shape[0]):
        for j in range(S.shape[1]):
            total += S[i, j] * weight[i, j] * _tanh_over(E[j] - row_E[i], beta)
    return total


@njit
def _tanh_over(gap, beta):
    """Static weight tanh(beta gap / 2) / gap, with its limit beta / 2."""
    if beta * abs(gap) < 1e-6:
        return beta / 2
    return math.tanh(beta * gap / 2) / gap
