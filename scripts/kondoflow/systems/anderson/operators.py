"""Operators of the impurity, followed along the chain.

An operator between product states of a new shell consists of the blocks it had between kept states
of the older one, with the factors of `symmetry`; between eigenstates it is L P R^T, with P that
matrix and L, R the eigenvectors of row and column block.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.blocks import add_scaled
from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.diagonalisation import (
    Operator,
    component,
    empty_operator,
    site_annihilator,
)
from kondoflow.systems.anderson.symmetry import SPIN

_SPIN_STEPS = SPIN.steps


@njit
def impurity_annihilator(shell, symmetry):
    """The impurity's annihilator d in the shell of the bare impurity."""
    return site_annihilator(shell, np.ones(1, np.int64), symmetry)


@njit
def interaction_commutator(shell, d, U):
    """F = [d, H_int] = U n_{-s} d_s: what d does to the doubly occupied impurity."""
    F = Operator(d.row_block, d.at, np.zeros_like(d.values))
    for b in range(len(shell.labels)):
        for c in range(2):
            if F.row_block[b, c] >= 0 and shell.labels[b, 0] == 2:
                component(F, shell.n_kept, b, c)[:] = U * component(d, shell.n_kept, b, c)
    return F


@njit
def impurity_spin(shell):
    """The impurity's spin, with the reduced element sqrt(S (S + 1)) for S = 1/2."""
    S = empty_operator(shell.labels, shell.n_kept, _SPIN_STEPS)
    S.values[:] = 0.0
    for b in range(len(shell.labels)):
        if shell.labels[b, 0] == 1:
            component(S, shell.n_kept, b, 0)[:] = np.sqrt(3.0) / 2
    return S


@njit
def between_product_states(old, shell, operator, row, b, links, factors):
    """An older operator between the product states of a row and a column block.

    Args:
        old: The previous shell.
        shell: The shell.
        operator: The operator between kept states of the previous shell.
        row: Row block.
        b: Column block.
        links: Contributions, see `symmetry.TensorKind`, (link, 3).
        factors: Their factors, (link,).

    Returns:
        Dense matrix, although most of it vanishes: one dense product is faster than many small
        ones of its blocks.
    """
    P = np.zeros((shell.slot_at[row, 4], shell.slot_at[b, 4]))
    for link in range(len(links)):
        row_slot, column_slot, c = links[link]
        row_parent, column_parent = shell.parents[row, row_slot], shell.parents[b, column_slot]
        if row_parent < 0 or column_parent < 0 or c < 0 or factors[link] == 0.0:
            continue
        if operator.row_block[column_parent, c] == row_parent:
            block = component(operator, old.n_kept, column_parent, c)
            corner = shell.slot_at[row, row_slot], shell.slot_at[b, column_slot]
            add_scaled(P, corner[0], corner[1], factors[link], block)
    return P


@njit
def rotate(left, P, right):
    """L P R^T for some of the eigenvectors, [eigenstate, product state], of both blocks."""
    if left.shape[0] == 0 or right.shape[0] == 0:
        return np.zeros((left.shape[0], right.shape[0]))
    if left.shape[0] <= right.shape[0]:
        return np.dot(np.dot(left, P), right.T)
    return np.dot(left, np.dot(P, right.T))
