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
site is in state sigma. For spin multiplets all quantities
belong to a single spin component: tracing out a site multiplies by the ratio of degeneracies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kondoflow.systems.anderson.blocks import add_scaled, begin, matrix
from kondoflow.systems.anderson.compiled import njit
from kondoflow.systems.anderson.diagonalisation import eigenvectors


class DensityMatrix(NamedTuple):
    """The density matrix of one shell, with all later sites traced out."""

    at: np.ndarray  # where the blocks begin, (n + 1,)
    kept: np.ndarray  # flat blocks [kept, kept]
    weights: np.ndarray  # of discarded states (0 for kept ones), as `Shell.energies`


@njit
def kept_density(density, shell, b):
    """Density matrix between the kept states of a block."""
    return matrix(density.kept, density.at[b], shell.n_kept[b], shell.n_kept[b])


@njit
def discarded_weights(density, shell, b):
    """Occupations of the discarded states of a block."""
    return density.weights[shell.energy_at[b] + shell.n_kept[b] : shell.energy_at[b + 1]]


@njit
def thermal_weights(shells, T):
    """Occupation of every discarded state of every shell.

    Args:
        shells: All shells.
        T: Temperature.

    Returns:
        For each shell, the weight of one spin component of each state; 0 for kept states.
    """
    n_last = len(shells) - 1
    above_ground = np.zeros(n_last + 1)
    for n in range(n_last - 1, -1, -1):
        above_ground[n] = above_ground[n + 1] - shells[n + 1].shift
    log_weights, highest = [], -np.inf
    for n in range(n_last + 1):
        shell = shells[n]
        log_weight = (n_last - n) * np.log(4.0) - (shell.energies + above_ground[n]) / T
        for b in range(len(shell.labels)):
            at = shell.energy_at[b]
            log_weight[at : at + shell.n_kept[b]] = -np.inf
        highest = max(highest, log_weight.max())
        log_weights.append(log_weight)
    Z, weights = 0.0, []
    for n in range(n_last + 1):
        shell, weight = shells[n], np.exp(log_weights[n] - highest)
        for b in range(len(shell.labels)):
            at, stop = shell.energy_at[b], shell.energy_at[b + 1]
            Z += shell.degeneracy[b] * weight[at:stop].sum()
        weights.append(weight)
    return [weight / Z for weight in weights]


@njit
def thermal_sums(shells, T, n_spin):
    """What the partition sum says of impurity and chain together.

    Args:
        shells: All shells.
        T: Temperature.
        n_spin: 1 if a block's label x is twice the spin of multiplets, 2 if it is twice S_z.

    Returns:
        Ground-state energy, log Z relative to it, mean energy relative to it in units of T,
        variance of the energy in units of T^2, and variance of S_z, (5,).
    """
    weights = thermal_weights(shells, T)
    ground = 0.0
    for shell in shells:
        ground += shell.shift
    of_ground = weights[-1].max()  # the ground state belongs to the last shell
    mean, square, above = 0.0, 0.0, 0.0
    moment, spin = 0.0, 0.0
    for n in range(len(shells) - 1, -1, -1):
        shell, weight = shells[n], weights[n]
        for b in range(len(shell.labels)):
            spin_x = shell.labels[b, 1]
            S_z, S_z_square = spin_x / 2, spin_x * spin_x / 4
            if n_spin == 1:
                S_z, S_z_square = 0.0, spin_x * (spin_x + 2) / 12
            S_z_square += (len(shells) - 1 - n) / 8  # of the sites that are not yet there
            for k in range(shell.energy_at[b], shell.energy_at[b + 1]):
                x = (shell.energies[k] + above) / T
                share = shell.degeneracy[b] * weight[k]
                mean += share * x
                square += share * x * x
                spin += share * S_z
                moment += share * S_z_square
        above -= shell.shift
    return np.array([ground, -np.log(of_ground), mean, square - mean**2, moment - spin**2])


@njit
def density_matrices(shells, T):
    """Density matrices of all shells, from the impurity to the last site."""
    weights = thermal_weights(shells, T)
    latest = DensityMatrix(np.zeros(len(shells[-1].labels) + 1, np.int64), np.empty(0), weights[-1])
    matrices = [latest]
    for n in range(len(shells) - 2, -1, -1):
        at = begin(shells[n].n_kept ** 2)
        kept = trace_out_site(shells[n], shells[n + 1], latest, at)
        latest = DensityMatrix(at, kept, weights[n])
        matrices.append(latest)
    return matrices[::-1]


@njit
def trace_out_site(shell, following, density, at):
    """Density matrix between kept states of a shell from that of the next one.

    Args:
        shell: The shell.
        following: The next shell.
        density: Its density matrix.
        at: Where the blocks of the result begin, (n + 1,).
    """
    kept = np.zeros(at[-1])
    for b in range(len(following.labels)):
        rho = product_state_density(following, density, b)
        for slot in range(4):
            p = following.parents[b, slot]
            if p >= 0:
                first, stop = following.slot_at[b, slot], following.slot_at[b, slot + 1]
                ratio = following.degeneracy[b] / shell.degeneracy[p]
                target = matrix(kept, at[p], shell.n_kept[p], shell.n_kept[p])
                add_scaled(target, 0, 0, ratio, rho[first:stop, first:stop])
    return kept


@njit
def product_state_density(shell, density, b):
    """Density matrix of one block between product states."""
    n_kept, dim = shell.n_kept[b], shell.slot_at[b, 4]
    vectors = eigenvectors(shell, b)
    rho = np.zeros((dim, dim))
    if n_kept > 0:
        kept = vectors[:n_kept]
        rho += np.dot(kept.T, np.dot(kept_density(density, shell, b), kept))
    weights = discarded_weights(density, shell, b)
    if n_kept < dim and weights.max() > 0.0:
        discarded = vectors[n_kept:]
        scaled = discarded.copy()
        for i in range(len(weights)):
            scaled[i] *= weights[i]
        rho += np.dot(discarded.T, scaled)
    return rho


@njit
def impurity_probabilities(shell, density):
    """Probabilities of the impurity's states (empty, up, down, double), (4,)."""
    p = np.empty(4)
    for b in range(len(shell.labels)):
        Q, x = shell.labels[b]
        value = density.kept[density.at[b]]
        if Q == 0:
            p[0] = value
        elif Q == 2:
            p[3] = value
        else:
            if x > 0:
                p[1] = value
            if x < 0 or shell.degeneracy[b] == 2.0:
                p[2] = value
    return p
