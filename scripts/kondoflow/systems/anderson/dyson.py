r"""Dyson's equation, and the functions that follow from it on grids that resolve them.

.. math::
    G_s(\omega) = \frac{1}{\omega - \epsilon_s - \Delta(\omega) - \Sigma_s(\omega)}

The hybridisation enters exactly, so that narrow peaks keep their width. Sigma is smooth and is
interpolated; G may be narrower than a step of any grid and is calculated with several points over
Gamma, the width of a bare level. The narrower Kondo resonance lies near 0, where the grids are
narrow too. A stored value is the average of pi Gamma A over its cell.

Outside the band Delta has no imaginary part. A level at the edge of the band or beyond it can then
be a pole on the real axis, which no quadrature sees. There frequencies get an imaginary part of two
steps of the quadrature, enough for a sum over a Lorentzian to keep its area.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.hybridisation import hybridisation

_POINTS_A_WIDTH = 6  # quadrature points over Gamma
_LEAST_POINTS = 4  # in a cell of the stored grid
_HIGHEST = 2.5  # where the spectrum has ended, in units of D


def green_function(
    omega: np.ndarray,
    sigma: np.ndarray,
    eps: float,
    Gamma: float,
    step: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Retarded Green function, complex.

    Args:
        omega: Frequencies, none of them at the edges of the band, (n,).
        sigma: Self-energy at these frequencies, (n,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.
        step: Distance of the frequencies, for the poles outside the band.
    """
    imaginary = np.where(np.abs(omega) > 1, 2j * step, 0j)
    return 1 / (omega + imaginary - eps - hybridisation(omega, Gamma) - sigma)


def off_edges(omega: np.ndarray) -> np.ndarray:
    """The same frequencies, those at the edges of the band moved inwards by a rounding error."""
    return np.where(np.abs(omega) == 1, omega * (1 - 1e-12), omega)


def interpolate(omega: np.ndarray, nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Complex function, linear between the nodes."""
    return np.interp(omega, nodes, values.real) + 1j * np.interp(omega, nodes, values.imag)


def midpoints(
    edges: np.ndarray, widths: np.ndarray, Gamma: float, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quadrature points in intervals, so many that a level of width Gamma is resolved.

    Args:
        edges: Lower ends of the intervals, (n,).
        widths: Their widths, (n,).
        Gamma: Hybridisation strength.
        least: Least number of points in an interval.

    Returns:
        Points, distance of the points, and the interval of each point, all (m,).
    """
    counts = np.maximum(np.ceil(_POINTS_A_WIDTH * widths / Gamma), least).astype(int)
    interval = np.repeat(np.arange(len(edges)), counts)
    first = np.cumsum(counts) - counts
    steps = (widths / counts)[interval]
    points = edges[interval] + (np.arange(len(interval)) - first[interval] + 0.5) * steps
    return points, steps, interval


def spectrum_of_self_energy(
    omega: np.ndarray, nodes: np.ndarray, sigma: np.ndarray, eps: float, Gamma: float
) -> np.ndarray:
    """Cell averages of pi Gamma A.

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
    points, steps, cell = midpoints(edges[:-1], widths, Gamma, _LEAST_POINTS)
    green = green_function(points, interpolate(points, nodes, sigma), eps, Gamma, steps)
    return np.bincount(cell, weights=-Gamma * green.imag * steps) / widths


def resolved_grid(nodes: np.ndarray, Gamma: float) -> np.ndarray:
    """The nodes of the spectrum's range, and points between them that resolve a level, (m,).

    The edges of the band are not among them.
    """
    inner = nodes[np.abs(nodes) < _HIGHEST]
    points, _, _ = midpoints(inner[:-1], np.diff(inner), Gamma, 1)
    grid = np.union1d(inner, points)
    return grid[np.abs(grid) != 1]


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
