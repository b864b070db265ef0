r"""The compiled inner loops of the solver.

All block matrices of a shell lie one after the other in a flat buffer; `at` arrays say where each
begins. The layouts are

`vectors`
    for block b and slot a the matrix [eigenstate of b, kept state of the parent block], at
    `vector_at[b, a]`: rows of kept and of discarded eigenstates are contiguous;
`operator`
    for column block b and component c the matrix [state of block row_block[b, c], state of b], at
    `operator_at[b, c]`;
`density`
    for block b the matrix [kept state, kept state], at `density_at[b]`.

Row and column states of an operator are given by ranges of eigenstates for each block, so that one
kernel serves kept and discarded states alike. A block that does not exist has index -1, an
operator block that does not exist has row_block[b, c] = -1.

LAPACK and BLAS are reached through `numpy.linalg.eigh` and `numpy.dot`, which numba maps to the
divide-and-conquer `syevd` and to `gemm`, and which can be kept in the compilation cache on disk.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from anderson.symmetry import HOP_LINKS, SITE_LINKS

BINS_PER_OCTAVE = 64
LOWEST_EXPONENT = -44  # the first octave of the histogram ends at 2^LOWEST_EXPONENT
N_BINS = 48 * BINS_PER_OCTAVE  # up to 2^4

_HOP, _SITE = HOP_LINKS, SITE_LINKS


@njit(cache=True)
def _matrix(buffer, at, n_rows, n_columns):
    return buffer[at : at + n_rows * n_columns].reshape(n_rows, n_columns)


@njit(cache=True)
def diagonalise(
    dims,
    parents,
    kept,
    energy_at,
    energies,
    row_block,
    operator_at,
    operator,
    t,
    hop,
    new_energy_at,
    vector_at,
    new_energies,
    vectors,
):
    """Build and diagonalise every block of a shell.

    Args:
        dims: Dimension of each new block, (n,).
        parents: Kept block of the previous shell in each slot, (n, 4).
        kept: Kept states of each previous block, (m,).
        energy_at: Where each previous block's energies begin, (m,).
        energies: Energies of the previous shell, ascending in each block.
        row_block: Block to which each component of the previous site's annihilator leads, (m, 2).
        operator_at: Layout of that annihilator, (m, 2).
        operator: That annihilator between kept states.
        t: Hopping amplitude to the new site.
        hop: Factors of the hopping, (n, 4).
        new_energy_at: Where each new block's energies begin, (n,).
        vector_at: Layout of the eigenvectors, (n, 4).
        new_energies: Receives the eigenvalues, ascending in each block.
        vectors: Receives the eigenvectors.
    """
    for b in range(len(dims)):
        dim = dims[b]
        first = np.zeros(5, np.int64)
        for a in range(4):
            p = parents[b, a]
            first[a + 1] = first[a] + (kept[p] if p >= 0 else 0)
        H = np.zeros((dim, dim))
        for a in range(4):
            p = parents[b, a]
            for i in range(first[a + 1] - first[a]):
                H[first[a] + i, first[a] + i] = energies[energy_at[p] + i]
        for link in range(4):
            upper_slot, lower_slot, component = _HOP[link]
            p_upper, p_lower = parents[b, upper_slot], parents[b, lower_slot]
            factor = t * hop[b, link]
            if p_upper < 0 or p_lower < 0 or row_block[p_upper, component] != p_lower:
                continue
            f = _matrix(operator, operator_at[p_upper, component], kept[p_lower], kept[p_upper])
            row, column = first[lower_slot], first[upper_slot]
            for i in range(f.shape[0]):
                for j in range(f.shape[1]):
                    H[row + i, column + j] = factor * f[i, j]
        # H holds its lower triangle only, which is the one that eigh reads.
        values, columns = np.linalg.eigh(H)
        new_energies[new_energy_at[b] : new_energy_at[b] + dim] = values
        for a in range(4):
            n_parent = first[a + 1] - first[a]
            w = _matrix(vectors, vector_at[b, a], dim, n_parent)
            for i in range(dim):
                for j in range(n_parent):
                    w[i, j] = columns[first[a] + j, i]


@njit(cache=True)
def site_operator(
    parents,
    kept,
    vector_at,
    vectors,
    row_start,
    row_stop,
    column_start,
    column_stop,
    row_block,
    out_at,
    site,
    out,
):
    """Annihilator of the newest site between eigenstates of the new shell.

    Args:
        parents: Kept block of the previous shell in each slot, (n, 4).
        kept: Kept states of each previous block, (m,).
        vector_at: Layout of the eigenvectors, (n, 4).
        vectors: Eigenvectors of the new shell.
        row_start: First row state of each block, (n,).
        row_stop: One past its last row state, (n,).
        column_start: First column state of each block, (n,).
        column_stop: One past its last column state, (n,).
        row_block: Block to which each component leads, (n, 2).
        out_at: Layout of the result, (n, 2).
        site: Factors, (n, 2, 2).
        out: Receives the matrices.
    """
    for b in range(len(parents)):
        n_columns = column_stop[b] - column_start[b]
        for c in range(2):
            row = row_block[b, c]
            if row < 0:
                continue
            n_rows = row_stop[row] - row_start[row]
            result = _matrix(out, out_at[b, c], n_rows, n_columns)
            result[:] = 0.0
            for link in range(2):
                slot_row, slot_column = _SITE[c, link]
                p = parents[b, slot_column]
                if p < 0 or parents[row, slot_row] != p or n_rows * n_columns == 0:
                    continue
                size = kept[p]
                at_row = vector_at[row, slot_row] + row_start[row] * size
                at_column = vector_at[b, slot_column] + column_start[b] * size
                left = _matrix(vectors, at_row, n_rows, size)
                right = _matrix(vectors, at_column, n_columns, size)
                result += site[b, c, link] * np.dot(left, right.T)


@njit(cache=True)
def transport(
    parents,
    kept,
    old_row_block,
    old_at,
    old,
    vector_at,
    vectors,
    row_start,
    row_stop,
    column_start,
    column_stop,
    row_block,
    out_at,
    links,
    factors,
    out,
):
    """An older tensor operator between eigenstates of the new shell.

    Args:
        parents: Kept block of the previous shell in each slot, (n, 4).
        kept: Kept states of each previous block, (m,).
        old_row_block: Block to which each component leads in the previous shell, (m, 2).
        old_at: Layout of the operator there, (m, 2).
        old: The operator between kept states of the previous shell.
        vector_at: Layout of the eigenvectors, (n, 4).
        vectors: Eigenvectors of the new shell.
        row_start: First row state of each block, (n,).
        row_stop: One past its last row state, (n,).
        column_start: First column state of each block, (n,).
        column_stop: One past its last column state, (n,).
        row_block: Block to which each component leads, (n, 2).
        out_at: Layout of the result, (n, 2).
        links: Contributions to each component, see `symmetry.TensorKind`.
        factors: Their factors, (n, component, link).
        out: Receives the matrices.
    """
    for b in range(len(parents)):
        n_columns = column_stop[b] - column_start[b]
        for c in range(links.shape[0]):
            row = row_block[b, c]
            if row < 0:
                continue
            n_rows = row_stop[row] - row_start[row]
            result = _matrix(out, out_at[b, c], n_rows, n_columns)
            result[:] = 0.0
            if n_rows * n_columns == 0:
                continue
            for link in range(links.shape[1]):
                slot_row, slot_column, old_c = links[c, link]
                p_row, p_column = parents[row, slot_row], parents[b, slot_column]
                factor = factors[b, c, link]
                if (
                    p_row < 0
                    or p_column < 0
                    or factor == 0.0
                    or old_row_block[p_column, old_c] != p_row
                ):
                    continue
                n_row_kept, n_column_kept = kept[p_row], kept[p_column]
                at_row = vector_at[row, slot_row] + row_start[row] * n_row_kept
                at_column = vector_at[b, slot_column] + column_start[b] * n_column_kept
                left = _matrix(vectors, at_row, n_rows, n_row_kept)
                right = _matrix(vectors, at_column, n_columns, n_column_kept)
                middle = _matrix(old, old_at[p_column, old_c], n_row_kept, n_column_kept)
                left_first = n_rows * n_column_kept * (n_row_kept + n_columns)
                right_first = n_row_kept * n_columns * (n_column_kept + n_rows)
                if left_first <= right_first:
                    result += factor * np.dot(np.dot(left, middle), right.T)
                else:
                    result += factor * np.dot(left, np.dot(middle, right.T))


@njit(cache=True)
def trace_out_site(
    parents,
    kept,
    vector_at,
    vectors,
    n_kept,
    n_states,
    density_at,
    density,
    weight_at,
    weights,
    ratio,
    out_at,
    out,
):
    """Reduced density matrix of a shell from that of the next shell.

    Args:
        parents: Kept block of this shell in each slot of the next shell's blocks, (n, 4).
        kept: Kept states of this shell's blocks, (m,).
        vector_at: Layout of the next shell's eigenvectors, (n, 4).
        vectors: Eigenvectors of the next shell.
        n_kept: Kept states of the next shell's blocks, (n,).
        n_states: All states of the next shell's blocks, (n,).
        density_at: Layout of the next shell's density matrix, (n,).
        density: The next shell's density matrix between kept states.
        weight_at: Where the weights of each block of the next shell begin, (n,).
        weights: Occupation of each state of the next shell, 0 for kept ones.
        ratio: Degeneracy of the next shell's block over that of its parent, (n, 4).
        out_at: Layout of the result, (m,).
        out: Receives the sum; zero on entry.
    """
    for b in range(len(parents)):
        n_k, n_d = n_kept[b], n_states[b] - n_kept[b]
        discarded = weights[weight_at[b] + n_k : weight_at[b] + n_states[b]]
        has_weight = n_d > 0 and discarded.max() > 0.0
        for a in range(4):
            p = parents[b, a]
            if p < 0:
                continue
            size = kept[p]
            result = _matrix(out, out_at[p], size, size)
            if n_k > 0:
                v = _matrix(vectors, vector_at[b, a], n_k, size)
                rho = _matrix(density, density_at[b], n_k, n_k)
                result += ratio[b, a] * np.dot(v.T, np.dot(rho, v))
            if has_weight:
                v = _matrix(vectors, vector_at[b, a] + n_k * size, n_d, size)
                scaled = np.empty((n_d, size))
                for i in range(n_d):
                    scaled[i] = discarded[i] * v[i]
                result += ratio[b, a] * np.dot(v.T, scaled)


@njit(cache=True)
def bin_index(magnitude):
    """Histogram bin of a positive frequency: each octave is divided linearly.

    Frequencies below 2^LOWEST_EXPONENT share the first bin, those above the last octave the last.
    """
    mantissa, exponent = math.frexp(magnitude)  # magnitude = mantissa 2^exponent, 1/2 <= m < 1
    octave = exponent - 1 - LOWEST_EXPONENT
    if magnitude == 0.0 or octave < 0:
        return 0
    index = octave * BINS_PER_OCTAVE + int((2.0 * mantissa - 1.0) * BINS_PER_OCTAVE)
    return min(index, N_BINS - 1)


@njit(cache=True)
def _collect(histogram, d, F, weight, upper, lower_energies, factor):
    for i in range(d.shape[0]):
        for j in range(d.shape[1]):
            omega = upper[j] - lower_energies[i]
            w = factor * weight[i, j]
            sign = 1 if omega >= 0.0 else 0
            k = bin_index(abs(omega))
            histogram[0, sign, k] += w * d[i, j]
            histogram[1, sign, k] += w * F[i, j]


@njit(cache=True)
def lehmann(
    row_kept,
    column_kept,
    row_start,
    row_stop,
    column_start,
    column_stop,
    row_block,
    operator_at,
    d,
    F,
    energy_at,
    energies,
    density_at,
    density,
    weights,
    factors,
    spin_of,
    histogram,
):
    r"""Add one quadrant (kept or discarded rows and columns) of a shell's Lehmann sum.

    The spectra of :math:`\langle\langle d; d^\dagger\rangle\rangle` and
    :math:`\langle\langle F; d^\dagger\rangle\rangle` have at :math:`\omega = E_j - E_i` the weight
    :math:`X_{ij} (\rho d + d \rho)_{ij}`, X = d or F, with i in the lower and j in the upper block.

    Args:
        row_kept: Whether the row states are kept ones (density matrix) or not (weights).
        column_kept: The same for columns.
        row_start: First row state of each block, (n,).
        row_stop: One past its last row state, (n,).
        column_start: First column state of each block, (n,).
        column_stop: One past its last column state, (n,).
        row_block: Block to which each component leads, (n, 2).
        operator_at: Layout of d and F, (n, 2).
        d: Annihilator of the impurity.
        F: Its commutator with the interaction.
        energy_at: Where each block's energies and weights begin, (n,).
        energies: Energies of the shell.
        density_at: Layout of the density matrix, (n,).
        density: Density matrix between kept states.
        weights: Occupations of discarded states.
        factors: Share in the spectrum for each upper block and component, (n, 2).
        spin_of: Histogram to which each component contributes, (2,).
        histogram: Sums [spin, d or F, sign of omega, bin].
    """
    for b in range(len(row_block)):
        n_columns = column_stop[b] - column_start[b]
        for c in range(2):
            row = row_block[b, c]
            if row < 0:
                continue
            n_rows = row_stop[row] - row_start[row]
            if n_rows * n_columns == 0:
                continue
            d_block = _matrix(d, operator_at[b, c], n_rows, n_columns)
            F_block = _matrix(F, operator_at[b, c], n_rows, n_columns)
            row_at = energy_at[row] + row_start[row]
            column_at = energy_at[b] + column_start[b]
            if row_kept:
                weight = np.dot(_matrix(density, density_at[row], n_rows, n_rows), d_block)
            else:
                weight = np.empty((n_rows, n_columns))
                for i in range(n_rows):
                    weight[i] = weights[row_at + i] * d_block[i]
            if column_kept:
                weight += np.dot(d_block, _matrix(density, density_at[b], n_columns, n_columns))
            else:
                for i in range(n_rows):
                    for j in range(n_columns):
                        weight[i, j] += weights[column_at + j] * d_block[i, j]
            _collect(
                histogram[spin_of[c]],
                d_block,
                F_block,
                weight,
                energies[column_at : column_at + n_columns],
                energies[row_at : row_at + n_rows],
                factors[b, c],
            )


@njit(cache=True)
def _tanh_over(gap, beta):
    """Static weight tanh(beta gap / 2) / gap, with its limit beta / 2."""
    if beta * abs(gap) < 1e-6:
        return beta / 2
    return math.tanh(beta * gap / 2) / gap


@njit(cache=True)
def static_response(
    row_kept,
    row_start,
    row_stop,
    column_start,
    column_stop,
    row_block,
    operator_at,
    S,
    energy_at,
    energies,
    density_at,
    density,
    weights,
    factors,
    beta,
):
    r"""Static response of a hermitian operator, from the discarded columns of one shell.

    Kept rows count twice: the transposed pairs contribute the same.

    Args:
        row_kept: Whether the row states are kept or discarded ones.
        row_start: First row state of each block, (n,).
        row_stop: One past its last row state, (n,).
        column_start: First column state (all discarded) of each block, (n,).
        column_stop: One past its last column state, (n,).
        row_block: Block to which each component leads, (n, component).
        operator_at: Layout of S, (n, component).
        S: The operator.
        energy_at: Where each block's energies and weights begin, (n,).
        energies: Energies of the shell.
        density_at: Layout of the density matrix, (n,).
        density: Density matrix between kept states.
        weights: Occupations of discarded states.
        factors: Sum over spin components for each row block, (n,).
        beta: Inverse temperature.
    """
    total = 0.0
    for b in range(len(row_block)):
        n_columns = column_stop[b] - column_start[b]
        for c in range(row_block.shape[1]):
            row = row_block[b, c]
            if row < 0:
                continue
            n_rows = row_stop[row] - row_start[row]
            if n_rows * n_columns == 0:
                continue
            block = _matrix(S, operator_at[b, c], n_rows, n_columns)
            row_at = energy_at[row] + row_start[row]
            column_at = energy_at[b] + column_start[b]
            if row_kept:
                rho_S = np.dot(_matrix(density, density_at[row], n_rows, n_rows), block)
            else:
                rho_S = np.empty((n_rows, n_columns))
                for i in range(n_rows):
                    rho_S[i] = weights[row_at + i] * block[i]
            part = 0.0
            for i in range(n_rows):
                for j in range(n_columns):
                    weight = block[i, j] * (rho_S[i, j] + block[i, j] * weights[column_at + j])
                    gap = energies[column_at + j] - energies[row_at + i]
                    part += weight * _tanh_over(gap, beta)
            total += factors[row] * (2.0 * part if row_kept else part)
    return total
