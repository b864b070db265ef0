"""Blocks of states and how block matrices lie in memory.

All block matrices of a shell lie one after the other in a flat buffer; `at` arrays say where each
begins. An operator of n_c components has for column block b and component c the matrix [state of
block row_block[b, c], state of b] at `at[b * n_c + c]`. A block that does not exist has index -1.

The functions of this package that are decorated with `njit` are compiled; with NUMBA_DISABLE_JIT=1
they run as the plain numpy they are written in.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.symmetry import SLOT_Q, SLOT_X

_SLOT_Q, _SLOT_X = np.array(SLOT_Q), np.array(SLOT_X)


@njit
def matrix(buffer, at, n_rows, n_columns):
    """The matrix that begins at a position of a flat buffer, a view."""
    return buffer[at : at + n_rows * n_columns].reshape(n_rows, n_columns)


@njit
def begin(sizes):
    """Where consecutive parts begin, and the end of the last one, (n + 1,)."""
    edges = np.zeros(len(sizes) + 1, np.int64)
    for k in range(len(sizes)):
        edges[k + 1] = edges[k] + sizes[k]
    return edges


@njit
def join_blocks(labels, n_kept, lowest_x):
    """Blocks that arise when a site is added.

    Args:
        labels: (Q, x) of the blocks, (m, 2).
        n_kept: Kept states of each, (m,).
        lowest_x: Least x that a block can have.

    Returns:
        Labels of the new blocks in ascending order, (n, 2), and for each the old block in every
        slot, -1 if there is none, (n, 4).
    """
    Q_0, x_0 = labels[:, 0].min(), labels[:, 1].min() - 1
    n_Q, n_x = labels[:, 0].max() - Q_0 + 3, labels[:, 1].max() - x_0 + 2
    table = np.full((n_Q, n_x, 4), -1)
    for p in range(len(labels)):
        for slot in range(4):
            Q, x = labels[p, 0] + _SLOT_Q[slot], labels[p, 1] + _SLOT_X[slot]
            if n_kept[p] > 0 and x >= lowest_x:
                table[Q - Q_0, x - x_0, slot] = p
    new_labels, parents = np.empty((n_Q * n_x, 2), np.int64), np.empty((n_Q * n_x, 4), np.int64)
    n = 0
    for Q in range(n_Q):
        for x in range(n_x):
            if table[Q, x].max() >= 0:
                new_labels[n, 0], new_labels[n, 1] = Q + Q_0, x + x_0
                parents[n] = table[Q, x]
                n += 1
    return new_labels[:n].copy(), parents[:n].copy()


@njit
def slot_edges(parents, n_kept):
    """First product state of each slot of every block, and the block's dimension, (n, 5)."""
    edges = np.zeros((len(parents), 5), np.int64)
    for b in range(len(parents)):
        for slot in range(4):
            p = parents[b, slot]
            edges[b, slot + 1] = edges[b, slot] + (n_kept[p] if p >= 0 else 0)
    return edges


@njit
def row_blocks(labels, steps):
    """Block to which each component of an operator leads, -1 if none, (n, component).

    Args:
        labels: (Q, x) of the blocks, (n, 2).
        steps: Change of (Q, x) by each component, (component, 2).
    """
    Q_0, x_0 = labels[:, 0].min(), labels[:, 1].min()
    table = np.full((labels[:, 0].max() - Q_0 + 1, labels[:, 1].max() - x_0 + 1), -1)
    for b in range(len(labels)):
        table[labels[b, 0] - Q_0, labels[b, 1] - x_0] = b
    rows = np.full((len(labels), len(steps)), -1)
    for b in range(len(labels)):
        for c in range(len(steps)):
            Q, x = labels[b, 0] + steps[c, 0] - Q_0, labels[b, 1] + steps[c, 1] - x_0
            if 0 <= Q < table.shape[0] and 0 <= x < table.shape[1]:
                rows[b, c] = table[Q, x]
    return rows


@njit
def add_scaled(target, row, column, factor, block):
    """Add factor times a block to a matrix, with its corner at (row, column)."""
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            target[row + i, column + j] += factor * block[i, j]
