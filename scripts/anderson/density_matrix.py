r"""Reduced density matrices of all shells.

The method is that of Peters, Pruschke and Anders, PRB 74, 245114 (2006), and Weichselbaum and von
Delft (2007). The discarded states of all shells, each with the 4^(N-n) states of the sites not yet
added, form a complete basis (Anders and Schiller, PRL 95, 196801 (2005)); every state of the last
shell counts as discarded. In it

.. math::
    \rho = \frac1Z \sum_n \sum_{s \in D_n} e^{-\beta E^n_s} |s\rangle\langle s| \otimes 1_{N-n},

so that a discarded state of shell n has, with its environment traced out, the weight 4^(N-n)
exp(-beta E)/Z, and the reduced density matrix between kept states follows by tracing out one site
after the other, from the end of the chain to the impurity. For spin multiplets all quantities
belong to a single spin component: tracing out a site multiplies by the ratio of degeneracies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anderson import kernels
from anderson.diagonalisation import Iteration


@dataclass(frozen=True)
class DensityMatrix:
    """The density matrix of one shell, with all later sites traced out."""

    at: np.ndarray  # where the blocks begin, (n,)
    kept: np.ndarray  # flat blocks [kept, kept]
    weights: np.ndarray  # occupations of discarded states (0 for kept ones)


@dataclass(frozen=True)
class Occupations:
    """Probabilities of the four impurity states."""

    empty: float
    up: float
    down: float
    double: float

    @property
    def by_spin(self) -> tuple[float, float]:
        """Occupation (n_up, n_down)."""
        return self.up + self.double, self.down + self.double

    @property
    def magnetisation(self) -> float:
        """Expectation value of S_z."""
        return (self.up - self.down) / 2


def thermal_weights(iteration: Iteration, T: float) -> list[np.ndarray]:
    """Occupation of every discarded state of every shell.

    Args:
        iteration: All shells.
        T: Temperature.

    Returns:
        For each shell, the weight of one spin component of each state; 0 for kept states.
    """
    shells = iteration.shells
    n_last = len(shells) - 1
    above_ground = np.cumsum([0.0] + [-shell.shift for shell in reversed(shells[1:])])[::-1]
    log_weights, log_counts = [], []
    for n, shell in enumerate(shells):
        log_weight = (n_last - n) * np.log(4.0) - (shell.energies + above_ground[n]) / T
        position = np.arange(len(shell.energies)) - np.repeat(shell.energy_at, shell.all.sizes)
        is_kept = position < np.repeat(shell.kept.sizes, shell.all.sizes)
        log_weight[is_kept] = -np.inf
        log_weights.append(log_weight)
        log_counts.append(log_weight + np.log(np.repeat(shell.degeneracy, shell.all.sizes)))
    log_Z = np.logaddexp.reduce(np.concatenate(log_counts))
    return [np.exp(log_weight - log_Z) for log_weight in log_weights]


def density_matrices(iteration: Iteration, T: float) -> list[DensityMatrix]:
    """Density matrices of all shells, from the impurity to the last site."""
    shells = iteration.shells
    weights = thermal_weights(iteration, T)
    at, _ = shells[-1].density_layout()
    matrices = [DensityMatrix(at, np.empty(0), weights[-1])]
    for n in range(len(shells) - 2, -1, -1):
        shell, following, latest = shells[n], shells[n + 1], matrices[-1]
        at, size = shell.density_layout()
        density = np.zeros(size)
        ratio = np.where(
            following.parents >= 0,
            following.degeneracy[:, None] / shell.degeneracy[following.parents],
            0.0,
        )
        kernels.trace_out_site(
            following.parents,
            shell.kept.sizes,
            following.vector_at,
            following.vectors,
            following.kept.sizes,
            following.all.sizes,
            latest.at,
            latest.kept,
            following.energy_at,
            latest.weights,
            ratio,
            at,
            density,
        )
        matrices.append(DensityMatrix(at, density, weights[n]))
    return matrices[::-1]


def occupations(iteration: Iteration, matrices: list[DensityMatrix]) -> Occupations:
    """Probabilities of the impurity's states, read off its reduced density matrix."""
    shell, matrix = iteration.shells[0], matrices[0]
    by_label = {
        (int(Q), int(x)): float(matrix.kept[at])
        for (Q, x), at in zip(shell.labels, matrix.at, strict=True)
    }
    single = by_label[1, 1]
    return Occupations(by_label[0, 0], single, by_label.get((1, -1), single), by_label[2, 0])
