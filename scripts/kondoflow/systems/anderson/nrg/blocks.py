"""Blocks of states and how block matrices lie in memory.

All block matrices of a shell lie one after the other in a flat buffer; `at` arrays say where each
begins. The matrices of n_op operators of one kind with n_c components lie side by side: for column
block b and component c there is an array [state of block row_block[b, c], operator, state of b] at
`at[b * n_c + c]`. A block that does not exist has index -1.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.compiled import part
from kondoflow.systems.anderson.nrg.tensor_operators import SLOT_Q, SLOT_X

_SLOT_Q, _SLOT_X = np.array(SLOT_Q), np.array(SLOT_X)


@part
def matrix(buffer, at, n_rows, n_columns):
    """The matrix that begins at a position of a flat buffer, a view."""
    return buffer[at : at + n_rows * n_columns].reshape((n_rows, n_columns))


@part
def join_blocks(labels, n_kept, lowest_x):
    """Blocks that arise when a site is added.

    Args:
        labels: (Q, x) of the blocks, (m, 2).
        n_kept: Kept states of each, (m,).
        lowest_x: Least x that a block can have.

    Returns:
        Labels of the new blocks in ascending order, (n, 2); for each the old block in every slot,
        -1 if there is none, (n, 4); first product state of each slot, and the block's dimension,
        (n, 5); where blocks of energies and of eigenvectors begin, (n + 1,) both.
    """
    low_Q, low_x, n_Q, n_x = _box(labels, 1)
    table = np.empty((n_Q + 1, n_x, 4), np.int64)
    for k in range(table.size):
        table.ravel()[k] = -1
    n = 0
    for p in range(len(labels)):
        for slot in range(4):
            Q, x = labels[p, 0] + _SLOT_Q[slot], labels[p, 1] + _SLOT_X[slot]
            if n_kept[p] > 0 and x >= lowest_x:
                at = table[Q - low_Q, x - low_x]
                n += at[0] < 0 and at[1] < 0 and at[2] < 0 and at[3] < 0
                at[slot] = p
    new_labels, parents = np.empty((n, 2), np.int64), np.empty((n, 4), np.int64)
    slot_at = np.zeros((n, 5), np.int64)
    energy_at, vector_at = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    b = 0
    for Q in range(n_Q + 1):
        for x in range(n_x):
            at = table[Q, x]
            if at[0] < 0 and at[1] < 0 and at[2] < 0 and at[3] < 0:
                continue
            new_labels[b, 0], new_labels[b, 1] = Q + low_Q, x + low_x
            for slot in range(4):
                p = at[slot]
                parents[b, slot] = p
                slot_at[b, slot + 1] = slot_at[b, slot] + (n_kept[p] if p >= 0 else 0)
            energy_at[b + 1] = energy_at[b] + slot_at[b, 4]
            vector_at[b + 1] = vector_at[b] + slot_at[b, 4] ** 2
            b += 1
    return new_labels, parents, slot_at, energy_at, vector_at


@part
def operator_blocks(labels, n_kept, steps, n_operators):
    """How the blocks of an operator lie.

    Args:
        labels: (Q, x) of the blocks, (n, 2).
        n_kept: Kept states of each, (n,).
        steps: Change of (Q, x) by each component, (component, 2).
        n_operators: Number of operators.

    Returns:
        Block to which each component leads, -1 if none, (n, component), and where the matrices
        between kept states begin, (n * component + 1,).
    """
    low_Q, low_x, n_Q, n_x = _box(labels, 0)
    table = np.empty((n_Q, n_x), np.int64)
    for k in range(table.size):
        table.ravel()[k] = -1
    for b in range(len(labels)):
        table[labels[b, 0] - low_Q, labels[b, 1] - low_x] = b
    rows = np.empty((len(labels), len(steps)), np.int64)
    at = np.zeros(rows.size + 1, np.int64)
    for b in range(len(labels)):
        for c in range(len(steps)):
            Q, x = labels[b, 0] + steps[c, 0] - low_Q, labels[b, 1] + steps[c, 1] - low_x
            row = table[Q, x] if 0 <= Q < n_Q and 0 <= x < n_x else -1
            k = b * len(steps) + c
            rows[b, c], at[k + 1] = row, at[k]
            if row >= 0:
                at[k + 1] += n_kept[row] * n_operators * n_kept[b]
    return rows, at


@part
def _box(labels, margin):
    """Least Q and x of labels, and the numbers of values, with a margin on both sides."""
    low_Q, low_x, high_Q, high_x = labels[0, 0], labels[0, 1], labels[0, 0], labels[0, 1]
    for b in range(len(labels)):
        Q, x = labels[b, 0], labels[b, 1]
        low_Q, high_Q = min(low_Q, Q), max(high_Q, Q)
        low_x, high_x = min(low_x, x), max(high_x, x)
    return (
        low_Q - margin,
        low_x - margin,
        high_Q - low_Q + 1 + 2 * margin,
        high_x - low_x + 1 + 2 * margin,
    )


@part
def add_block(target, row, column, block):
    """Add a block to a matrix, with its corner at (row, column)."""
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            target[row + i, column + j] += block[i, j]
