"""How many states a shell keeps.

The lowest states are kept. A fixed number would cut through multiplets that a small field splits,
which acts like a spurious field of its own; the cut is therefore made at the widest gap of the
spectrum between n_keep and WINDOW n_keep states. With a large Lambda the spectrum has wide gaps by
nature, about a factor of two in the number of states apart, and a cut between them costs far more
accuracy than the states above it are worth; the window is therefore wide enough to hold one.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.compiled import part

WINDOW = 2.0  # the cut is searched up to this multiple of n_keep


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
