r"""Iterative diagonalisation of the Wilson chain (Bulla, Costi and Pruschke 2008, section III).

.. math::
    H_{n+1} = H_n + t_n \sum_s (f_{n s}^\dagger f_{n+1, s} + h.c.)
            + \epsilon_{n+1} \sum_s f_{n+1, s}^\dagger f_{n+1, s}, \qquad
    H_{-1} = H_{imp}, \quad t_{-1} = V,

starting from the impurity alone (f_{-1} = d), which is built like a site that is added to a vacuum
of one state. Shell k of the code is H_{k-1}: `shells[0]` is the impurity, and `amplitudes[k]` =
t_{k-1} leads from shell k to shell k + 1, whose site has the energy `onsite[k]` = eps_k. Energies
are not rescaled: they are counted from the ground state of each shell, which keeps their relative
precision down to the smallest scale.

After each diagonalisation the lowest states are kept, see `truncation`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kondoflow.systems.anderson.compiled import njit, part
from kondoflow.systems.anderson.nrg.blocks import join_blocks, matrix, operator_blocks
from kondoflow.systems.anderson.nrg.tensor_operators import ANNIHILATOR, HOP_LINKS, SITE_LINKS
from kondoflow.systems.anderson.nrg.truncation import count_kept

_HOP, _SITE, _STEPS = HOP_LINKS, SITE_LINKS, ANNIHILATOR.steps
_ALL = 4  # states to keep of the impurity


class Operator(NamedTuple):
    """Tensor operators of one kind between kept states of one shell, of n_c components each.

    The array [state of block row_block[b, c], operator, state of block b] begins at
    `at[b * n_c + c]`.
    """

    row_block: np.ndarray  # -1 where there is none, (n, n_c)
    at: np.ndarray  # (n * n_c + 1,)
    values: np.ndarray  # flat blocks


class Shell(NamedTuple):
    """One step of the iteration: the chain up to one site, diagonalised.

    Product states of a block are ordered by slot and, within a slot, by the kept state of the
    parent block; eigenstates ascend in energy, so that the kept ones come first.
    """

    labels: np.ndarray  # (Q, x) of each block, (n, 2)
    parents: np.ndarray  # block of the previous shell in each slot, -1 if none, (n, 4)
    slot_at: np.ndarray  # first product state of each slot, then the block's dimension, (n, 5)
    n_kept: np.ndarray  # (n,)
    energy_at: np.ndarray  # (n + 1,)
    energies: np.ndarray  # relative to the shell's ground state
    vector_at: np.ndarray  # (n + 1,)
    vectors: np.ndarray  # matrices [eigenstate, product state]
    shift: float  # ground-state energy relative to the previous shell's ground state
    degeneracy: np.ndarray  # states that each stored state of a block stands for, (n,)
    site: Operator  # annihilator of the newest site between kept states

    @property
    def states(self):
        """The first eight fields as a plain tuple, whose type numba looks up fast."""
        return self[:8]


def diagonalise_chain(eps_d, U, B, amplitudes, onsite, n_keep, symmetry):
    """Diagonalise impurity and chain, site by site.

    Args:
        eps_d: Level energy.
        U: Repulsion.
        B: Field; the symmetry must fit it.
        amplitudes: Hopping V onto the chain and along it, (n_sites,).
        onsite: Energies of its sites, (n_sites,).
        n_keep: Least number of states kept after each step (spin components counted).
        symmetry: Factors of `charge_spin()` (B = 0 only) or `charge_sz()`.

    Returns:
        List of `Shell`s from the impurity (index 0) to the last site. No state of the last one is
        kept.
    """
    of_slots = np.array([0.0, eps_d - B / 2, eps_d + B / 2, 2 * eps_d + U])
    shells = [_add(_vacuum(), 0.0, of_slots, _ALL, symmetry)]
    for n, (t, energy) in enumerate(zip(amplitudes.tolist(), onsite.tolist(), strict=True)):
        of_slots = np.array([0.0, energy, energy, 2 * energy])
        is_last = n == len(amplitudes) - 1
        shells.append(_add(shells[-1], t, of_slots, 0 if is_last else n_keep, symmetry))
    return shells


def _vacuum():
    """A shell of one state, on which no operator acts."""
    zero, one = np.zeros(1), np.ones(1, np.int64)
    label, no_block = np.zeros((1, 2), np.int64), np.full((1, 2), -1)
    nothing = Operator(no_block, np.zeros(3, np.int64), np.empty(0))
    begin, edges = np.array([0, 1]), np.array([[0, 1, 1, 1, 1]])
    return Shell(label, no_block, edges, one, begin, zero, begin, zero + 1, 0.0, zero + 1, nothing)


def _add(old, t, of_slots, n_keep, symmetry):
    """The shell with one more site, see `add_site`."""
    tables = symmetry.lowest_x, symmetry.offset, symmetry.hop, symmetry.site, symmetry.degeneracy
    states, shift, degeneracy, site = add_site(
        old.states, tuple(old.site), t, of_slots, n_keep, tables
    )
    return Shell._make((*states, shift, degeneracy, Operator(*site)))


@njit
def add_site(old, f, t, of_slots, n_keep, tables):
    """The shell with one more site.

    Args:
        old: The previous shell, as `Shell.states`.
        f: The annihilator of its newest site, the fields of `Operator`.
        t: Hopping amplitude to the new site.
        of_slots: Energy of the new site in each slot, (4,).
        n_keep: Least number of states to keep, 0 to keep none.
        tables: lowest_x, offset, hop, site and degeneracy of `Symmetry`.

    Returns:
        The new shell as `Shell.states`, its ground-state energy relative to that of the previous
        one, the degeneracy of its blocks, and the new site's annihilator, the fields of `Operator`.
    """
    old_labels, old_kept = old[0], old[3]
    lowest_x, offset, hop, site, degeneracies = tables
    labels, parents, slot_at, energy_at, vector_at = join_blocks(old_labels, old_kept, lowest_x)
    energies, vectors = np.empty(energy_at[-1]), np.empty(vector_at[-1])
    degeneracy, shift = np.empty(len(parents)), np.inf
    for b in range(len(parents)):
        x = labels[b, 1] + offset
        H = block_hamiltonian(old, f, t, of_slots, parents[b], slot_at[b], hop[x])
        diagonalise_block(H, energies[energy_at[b] :], vectors[vector_at[b] :])
        degeneracy[b] = degeneracies[x]
        shift = min(shift, energies[energy_at[b]])
    for k in range(len(energies)):
        energies[k] -= shift
    n_kept = count_kept(energies, energy_at, degeneracy, n_keep)
    states = labels, parents, slot_at, n_kept, energy_at, energies, vector_at, vectors
    rows, at = operator_blocks(labels, n_kept, _STEPS, 1)
    values = annihilate_site(states, old_kept, offset, site, rows, at)
    return states, shift, degeneracy, (rows, at, values)


@part
def block_hamiltonian(old, f, t, of_slots, parents, slot_at, hop):
    """Hamiltonian of one block of the new shell between its product states.

    Args:
        old: The previous shell, as in `add_site`, like the three that follow.
        f: The annihilator of its newest site.
        t: Hopping amplitude.
        of_slots: Energy of the new site in each slot.
        parents: Block of the previous shell in each slot, (4,).
        slot_at: First product state of each slot, and the block's dimension, (5,).
        hop: Factors of the hopping in this block, (link,).

    Returns:
        Its lower triangle, which is the one that eigh reads, in a square matrix.
    """
    _, _, _, n_kept, energy_at, energies, _, _ = old
    rows, at, values = f
    H = np.zeros((slot_at[4], slot_at[4]))
    for slot in range(4):
        for k in range(slot_at[slot + 1] - slot_at[slot]):
            i = slot_at[slot] + k
            H[i, i] = energies[energy_at[parents[slot]] + k] + of_slots[slot]
    for link in range(4):
        column_slot, row_slot, c = _HOP[link, 0], _HOP[link, 1], _HOP[link, 2]
        column, row = parents[column_slot], parents[row_slot]
        if column >= 0 and row >= 0 and rows[column, c] == row:
            source, factor = at[2 * column + c], t * hop[link]
            for i in range(n_kept[row]):
                for j in range(n_kept[column]):
                    H[slot_at[row_slot] + i, slot_at[column_slot] + j] += factor * values[source]
                    source += 1
    return H


@part
def diagonalise_block(H, energies, vectors):
    """Eigenvalues of a block, ascending, and its eigenvectors, written to flat buffers.

    Args:
        H: Lower triangle of the Hamiltonian.
        energies: Where the eigenvalues go, to the beginning.
        vectors: Where the matrix [eigenstate, product state] goes, to the beginning.
    """
    dim = len(H)
    if dim == 1:
        if not np.isfinite(H[0, 0]):
            raise ValueError("infs or NaNs in the Hamiltonian")
        energies[0], vectors[0] = H[0, 0], 1.0
        return
    values, columns = np.linalg.eigh(H)
    for i in range(dim):
        energies[i] = values[i]
        for j in range(dim):
            vectors[i * dim + j] = columns[j, i]


@part
def annihilate_site(shell, old_kept, offset, site, rows, at):
    """The newest site's annihilator between kept states, flat blocks.

    Args:
        shell: The shell, as `Shell.states`.
        old_kept: Kept states of the previous shell's blocks.
        offset: As in `Symmetry`, like the next one.
        site: Factors.
        rows: As in `Operator`, like the next one.
        at: Where blocks begin.
    """
    labels, parents, slot_at, n_kept, _, _, vector_at, vectors = shell
    values = np.empty(at[-1])
    for b in range(len(parents)):
        dim, n = slot_at[b, 4], n_kept[b]
        right = matrix(vectors, vector_at[b], n, dim)
        for c in range(2):
            row = rows[b, c]
            if row < 0 or n_kept[row] * n == 0:
                continue
            left = matrix(vectors, vector_at[row], n_kept[row], slot_at[row, 4])
            moved = np.zeros((n_kept[row], dim))
            for link in range(2):
                row_slot, column_slot = _SITE[c, link, 0], _SITE[c, link, 1]
                p = parents[b, column_slot]
                if p >= 0 and parents[row, row_slot] == p:
                    come, to = slot_at[row, row_slot], slot_at[b, column_slot]
                    factor = site[labels[b, 1] + offset, c, link]
                    for i in range(n_kept[row]):
                        for j in range(old_kept[p]):
                            moved[i, to + j] += factor * left[i, come + j]
            product = np.dot(moved, right.T)
            for i in range(n_kept[row]):
                for j in range(n):
                    values[at[2 * b + c] + i * n + j] = product[i, j]
    return values
