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

After each diagonalisation the lowest states are kept. A fixed number would cut through multiplets
that a small field splits, which acts like a spurious field of its own; the cut is therefore made at
the widest gap of the spectrum between n_keep and WINDOW n_keep states. With a large Lambda the
spectrum has wide gaps by nature, about a factor of two in the number of states apart, and a cut
between them costs far more accuracy than the states above it are worth; the window is therefore
wide enough to hold one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from kondoflow.systems.anderson.blocks import join_blocks, matrix, operator_blocks
from kondoflow.systems.anderson.compiled import njit, part
from kondoflow.systems.anderson.symmetry import ANNIHILATOR, HOP_LINKS, SITE_LINKS

WINDOW = 2.0  # the cut is searched up to this multiple of n_keep

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
    found: tuple[Any, ...] = add_site(
        *(old.labels, old.n_kept, old.energy_at, old.energies, *old.site, t, of_slots, n_keep),
        *(symmetry.lowest_x, symmetry.offset, symmetry.hop, symmetry.site, symmetry.degeneracy),
    )
    return Shell._make((*found[:-3], Operator(*found[-3:])))


@njit
def add_site(
    old_labels,
    old_kept,
    old_energy_at,
    old_energies,
    f_rows,
    f_at,
    f_values,
    t,
    of_slots,
    n_keep,
    lowest_x,
    offset,
    hop_table,
    site_table,
    degeneracy_table,
):
    """The shell with one more site.

    Args:
        old_labels: Of the previous shell, as in `Shell`, like the three that follow.
        old_kept: Kept states of its blocks.
        old_energy_at: Where its blocks begin.
        old_energies: Its energies.
        f_rows: Annihilator of its newest site, as in `Operator`; so are the two that follow.
        f_at: Where its blocks begin.
        f_values: Its flat blocks.
        t: Hopping amplitude to the new site.
        of_slots: Energy of the new site in each slot, (4,).
        n_keep: Least number of states to keep, 0 to keep none.
        lowest_x: As in `Symmetry`, like the four that follow.
        offset: Row of the tables for the label 0.
        hop_table: Factors of the hopping.
        site_table: Factors of the new site's annihilator.
        degeneracy_table: Degeneracies.

    Returns:
        What a `Shell` holds, the new site's annihilator as three arrays.
    """
    labels, parents, slot_at, energy_at, vector_at = join_blocks(old_labels, old_kept, lowest_x)
    energies, vectors = np.empty(energy_at[-1]), np.empty(vector_at[-1])
    degeneracy, shift = np.empty(len(parents)), np.inf
    for b in range(len(parents)):
        dim, first = slot_at[b, 4], energy_at[b]
        H = np.zeros((dim, dim))
        for slot in range(4):
            for k in range(slot_at[b, slot + 1] - slot_at[b, slot]):
                i = slot_at[b, slot] + k
                H[i, i] = old_energies[old_energy_at[parents[b, slot]] + k] + of_slots[slot]
        # The lower triangle alone, which is the one that eigh reads.
        for link in range(4):
            column_slot, row_slot, c = _HOP[link, 0], _HOP[link, 1], _HOP[link, 2]
            column, row = parents[b, column_slot], parents[b, row_slot]
            if column >= 0 and row >= 0 and f_rows[column, c] == row:
                at, factor = f_at[2 * column + c], t * hop_table[labels[b, 1] + offset, link]
                for i in range(old_kept[row]):
                    for j in range(old_kept[column]):
                        H[slot_at[b, row_slot] + i, slot_at[b, column_slot] + j] += (
                            factor * f_values[at]
                        )
                        at += 1
        if dim == 1:
            if not np.isfinite(H[0, 0]):
                raise ValueError("infs or NaNs in the Hamiltonian")
            energies[first], vectors[vector_at[b]] = H[0, 0], 1.0
        else:
            values, columns = np.linalg.eigh(H)
            for i in range(dim):
                energies[first + i] = values[i]
                for j in range(dim):
                    vectors[vector_at[b] + i * dim + j] = columns[j, i]
        degeneracy[b] = degeneracy_table[labels[b, 1] + offset]
        shift = min(shift, energies[first])
    for k in range(len(energies)):
        energies[k] -= shift
    n_kept = count_kept(energies, energy_at, degeneracy, n_keep)
    rows, at = operator_blocks(labels, n_kept, _STEPS, 1)
    values = annihilate_site(
        *(old_kept, labels, parents, slot_at, n_kept, vector_at, vectors),
        *(offset, site_table, rows, at),
    )
    shell = labels, parents, slot_at, n_kept, energy_at, energies, vector_at, vectors
    return (*shell, shift, degeneracy, rows, at, values)


@part
def count_kept(energies, energy_at, degeneracy, n_keep):
    """Kept states of each block: those below the widest gap in the window of numbers of states.

    Args:
        energies: Of all states, ascending in each block.
        energy_at: Where the energies of each block begin.
        degeneracy: Of each block.
        n_keep: Least number of states to keep, 0 to keep none.
    """
    n_kept = np.zeros(len(degeneracy), np.int64)
    if n_keep == 0:
        return n_kept
    below = np.zeros(len(degeneracy), np.int64)  # states of each block below the present energy
    n_states, energy, widest = 0.0, 0.0, -1.0
    while True:
        lowest, block = np.inf, -1
        for b in range(len(degeneracy)):
            at = energy_at[b] + below[b]
            if at < energy_at[b + 1] and energies[at] < lowest:
                lowest, block = energies[at], b
        if widest >= 0.0 and (block < 0 or n_states > WINDOW * n_keep):
            return n_kept
        if (n_states >= n_keep and lowest - energy > widest) or block < 0:
            widest = lowest - energy
            for b in range(len(degeneracy)):
                n_kept[b] = below[b]
        if block < 0:
            return n_kept
        n_states, energy = n_states + degeneracy[block], lowest
        below[block] += 1


@part
def annihilate_site(
    old_kept, labels, parents, slot_at, n_kept, vector_at, vectors, offset, site, rows, at
):
    """The newest site's annihilator between kept states, flat blocks.

    Args:
        old_kept: Kept states of the previous shell's blocks.
        labels: As in `Shell`, like the five that follow.
        parents: Blocks of the previous shell in each slot.
        slot_at: First product states.
        n_kept: Kept states.
        vector_at: Where eigenvectors begin.
        vectors: Eigenvectors.
        offset: As in `Symmetry`, like the next one.
        site: Factors.
        rows: As in `Operator`, like the next one.
        at: Where blocks begin.
    """
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
