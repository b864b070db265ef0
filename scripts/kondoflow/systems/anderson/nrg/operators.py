"""Operators of the impurity, followed along the chain.

An operator between product states of a new shell consists of the blocks it had between kept states
of the older one, with the factors of `symmetry`; between eigenstates it is L P R^T, with P that
matrix and L, R the eigenvectors of row and column block.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.compiled import part
from kondoflow.systems.anderson.nrg.diagonalisation import Operator


def impurity_annihilators(shell, U):
    """The annihilator d, and F = [d, H_int] = U n_{-s} d_s, in the shell of the bare impurity.

    F is what d does to the doubly occupied impurity. All blocks have one state.
    """
    d = shell.site
    from_double = np.zeros(len(d.values))
    for b, c in np.argwhere(d.row_block >= 0):
        from_double[d.at[2 * b + c]] = shell.labels[b, 0] == 2
    values = np.stack([d.values, U * from_double * d.values], axis=1)
    return Operator(d.row_block, 2 * d.at, values.ravel())


def impurity_spin(shell, symmetry):
    """The impurity's spin in the shell of the bare impurity, whose blocks have one state.

    It is S_z, or for multiplets the tensor operator with the reduced element sqrt(S (S + 1)).
    """
    n, n_c = len(shell.labels), len(symmetry.spin_kind.steps)
    Q, x = shell.labels.T
    rows = np.full((n, n_c), -1)
    rows[:, 0] = np.arange(n)
    at = np.concatenate([[0], np.repeat(np.arange(1, n + 1), n_c)])
    element = np.sqrt(3) / 2 if symmetry.n_spin == 1 else x / 2
    return Operator(rows, at, np.where(Q == 1, element, 0.0))


@part
def between_product_states(
    n_operators, operators, n_kept, row_parents, parents, row_slots, slots, links, factors
):
    """Older operators between the product states of a row and a column block.

    Args:
        n_operators: Number of operators.
        operators: Between kept states of the previous shell, the fields of `Operator`.
        n_kept: Kept states of the previous shell.
        row_parents: Blocks of the previous shell in each slot of the row block, (4,).
        parents: The same of the column block.
        row_slots: First product state of each slot of the row block, and its dimension, (5,).
        slots: The same of the column block.
        links: Contributions, see `tensor_operators.TensorKind`, (link, 3).
        factors: Their factors, (link,).

    Returns:
        Dense array [row, operator, column], although most of it vanishes: one dense product is
        faster than many small ones of its blocks.
    """
    rows, at, values = operators
    P = np.zeros((row_slots[4], n_operators, slots[4]))
    for link in range(len(links)):
        to, come, c = links[link, 0], links[link, 1], links[link, 2]
        row, column, factor = row_parents[to], parents[come], factors[link]
        if row < 0 or column < 0 or c < 0 or factor == 0.0 or rows[column, c] != row:
            continue
        source = at[column * rows.shape[1] + c]
        for i in range(n_kept[row]):
            for k in range(n_operators):
                for j in range(n_kept[column]):
                    P[row_slots[to] + i, k, slots[come] + j] += factor * values[source]
                    source += 1
    return P
