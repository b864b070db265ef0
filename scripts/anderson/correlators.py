r"""Lehmann sums in the complete basis: <<d; d^+>>, <<F; d^+>> and the static spin response.

With B(t) expanded in all pairs of states of one shell except kept-kept ones (Peters, Pruschke and
Anders 2006; Weichselbaum and von Delft 2007), the spectrum of the anticommutator is

.. math::
    A_{B d^\dagger}(\omega) = \sum_n \sum_{(i, j) \ne KK}
        B_{ij}\, [\rho_n d + d \rho_n]_{ij}\, \delta(\omega - (E^n_j - E^n_i)),

with rho_n the reduced density matrix of shell n (kept block and weights of discarded states), B = d
for the Green function and B = F = [d, H_int] = U n_{-s} d_s for the self-energy. Completeness makes
the weight of B = d equal to 1 for any truncation.

The peaks are collected in histograms that are logarithmic in |omega|: broadening is a later step
and can be repeated.
"""

from __future__ import annotations

import numpy as np

from anderson import kernels
from anderson.density_matrix import DensityMatrix
from anderson.diagonalisation import Iteration, Operator, Ranges, Shell, transport

NEGLIGIBLE = 1e-14  # total weight of a shell's discarded states below which pairs of them are left


def raw_spectra(iteration: Iteration, matrices: list[DensityMatrix]) -> np.ndarray:
    """Histograms of both correlators.

    Args:
        iteration: All shells with operators.
        matrices: The density matrix of every shell.

    Returns:
        Weights [spin, correlator (d, F), sign (negative, positive), bin]; one spin where the full
        spin symmetry was used, two (up, down) otherwise. `bin_centres` gives the bins' |omega|.
    """
    n_spin = iteration.symmetry.n_spin
    histogram = np.zeros((n_spin, 2, 2, kernels.N_BINS))
    spin_of = np.arange(2) % n_spin
    for n in range(1, len(iteration.shells)):
        shell, matrix = iteration.shells[n], matrices[n]
        factors = iteration.symmetry.spectral_weight(shell.labels[:, 1])
        for row_kept, column_kept in _quadrants(shell, matrix):
            rows, columns = _ranges(shell, row_kept), _ranges(shell, column_kept)
            operators = _operators(iteration, n, ("d", "F"), rows, columns)
            d, F = operators["d"], operators["F"]
            kernels.lehmann(
                row_kept,
                column_kept,
                rows.start,
                rows.stop,
                columns.start,
                columns.stop,
                d.layout.row_block,
                d.layout.at,
                d.values,
                F.values,
                shell.energy_at,
                shell.energies,
                matrix.at,
                matrix.kept,
                matrix.weights,
                factors,
                spin_of,
                histogram,
            )
    return histogram


def spin_susceptibility(iteration: Iteration, matrices: list[DensityMatrix], T: float) -> float:
    r"""Static local spin susceptibility dm/dB at B = 0.

    .. math::
        \chi = \int_0^\beta d\tau \langle S_z(\tau) S_z \rangle
             = \sum_n \sum_{(i, j) \ne KK} S_{ij} [\rho_n S + S \rho_n]_{ij}\,
               \frac{\tanh(\beta (E^n_j - E^n_i) / 2)}{E^n_j - E^n_i}.

    The fluctuation-dissipation theorem turns the commutator of Kubo's formula into this form. Both
    agree for exact states; with truncated ones this one is finite for degenerate pairs, to which
    it gives the part of the correlation that does not decay, and cannot exceed Curie's law. By the
    Wigner-Eckart theorem the sum over spin components is (2 S + 1)/3 times the square of the
    reduced element.

    Args:
        iteration: All shells with the operator S, diagonalised with the full spin symmetry.
        matrices: The density matrix of every shell.
        T: Temperature.

    Returns:
        The susceptibility in units of 1/D.
    """
    total = 0.0
    for n in range(1, len(iteration.shells)):
        shell, matrix = iteration.shells[n], matrices[n]
        for row_kept, column_kept in _quadrants(shell, matrix):
            if column_kept:
                continue
            rows, columns = _ranges(shell, row_kept), shell.discarded
            S = _operators(iteration, n, ("S",), rows, columns)["S"]
            total += kernels.static_response(
                row_kept,
                rows.start,
                rows.stop,
                columns.start,
                columns.stop,
                S.layout.row_block,
                S.layout.at,
                S.values,
                shell.energy_at,
                shell.energies,
                matrix.at,
                matrix.kept,
                matrix.weights,
                shell.degeneracy / 3,
                1 / T,
            )
    return total


def _quadrants(shell: Shell, matrix: DensityMatrix) -> list[tuple[bool, bool]]:
    """Pairs (rows kept, columns kept) that contribute to a Lehmann sum of this shell."""
    if not shell.discarded.sizes.any():
        return []
    quadrants = [(True, False), (False, True)] if shell.kept.sizes.any() else []
    occupied = matrix.weights @ np.repeat(shell.degeneracy, shell.all.sizes)
    return [*quadrants, (False, False)] if occupied > NEGLIGIBLE else quadrants


def _ranges(shell: Shell, kept: bool) -> Ranges:
    return shell.kept if kept else shell.discarded


def _operators(
    iteration: Iteration, n: int, names: tuple[str, ...], rows: Ranges, columns: Ranges
) -> dict[str, Operator]:
    old, shell = iteration.shells[n - 1], iteration.shells[n]
    operators = {name: iteration.carried[n - 1][name] for name in names}
    return transport(old, shell, operators, rows, columns, iteration.symmetry)


def bin_centres() -> np.ndarray:
    """Centres |omega| of the histogram's bins, ascending, (N_BINS,)."""
    octave, part = np.divmod(np.arange(kernels.N_BINS), kernels.BINS_PER_OCTAVE)
    base = 2.0 ** (kernels.LOWEST_EXPONENT + octave)
    return base * (1 + (part + 0.5) / kernels.BINS_PER_OCTAVE)
