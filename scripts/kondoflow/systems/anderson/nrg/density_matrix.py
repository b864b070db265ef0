r"""Reduced density matrices of all shells.

The method is that of Peters, Pruschke and Anders, PRB 74, 245114 (2006), and Weichselbaum and von
Delft (2007). The discarded states of all shells, each with the 4^(N-n) states of the sites not yet
added, form a complete basis (Anders and Schiller, PRL 95, 196801 (2005)); every state of the last
shell counts as discarded. In it

.. math::
    \rho = \frac1Z \sum_n \sum_{s \in D_n} e^{-\beta E^n_s} |s\rangle\langle s| \otimes 1_{N-n},

so that a discarded state of shell n has, with its environment traced out, the weight 4^(N-n)
exp(-beta E)/Z (n = N is the last shell), and the reduced density matrix between kept states follows
by tracing out one site after the other, from the end of the chain to the impurity:

.. math::
    \rho^K_{n-1} = \sum_\sigma A_\sigma^T\, \rho_n\, A_\sigma,

with A_sigma the part [eigenstate of n, kept state of n - 1] of the eigenvectors in which the new
site is in state sigma. For spin multiplets all quantities belong to a single spin component:
tracing out a site multiplies by the ratio of degeneracies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kondoflow.systems.anderson.compiled import njit, part
from kondoflow.systems.anderson.nrg.blocks import matrix

NEGLIGIBLE = 1e-17  # largest weight of a discarded state below which their pairs are left out


class DensityMatrix(NamedTuple):
    """The density matrix of one shell, with all later sites traced out."""

    at: np.ndarray  # where the blocks begin, (n + 1,)
    kept: np.ndarray  # flat blocks [kept, kept]
    weights: np.ndarray  # of discarded states (0 for kept ones), as `Shell.energies`
    is_occupied: bool  # whether discarded states have weight


class States(NamedTuple):
    """The states of all shells, one shell after the other; arrays (state,)."""

    ground: float  # ground-state energy of the last shell
    energies: np.ndarray  # relative to it
    degeneracy: np.ndarray
    n_later: np.ndarray  # sites that are not yet there
    is_kept: np.ndarray
    x: np.ndarray  # label of the block
    ends: np.ndarray  # where the states of a shell end, (shell,)


def states_of(shells):
    """The states of all shells."""
    sizes = [len(shell.energies) for shell in shells]
    dims = np.concatenate([np.diff(shell.energy_at) for shell in shells])
    n_kept = np.concatenate([shell.n_kept for shell in shells])
    place = np.arange(sum(sizes)) - np.repeat(np.cumsum(dims) - dims, dims)
    shifts = np.array([shell.shift for shell in shells])
    above = np.concatenate([np.cumsum(shifts[:0:-1])[::-1], [0.0]])
    return States(
        ground=float(shifts.sum()),
        energies=np.concatenate([shell.energies for shell in shells]) - np.repeat(above, sizes),
        degeneracy=np.repeat(np.concatenate([shell.degeneracy for shell in shells]), dims),
        n_later=np.repeat(np.arange(len(shells))[::-1], sizes),
        is_kept=place < np.repeat(n_kept, dims),
        x=np.repeat(np.concatenate([shell.labels[:, 1] for shell in shells]), dims),
        ends=np.cumsum(sizes),
    )


def least_discarded(states, amplitudes):
    """The lowest energy of a discarded state, in units of the hopping to the next site.

    It is the least of all shells but the last. States are kept for the sites that follow, so that
    it must be well above 1, whatever the symmetry and Lambda, see `truncation`.

    Args:
        states: The states of all shells.
        amplitudes: Hopping V onto the chain and along it, (n_sites,).

    Returns:
        Infinity if no shell discards a state.
    """
    begin = np.concatenate([[0], states.ends[:-2]])
    n = states.ends[-2]
    energies, is_kept = states.energies[:n], states.is_kept[:n]
    discarded = np.minimum.reduceat(np.where(is_kept, np.inf, energies), begin)
    return ((discarded - np.minimum.reduceat(energies, begin)) / amplitudes).min()


def thermal_weights(states, T):
    """Occupation of every discarded state of every shell.

    Args:
        states: The states of all shells.
        T: Temperature.

    Returns:
        The weight of one spin component of each state; 0 for kept states, (state,).
    """
    log_weight = states.n_later * np.log(4.0) - states.energies / T
    log_weight[states.is_kept] = -np.inf
    weight = np.exp(log_weight - log_weight.max())
    return weight / (weight @ states.degeneracy)


def thermal_sums(states, weights, T, n_spin):
    """What the partition sum says of impurity and chain together.

    Args:
        states: The states of all shells.
        weights: Their `thermal_weights`.
        T: Temperature.
        n_spin: 1 if a block's label x is twice the spin of multiplets, 2 if it is twice S_z.

    Returns:
        Ground-state energy, log Z relative to it, mean energy relative to it in units of T,
        variance of the energy in units of T^2, and variance of S_z, (5,).
    """
    of_ground = weights[states.ends[-2] :].max()  # the ground state belongs to the last shell
    energy, share = states.energies / T, states.degeneracy * weights
    mean = share @ energy
    variance = share @ energy**2 - mean**2
    x = states.x
    spin, square = (0.0, x * (x + 2) / 12) if n_spin == 1 else (share @ x / 2, x**2 / 4)
    moment = share @ (square + states.n_later / 8) - spin**2
    return np.array([states.ground, -np.log(of_ground), mean, variance, moment])


def density_matrices(shells, weights):
    """Density matrices of all shells, from the impurity to the last site.

    Args:
        shells: All shells.
        weights: `thermal_weights` of their states.
    """
    of_shells, at = [], len(weights)
    for shell in reversed(shells):
        of_shells.append(weights[at - len(shell.energies) : at])
        at -= len(shell.energies)
    nothing = np.zeros(len(shells[-1].labels) + 1, np.int64), np.empty(0)
    latest = DensityMatrix(*nothing, of_shells[0], True)
    matrices = [latest]
    for shell, following, weight in zip(shells[-2::-1], shells[:0:-1], of_shells[1:], strict=True):
        at, kept = trace_out_site(
            *(following.states, following.degeneracy, tuple(latest)),
            *(shell.n_kept, shell.degeneracy),
        )
        is_occupied = bool(weight.max() > NEGLIGIBLE)
        latest = DensityMatrix(at, kept, weight, is_occupied)
        matrices.append(latest)
    return matrices[::-1]


@njit
def trace_out_site(shell, degeneracy, density, old_kept, old_degeneracy):
    """Density matrix between kept states of a shell from that of the next one.

    Args:
        shell: The next shell, as `Shell.states`.
        degeneracy: Of its blocks.
        density: Its density matrix, the fields of `DensityMatrix`.
        old_kept: Kept states of the shell.
        old_degeneracy: Of its blocks.

    Returns:
        Where its blocks begin, and the flat blocks.
    """
    _, parents, slot_at, n_kept, energy_at, _, vector_at, vectors = shell
    rho_at, rho_values, weights, _ = density
    old_at = np.zeros(len(old_kept) + 1, np.int64)
    for b in range(len(old_kept)):
        old_at[b + 1] = old_at[b] + old_kept[b] ** 2
    kept = np.zeros(old_at[-1])
    for b in range(len(parents)):
        k, dim = n_kept[b], slot_at[b, 4]
        of_states = weights[energy_at[b] : energy_at[b] + dim]
        n = count_occupied(k, of_states)
        if n == 0:
            continue
        V, rho_kept = matrix(vectors, vector_at[b], n, dim), matrix(rho_values, rho_at[b], k, k)
        rho = between_product_states(V, rho_kept, of_states)
        for slot in range(4):
            p = parents[b, slot]
            if p >= 0:
                ratio, corner, to = degeneracy[b] / old_degeneracy[p], slot_at[b, slot], old_at[p]
                for i in range(old_kept[p]):
                    for j in range(old_kept[p]):
                        kept[to + i * old_kept[p] + j] += ratio * rho[corner + i, corner + j]
    return old_at, kept


@part
def count_occupied(n_kept, weights):
    """Number of a block's lowest states that are kept or have weight, or lie below such a state."""
    n = n_kept
    for i in range(n_kept, len(weights)):
        if weights[i] > 0.0:
            n = i + 1
    return n


@part
def between_product_states(V, kept, weights):
    """The density matrix of one block between product states, V^T (rho V).

    Args:
        V: Occupied eigenvectors, [eigenstate, product state].
        kept: The density matrix between kept states.
        weights: Of discarded states, by eigenstate.
    """
    k, (n, dim) = len(kept), V.shape
    rho_V = np.empty((n, dim))
    if k > 0:
        product = np.dot(kept, V[:k])
        for i in range(k):
            for j in range(dim):
                rho_V[i, j] = product[i, j]
    for i in range(k, n):
        for j in range(dim):
            rho_V[i, j] = weights[i] * V[i, j]
    return np.dot(V.T, rho_V)


def impurity_probabilities(shell, density):
    """Probabilities of the impurity's states (empty, up, down, double), (4,)."""
    Q, x = shell.labels.T
    value = density.kept[density.at[:-1]]
    up = (Q == 1) & (x > 0)
    down = (Q == 1) & ((x < 0) | (shell.degeneracy == 2))
    return np.array([value[of].sum() for of in (Q == 0, up, down, Q == 2)])
