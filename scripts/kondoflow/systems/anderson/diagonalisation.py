r"""Iterative diagonalisation of the Wilson chain (Bulla, Costi and Pruschke 2008, section III).

.. math::
    H_{n+1} = H_n + t_n \sum_s (f_{n s}^\dagger f_{n+1, s} + h.c.)
            + \epsilon_{n+1} \sum_s f_{n+1, s}^\dagger f_{n+1, s}, \qquad
    H_{-1} = H_{imp}, \quad t_{-1} = V,

starting from the impurity alone (f_{-1} = d). Shell k of the code is H_{k-1}: `shells[0]` is the
impurity, and `amplitudes[k]` = t_{k-1} leads from shell k to shell k + 1, whose
site has the energy `onsite[k]` = eps_k. Energies are not
rescaled: they are counted from the ground state of each shell, which keeps their relative precision
down to the smallest scale.

After each diagonalisation the lowest states are kept. A fixed number would cut through multiplets
that a small field splits, which acts like a spurious field of its own; the cut is therefore made at
the widest gap of the spectrum between n_keep and WINDOW n_keep states. With a large Lambda the
spectrum has wide gaps by nature, about a factor of two in the number of states apart, and a cut
between them costs far more accuracy than the states above it are worth; the window is therefore
wide enough to hold one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kondoflow.systems.anderson.blocks import (
    add_scaled,
    begin,
    join_blocks,
    matrix,
    row_blocks,
    slot_edges,
)
from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.symmetry import ANNIHILATOR, HOP_LINKS, SITE_LINKS, SLOT_Q

WINDOW = 2.0  # the cut is searched up to this multiple of n_keep

_STEPS, _HOP, _SITE = ANNIHILATOR.steps, HOP_LINKS, SITE_LINKS
_SLOT_Q = np.array(SLOT_Q)


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


class Operator(NamedTuple):
    """A tensor operator between kept states of one shell, of n_c components.

    The matrix [state of block row_block[b, c], state of block b] begins at `at[b * n_c + c]`.
    """

    row_block: np.ndarray  # -1 where there is none, (n, n_c)
    at: np.ndarray  # (n * n_c + 1,)
    values: np.ndarray  # flat blocks


@njit
def eigenvectors(shell, b):
    """Eigenvectors of a block, [eigenstate, product state]."""
    dim = shell.slot_at[b, 4]
    return matrix(shell.vectors, shell.vector_at[b], dim, dim)


@njit
def component(operator, n_kept, b, c):
    """Matrix [row state, column state] of an operator for column block b and component c."""
    at = operator.at[b * operator.row_block.shape[1] + c]
    return matrix(operator.values, at, n_kept[operator.row_block[b, c]], n_kept[b])


@njit
def empty_operator(labels, n_kept, steps):
    """An operator between kept states whose values are yet to be set."""
    row_block = row_blocks(labels, steps)
    sizes = np.zeros(row_block.size, np.int64)
    for b in range(len(labels)):
        for c in range(len(steps)):
            if row_block[b, c] >= 0:
                sizes[b * len(steps) + c] = n_kept[row_block[b, c]] * n_kept[b]
    at = begin(sizes)
    return Operator(row_block, at, np.empty(at[-1]))


@njit
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
    shell = impurity_shell(eps_d, U, B, symmetry)
    shells = [shell]
    parent_kept = np.ones(1, np.int64)
    for n in range(len(amplitudes)):
        f = site_annihilator(shell, parent_kept, symmetry)
        parent_kept = shell.n_kept
        n_wanted = 0 if n == len(amplitudes) - 1 else n_keep
        shell = add_site(shell, f, amplitudes[n], onsite[n], n_wanted, symmetry)
        shells.append(shell)
    return shells


@njit
def impurity_shell(eps_d, U, B, symmetry):
    """The bare impurity, built like a site that is added to a vacuum of one state."""
    labels, parents = join_blocks(
        np.zeros((1, 2), np.int64), np.ones(1, np.int64), symmetry.lowest_x
    )
    n = len(labels)
    one_each = np.ones(n, np.int64)
    energies = np.empty(n)
    for b in range(n):
        Q, x = labels[b]
        # For multiplets x is twice the spin, which does not matter as B vanishes.
        energies[b] = Q * eps_d - (x * B / 2 if Q == 1 else 0.0) + (U if Q == 2 else 0.0)
    ground = energies.min()
    return Shell(
        labels,
        parents,
        slot_edges(parents, np.ones(1, np.int64)),
        one_each,
        begin(one_each),
        energies - ground,
        begin(one_each),
        np.ones(n),
        ground,
        _degeneracy(labels, symmetry),
    )


@njit
def add_site(old, f, t, eps, n_keep, symmetry):
    """The shell with one more site.

    Args:
        old: The previous shell.
        f: Annihilator of its newest site between its kept states.
        t: Hopping amplitude to the new site.
        eps: Energy of the new site.
        n_keep: Least number of states to keep, 0 to keep none.
        symmetry: Factors of the symmetry.
    """
    labels, parents = join_blocks(old.labels, old.n_kept, symmetry.lowest_x)
    slot_at = slot_edges(parents, old.n_kept)
    dims = slot_at[:, 4]
    energy_at, vector_at = begin(dims), begin(dims**2)
    energies, vectors = np.empty(energy_at[-1]), np.empty(vector_at[-1])
    for b in range(len(labels)):
        hop = symmetry.hop[labels[b, 1] + symmetry.offset]
        values, columns = np.linalg.eigh(hamiltonian(old, f, t, eps, parents[b], slot_at[b], hop))
        energies[energy_at[b] : energy_at[b + 1]] = values
        matrix(vectors, vector_at[b], dims[b], dims[b])[:] = columns.T
    shift = energies.min()
    energies -= shift
    degeneracy = _degeneracy(labels, symmetry)
    n_kept = count_kept(energies, energy_at, degeneracy, n_keep)
    return Shell(
        labels,
        parents,
        slot_at,
        n_kept,
        energy_at,
        energies,
        vector_at,
        vectors,
        shift,
        degeneracy,
    )


@njit
def _degeneracy(labels, symmetry):
    return symmetry.degeneracy[labels[:, 1] + symmetry.offset]


@njit
def hamiltonian(old, f, t, eps, parents, edges, hop):
    """Hamiltonian of one new block; the lower triangle only, which is the one that eigh reads."""
    H = np.zeros((edges[4], edges[4]))
    for slot in range(4):
        for i in range(edges[slot + 1] - edges[slot]):
            E = old.energies[old.energy_at[parents[slot]] + i]
            H[edges[slot] + i, edges[slot] + i] = E + _SLOT_Q[slot] * eps
    for link in range(4):
        column_slot, row_slot, c = _HOP[link]
        column, row = parents[column_slot], parents[row_slot]
        if column >= 0 and row >= 0 and f.row_block[column, c] == row:
            block = component(f, old.n_kept, column, c)
            add_scaled(H, edges[row_slot], edges[column_slot], t * hop[link], block)
    return H


@njit
def count_kept(energies, energy_at, degeneracy, n_keep):
    """Kept states of each block: those below the widest gap in the window of numbers of states."""
    n_blocks = len(degeneracy)
    n_kept = np.zeros(n_blocks, np.int64)
    if n_keep == 0:
        return n_kept
    block_of = np.empty(len(energies), np.int64)
    for b in range(n_blocks):
        block_of[energy_at[b] : energy_at[b + 1]] = b
    order = np.argsort(energies)
    cut, widest, n_states = len(order), -1.0, 0.0
    for k in range(len(order) - 1):
        n_states += degeneracy[block_of[order[k]]]
        if n_states < n_keep:
            continue
        if n_states > WINDOW * n_keep and widest >= 0.0:
            break
        gap = energies[order[k + 1]] - energies[order[k]]
        if gap > widest:
            cut, widest = k + 1, gap
    for k in range(cut):
        n_kept[block_of[order[k]]] += 1
    return n_kept


@njit
def site_annihilator(shell, parent_kept, symmetry):
    """Annihilator of the newest site between kept states.

    Args:
        shell: The shell.
        parent_kept: Kept states of the previous shell's blocks.
        symmetry: Factors of the symmetry.
    """
    f = empty_operator(shell.labels, shell.n_kept, _STEPS)
    for b in range(len(shell.labels)):
        site = symmetry.site[shell.labels[b, 1] + symmetry.offset]
        right = eigenvectors(shell, b)[: shell.n_kept[b]]
        for c in range(2):
            row = f.row_block[b, c]
            if row < 0 or shell.n_kept[row] * shell.n_kept[b] == 0:
                continue
            left = eigenvectors(shell, row)[: shell.n_kept[row]]
            moved = np.zeros((left.shape[0], right.shape[1]))
            for link in range(2):
                row_slot, column_slot = _SITE[c, link]
                p = shell.parents[b, column_slot]
                if p >= 0 and shell.parents[row, row_slot] == p:
                    at = shell.slot_at[row, row_slot]
                    part = left[:, at : at + parent_kept[p]]
                    add_scaled(moved, 0, shell.slot_at[b, column_slot], site[c, link], part)
            component(f, shell.n_kept, b, c)[:] = np.dot(moved, right.T)
    return f
