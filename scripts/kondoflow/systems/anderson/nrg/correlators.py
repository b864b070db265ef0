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

The peaks are collected in histograms (`bins`): broadening is a later step and can be repeated.
"""

from __future__ import annotations

import math

import numpy as np

from kondoflow.systems.anderson.compiled import njit, part
from kondoflow.systems.anderson.nrg.bins import N_BINS, bin_index
from kondoflow.systems.anderson.nrg.blocks import add_block, matrix, operator_blocks
from kondoflow.systems.anderson.nrg.diagonalisation import Operator
from kondoflow.systems.anderson.nrg.operators import (
    between_product_states,
    impurity_annihilators,
    impurity_spin,
)
from kondoflow.systems.anderson.nrg.tensor_operators import ANNIHILATOR


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
    pair = impurity_annihilators(shells[0], U)
    tables = symmetry.offset, symmetry.annihilator, symmetry.spectral_weight
    for old, shell, density in zip(shells, shells[1:], densities[1:], strict=False):
        pair, _ = _advance(old, shell, density, pair, ANNIHILATOR, tables, histogram)
    return histogram


def spin_response(shells, densities, T, symmetry):
    r"""The spin's static response, and the histogram from which its spectrum follows.

    The response of S_z to a field on the impurity is, before the term -<S_z>^2/T that it has where
    the spin is polarised,

    .. math::
        \chi = \sum_n \sum_{(i, j) \ne KK} S_{ij} [\rho_n S + S \rho_n]_{ij}
            \frac{\tanh(\beta (E_j - E_i)/2)}{E_j - E_i}.

    For spin multiplets rho is a multiple of the unit matrix within each, and by the Wigner-Eckart
    theorem the sum over spin components is (2 S + 1)/3 times the square of the reduced element.

    Args:
        shells: All shells.
        densities: The density matrix of each.
        T: Temperature.
        symmetry: Factors of the symmetry.

    Returns:
        The sum in units of 1/D, and the weights S_ij [rho S + S rho]_ij by bins of |omega|, which
        add up to 2 <S_z^2>, (bin,).
    """
    histogram, chi = np.zeros((1, 2, N_BINS, 1)), 0.0
    S, kind = impurity_spin(shells[0], symmetry), symmetry.spin_kind
    tables = symmetry.offset, symmetry.spin, symmetry.spin_weight
    for old, shell, density in zip(shells, shells[1:], densities[1:], strict=False):
        S, added = _advance(old, shell, density, S, kind, tables, histogram, 1 / T)
        chi += added
    return chi, histogram.sum(axis=(0, 1, 3))


def _advance(old, shell, density, operators, kind, tables, histogram, beta=0.0):
    """Operators between kept states of a shell, and the static response, see `advance_shell`."""
    of_shell = old.n_kept, shell.states, tuple(density)
    new, response = advance_shell(tuple(operators), *of_shell, tuple(kind), tables, beta, histogram)
    return Operator(*new), response


@njit
def advance_shell(old, old_kept, shell, density, kind, tables, beta, histogram):
    """Follow operators into one shell, and add to `histogram`.

    Args:
        old: Operators between kept states of the previous shell, the fields of `Operator`.
        old_kept: Kept states of the previous shell.
        shell: The shell, as `Shell.states`.
        density: Its density matrix, the fields of `DensityMatrix`.
        kind: The kind of the operators, the fields of `TensorKind`.
        tables: Of the symmetry: the offset, the factors of the links, and the factor of a squared
            matrix element.
        beta: 1/T for a Hermitian operator, whose static response is wanted; else 0.
        histogram: Weights [spin, sign, bin, operator]; those of all operators with the first.

    Returns:
        The operators between kept states of the shell, the fields of `Operator`, and the shell's
        part of the static response.
    """
    labels, parents, slot_at, n_kept, energy_at, energies, vector_at, vectors = shell
    rho_at, rho, weights, is_occupied = density
    (steps, links), (offset, factors, shares) = kind, tables
    response, K = 0.0, histogram.shape[3]
    rows, at = operator_blocks(labels, n_kept, steps, K)
    values = np.empty(at[-1])
    for b in range(len(parents)):
        kept, dim, E = n_kept[b], slot_at[b, 4], energy_at[b]
        right = matrix(vectors, vector_at[b], dim, dim)
        column_rho = matrix(rho, rho_at[b], kept, kept)
        for c in range(rows.shape[1]):
            row, target = rows[b, c], histogram[c % len(histogram)]
            if row < 0:
                continue
            row_kept, row_dim, row_E = n_kept[row], slot_at[row, 4], energy_at[row]
            # Rows that are followed together with all columns.
            n_rows = row_dim if is_occupied else row_kept
            if n_rows == 0 and (kept == 0 or beta > 0.0):
                continue
            left = matrix(vectors, vector_at[row], row_dim, row_dim)
            row_rho = matrix(rho, rho_at[row], row_kept, row_kept)
            x = labels[b, 1] + offset
            share = shares[labels[row, 1] + offset if beta > 0.0 else x]
            P = between_product_states(
                *(K, old, old_kept, parents[row], parents[b]),
                *(slot_at[row], slot_at[b], links[c], factors[x, c]),
            )
            if n_rows > 0:
                half = np.dot(left[:n_rows], P.reshape((row_dim, K * dim)))
                X = np.dot(half.reshape((n_rows * K, dim)), right.T).reshape((n_rows, K, dim))
                copy_kept(X, row_kept, kept, values[at[b * rows.shape[1] + c] :])
                W = times_density(X, row_rho, column_rho, beta > 0.0)
                response += collect(
                    *(target, X, W, row_kept, kept, energies[row_E:], energies[E:]),
                    *(weights[row_E:], weights[E:], share, beta),
                )
            # Row discarded, column kept, where discarded rows are not among those above.
            if n_rows < row_dim and kept > 0 and beta == 0.0:
                n_rows = row_dim - row_kept
                half = np.dot(P.reshape((row_dim * K, dim)), right[:kept].T)
                half = half.reshape((row_dim, K * kept))
                X = np.dot(left[row_kept:], half).reshape((n_rows, K, kept))
                W = np.dot(of_first(X, 0, n_rows, 0, kept), column_rho)
                response += collect(
                    *(target, X, W, 0, kept, energies[row_E + row_kept :], energies[E:]),
                    *(weights[row_E + row_kept :], weights[E:], share, beta),
                )
    return (rows, at, values), response


@part
def copy_kept(X, row_kept, kept, values):
    """Write the part [row, operator, column] between kept states to a flat buffer."""
    to = 0
    for i in range(row_kept):
        for k in range(X.shape[1]):
            for j in range(kept):
                values[to] = X[i, k, j]
                to += 1


@part
def times_density(X, row_rho, column_rho, is_hermitian):
    """Elements of rho X + X rho of the first operator, rho being that of kept states alone.

    Args:
        X: Matrix elements, [row, operator, column].
        row_rho: The density matrix between kept rows.
        column_rho: The density matrix between kept columns.
        is_hermitian: With it, pairs of a discarded row with a kept column are left out.

    Returns:
        [row, column], 0 between two kept states and between two discarded ones.
    """
    (n_rows, _, dim), row_kept, kept = X.shape, len(row_rho), len(column_rho)
    W = np.zeros((n_rows, dim))
    if row_kept > 0 and kept < dim:
        add_block(W, 0, kept, np.dot(row_rho, of_first(X, 0, row_kept, kept, dim)))
    if kept > 0 and row_kept < n_rows and not is_hermitian:
        X_DK = of_first(X, row_kept, n_rows, 0, kept)
        add_block(W, row_kept, 0, np.dot(X_DK, column_rho))
    return W


@part
def of_first(X, row, stop_row, column, stop_column):
    """A part of the first operator, copied, [row, column]."""
    block = np.empty((stop_row - row, stop_column - column))
    for i in range(stop_row - row):
        for j in range(stop_column - column):
            block[i, j] = X[row + i, 0, column + j]
    return block


@part
def collect(histogram, X, W, row_kept, kept, row_E, E, row_weights, weights, share, beta):
    """Add the peaks of one pair of blocks at omega = E[column] - row_E[row].

    Args:
        histogram: Weights [sign, bin, operator]; all at positive omega if beta is given.
        X: Matrix elements, [row, operator, column].
        W: Matrix elements of rho X + X rho as far as rho is that of kept states, [row, column].
        row_kept: Number of kept states among the rows; pairs with kept columns are left out.
        kept: Kept columns.
        row_E: Energies of the rows, and of others after them.
        E: Energies of the columns.
        row_weights: Weights of discarded rows.
        weights: Weights of discarded columns.
        share: Factor of a squared matrix element.
        beta: 1/T if the static response is wanted, else 0. With it, pairs of a discarded row with
            a kept column are left out, and their transposes count twice.

    Returns:
        The static response.
    """
    response = 0.0
    for i in range(W.shape[0]):
        if beta > 0.0:
            factor = 2 * share if i < row_kept else share
            for j in range(kept, W.shape[1]):
                gap = abs(E[j] - row_E[i])
                weight = factor * (W[i, j] + (row_weights[i] + weights[j]) * X[i, 0, j])
                weight *= X[i, 0, j]
                histogram[1, bin_index(gap), 0] += weight
                response += weight * tanh_over(gap, beta)
            continue
        for j in range(kept if i < row_kept else 0, W.shape[1]):
            omega = E[j] - row_E[i]
            weight = share * (W[i, j] + (row_weights[i] + weights[j]) * X[i, 0, j])
            peak = histogram[1 if omega >= 0.0 else 0, bin_index(abs(omega))]
            for k in range(X.shape[1]):
                peak[k] += weight * X[i, k, j]
    return response


@part
def tanh_over(gap, beta):
    """Static weight tanh(beta gap / 2) / gap of a gap >= 0, with its limit beta / 2."""
    half = beta * gap / 2
    if half < 1e-6:
        return beta / 2
    return (math.tanh(half) if half < 20.0 else 1.0) / gap
