r"""The compiled inner loops of the solver.

All block matrices of a shell lie one after the other in a flat buffer; `at` arrays say where each
begins. The layouts are

`vectors`
    for block b the matrix [eigenstate, product state], at `vector_at[b]`. Product states are
    ordered by slot and, within a slot, by the kept state of the parent block; eigenstates ascend
    in energy, so that the kept ones come first;
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
def _slot_edges(parents, kept):
    """Where the product states of each slot begin in a block, and their total, (5,)."""
    edges = np.zeros(5, np.int64)
    for a in range(4):
        edges[a + 1] = edges[a] + (kept[parents[a]] if parents[a] >= 0 else 0)
    return edges


@njit(cache=True)
def _add_scaled(target, row, column, factor, block):
    """Add factor times a block to a matrix, with its corner at (row, column)."""
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            target[row + i, column + j] += factor * block[i, j]


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
        vector_at: Layout of the eigenvectors, (n,).
        new_energies: Receives the eigenvalues, ascending in each block.
        vectors: Receives the eigenvectors.
    """
    for b in range(len(dims)):
        dim = dims[b]
        edges = _slot_edges(parents[b], kept)
        H = np.zeros((dim, dim))
        for a in range(4):
            for i in range(edges[a + 1] - edges[a]):
                H[edges[a] + i, edges[a] + i] = energies[energy_at[parents[b, a]] + i]
        # H holds its lower triangle only, which is the one that eigh reads.
        for link in range(4):
            column_slot, row_slot, component = _HOP[link]
            p_column, p_row = parents[b, column_slot], parents[b, row_slot]
            if p_column < 0 or p_row < 0 or row_block[p_column, component] != p_row:
                continue
            f = _matrix(operator, operator_at[p_column, component], kept[p_row], kept[p_column])
            _add_scaled(H, edges[row_slot], edges[column_slot], t * hop[b, link], f)
        values, columns = np.linalg.eigh(H)
        new_energies[new_energy_at[b] : new_energy_at[b] + dim] = values
        _matrix(vectors, vector_at[b], dim, dim)[:] = columns.T


@njit(cache=True)
def site_operator(parents, kept, dims, vector_at, vectors, row_block, out_at, site, out):
    """Annihilator of the newest site between kept states of the new shell.

    Args:
        parents: Kept block of the previous shell in each slot, (n, 4).
        kept: Kept states of each previous block, (m,).
        dims: Dimension and kept states of each new block, (n, 2).
        vector_at: Layout of the eigenvectors, (n,).
        vectors: Eigenvectors of the new shell.
        row_block: Block to which each component leads, (n, 2).
        out_at: Layout of the result, (n, 2).
        site: Factors, (n, 2, 2).
        out: Receives the matrices.
    """
    for b in range(len(parents)):
        dim, n_columns = dims[b]
        edges = _slot_edges(parents[b], kept)
        right = _matrix(vectors, vector_at[b], n_columns, dim)
        for c in range(2):
            row = row_block[b, c]
            if row < 0 or n_columns == 0 or dims[row, 1] == 0:
                continue
            dim_row, n_rows = dims[row]
            row_edges = _slot_edges(parents[row], kept)
            left = _matrix(vectors, vector_at[row], n_rows, dim_row)
            moved = np.zeros((n_rows, dim))
            for link in range(2):
                row_slot, column_slot = _SITE[c, link]
                p = parents[b, column_slot]
                if p >= 0 and parents[row, row_slot] == p:
                    part = left[:, row_edges[row_slot] : row_edges[row_slot + 1]]
                    _add_scaled(moved, 0, edges[column_slot], site[b, c, link], part)
            _matrix(out, out_at[b, c], n_rows, n_columns)[:] = np.dot(moved, right.T)


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
        old_row_block: Block to which each component leads in the previous shell, (m, component).
        old_at: Layout of the operator there, (m, component).
        old: The operator between kept states of the previous shell.
        vector_at: Layout of the eigenvectors, (n,).
        vectors: Eigenvectors of the new shell.
        row_start: First row state of each block, (n,).
        row_stop: One past its last row state, (n,).
        column_start: First column state of each block, (n,).
        column_stop: One past its last column state, (n,).
        row_block: Block to which each component leads, (n, component).
        out_at: Layout of the result, (n, component).
        links: Contributions to each component, see `symmetry.TensorKind`.
        factors: Their factors, (n, component, link).
        out: Receives the matrices.
    """
    for b in range(len(parents)):
        n_columns = column_stop[b] - column_start[b]
        edges = _slot_edges(parents[b], kept)
        dim = edges[4]
        right = _matrix(vectors, vector_at[b] + column_start[b] * dim, n_columns, dim)
        for c in range(links.shape[0]):
            row = row_block[b, c]
            if row < 0:
                continue
            n_rows = row_stop[row] - row_start[row]
            if n_rows * n_columns == 0:
                continue
            row_edges = _slot_edges(parents[row], kept)
            dim_row = row_edges[4]
            left = _matrix(vectors, vector_at[row] + row_start[row] * dim_row, n_rows, dim_row)
            # One dense product of a sparse matrix is faster than many small ones of its blocks.
            product = np.zeros((dim_row, dim))
            for link in range(links.shape[1]):
                row_slot, column_slot, old_c = links[c, link]
                p_row, p_column = parents[row, row_slot], parents[b, column_slot]
                factor = factors[b, c, link]
                if p_row < 0 or p_column < 0 or factor == 0.0:
                    continue
                if old_row_block[p_column, old_c] == p_row:
                    block = _matrix(old, old_at[p_column, old_c], kept[p_row], kept[p_column])
                    _add_scaled(product, row_edges[row_slot], edges[column_slot], factor, block)
            result = _matrix(out, out_at[b, c], n_rows, n_columns)
            if n_rows <= n_columns:
                result[:] = np.dot(np.dot(left, product), right.T)
            else:
                result[:] = np.dot(left, np.dot(product, right.T))


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
        vector_at: Layout of the next shell's eigenvectors, (n,).
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
        dim, n_k = n_states[b], n_kept[b]
        n_d = dim - n_k
        discarded = weights[weight_at[b] + n_k : weight_at[b] + dim]
        rho = np.zeros((dim, dim))
        if n_k > 0:
            v = _matrix(vectors, vector_at[b], n_k, dim)
            rho += np.dot(v.T, np.dot(_matrix(density, density_at[b], n_k, n_k), v))
        if n_d > 0 and discarded.max() > 0.0:
            v = _matrix(vectors, vector_at[b] + n_k * dim, n_d, dim)
            scaled = np.empty((n_d, dim))
            for i in range(n_d):
                scaled[i] = discarded[i] * v[i]
            rho += np.dot(v.T, scaled)
        edges = _slot_edges(parents[b], kept)
        for a in range(4):
            p = parents[b, a]
            if p >= 0:
                part = rho[edges[a] : edges[a + 1], edges[a] : edges[a + 1]]
                result = _matrix(out, out_at[p], kept[p], kept[p])
                _add_scaled(result, 0, 0, ratio[b, a], part)


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
