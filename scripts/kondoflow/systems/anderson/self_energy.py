r"""The self-energy estimator and Dyson's equation.

The equation of motion of the impurity's Green function gives (R. Bulla, A. C. Hewson and Th.
Pruschke, J. Phys.: Condens. Matter 10, 8365 (1998))

.. math::
    \Sigma_s(\omega) = \frac{\langle\langle F_s; d_s^\dagger \rangle\rangle}
                            {\langle\langle d_s; d_s^\dagger \rangle\rangle}, \qquad
    G_s(\omega) = \frac{1}{\omega - \epsilon_s - \Delta(\omega) - \Sigma_s(\omega)}.

Errors of discretisation and broadening largely cancel in the ratio, and the hybridisation enters
exactly, so that narrow peaks keep their width. Causality, Im Sigma <= 0, is imposed where the
ratio of two broadened functions violates it.

A stored value is the average of pi Gamma A over its cell: Sigma is smooth and interpolated, the
Green function that follows from it may be narrower than the cell.

Outside the band Delta has no imaginary part. Where Sigma has none either, a level at the band's
edge or beyond it is a pole on the real axis, which no quadrature sees; such a spectrum is taken
from the broadened peaks instead.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.hybridisation import hybridisation

# Quadrature points over Gamma, the width of a bare level; the narrower Kondo peak lies near 0,
# where the cells are narrow too.
_POINTS_A_WIDTH = 6
_LEAST_POINTS = 4
_LARGEST_LOSS = 0.05  # of the spectral weight, beyond what broadening carries off the stored grid


def self_energy(green: np.ndarray, correlator: np.ndarray) -> tuple[np.ndarray, int]:
    """Self-energy with causality imposed.

    Args:
        green: <<d; d^+>> on some grid, complex.
        correlator: <<F; d^+>> on the same grid, complex.

    Returns:
        The self-energy, and the number of points at which its imaginary part had to be cut.
    """
    sigma = correlator / green
    cut = sigma.imag > 0
    return np.where(cut, sigma.real, sigma), int(np.count_nonzero(cut))


def spectrum_of_self_energy(
    omega: np.ndarray, nodes: np.ndarray, sigma: np.ndarray, eps: float, Gamma: float
) -> np.ndarray:
    """Cell averages of pi Gamma A from Dyson's equation.

    Args:
        omega: Stored grid, (n,).
        nodes: Internal grid, (m,).
        sigma: Self-energy on the internal grid, (m,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.

    Returns:
        pi Gamma A, (n,), not negative.
    """
    edges = cell_edges(omega)
    widths = np.diff(edges)
    counts = np.maximum(np.ceil(_POINTS_A_WIDTH * widths / Gamma), _LEAST_POINTS)
    cells = np.repeat(np.arange(len(omega)), counts.astype(int))
    first = np.cumsum(counts) - counts
    position = (np.arange(len(cells)) - first[cells] + 0.5) / counts[cells]
    x = edges[cells] + position * widths[cells]
    sigma_x = np.interp(x, nodes, sigma.real) + 1j * np.interp(x, nodes, sigma.imag)
    green = 1 / (x - eps - hybridisation(x, Gamma) - sigma_x)
    return np.bincount(cells, weights=-Gamma * green.imag) / counts


def misses_poles(omega: np.ndarray, spectrum: np.ndarray, direct: np.ndarray, Gamma: float) -> bool:
    """Whether Dyson's equation has lost a pole outside the band.

    Args:
        omega: Stored grid, (n,).
        spectrum: pi Gamma A from Dyson's equation, (n,).
        direct: pi Gamma A from the broadened peaks, (n,).
        Gamma: Hybridisation strength.
    """
    loss = (direct - spectrum) @ np.diff(cell_edges(omega)) / (np.pi * Gamma)
    return bool(loss > _LARGEST_LOSS)


def cell_averages(omega: np.ndarray, nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Averages over the cells of a grid.

    Args:
        omega: Stored grid, (n,).
        nodes: Internal grid, (m,).
        values: Function on it, (m,), linear between the nodes and beyond the last ones.

    Returns:
        Averages, (n,).
    """
    areas = np.diff(nodes) * (values[1:] + values[:-1]) / 2
    cumulative = np.concatenate([[0.0], np.cumsum(areas)])
    edges = cell_edges(omega)
    k = np.clip(np.searchsorted(nodes, edges, side="right") - 1, 0, len(nodes) - 2)
    u = edges - nodes[k]
    slope = (values[k + 1] - values[k]) / (nodes[k + 1] - nodes[k])
    integral = cumulative[k] + u * (values[k] + slope * u / 2)
    return np.diff(integral) / np.diff(edges)
