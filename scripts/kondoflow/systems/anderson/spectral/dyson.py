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

Baths that are not flat have such poles inside the band too, and levels that are narrower than any
grid where g is small. For them 1/G = y is taken to be linear between the points of the quadrature,
from y_1 to y_2 over the step h, and integrated exactly,

.. math:: \int G\, d\omega = h\, \frac{\log y_2 - \log y_1}{y_2 - y_1},

which with Im y >= 0 gives a level of any width its weight, and a pole pi/|y'|. Where the bath has a
step, as at the edge of a band or of a hard gap, Re Delta diverges as a logarithm, and y is not
linear over any step beside it. There, and beside a pole, steps are split until their integrals no
longer change. For the flat band and for pseudogaps this is done where 1 % of the weight lies at the
edges of the band or beyond them.

In a pseudogap, whose bath vanishes at 0 alone, neither a grid nor a temperature resolves G(0), and
it jumps as r tends to 0. The mean of G at half a step below and above stands for it, for every bath
that vanishes at 0.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.grid import REFINEMENTS, cell_edges

_POINTS_A_WIDTH = 6  # quadrature points over Gamma
_LEAST_POINTS = 4  # in a cell of the stored grid
_BESIDE_ZERO = 1e-3  # distance from 0, in units of the step, of a point that would lie there
_OCTAVES, _POINTS_AN_OCTAVE = 60, 4  # of the frequencies close to 0
_SPLIT = 0.49  # where an interval is split; not in the middle, which may be 0 or a pole
_SPLIT_ABOVE = 1e-6  # change of a weight by a split above which the parts are split again
_MOST_AT_EDGE = 0.01  # weight at the edges of the band and beyond, above which it is integrated
HIGHEST = 2.5  # where the spectrum has ended, in units of D


def green_function(
    omega: np.ndarray,
    sigma: np.ndarray,
    eps: float,
    Gamma: float,
    step: np.ndarray | float = 0.0,
    bath: Bath = FLAT,
) -> np.ndarray:
    """Retarded Green function, complex.

    Args:
        omega: Frequencies, none of them at the edges of the band, (n,).
        sigma: Self-energy at these frequencies, (n,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.
        step: Distance of the frequencies, for the poles outside the band.
        bath: The bath.
    """
    at_zero = zeros_of_shape(omega, bath)
    if at_zero.any():
        half = np.broadcast_to(step, omega.shape)[at_zero] / 2
        both = [np.where(at_zero, sign * half, omega) for sign in (-1, 1)]
        below, above = (green_function(each, sigma, eps, Gamma, step, bath) for each in both)
        return np.where(at_zero, (below + above) / 2, above)
    outside = np.abs(omega) > 1 if bath.is_flat else bath.shape(omega) == 0
    imaginary = np.where(outside, 2j * step, 0j)
    return 1 / (omega + imaginary - eps - hybridisation(omega, Gamma, bath) - sigma)


def zeros_of_shape(omega: np.ndarray, bath: Bath) -> np.ndarray:
    """Mask of the frequency 0, if the shape of the bath vanishes there, (n,)."""
    if bath.is_flat or bath.shape(np.zeros(1))[0] > 0:
        return np.zeros(omega.shape, bool)
    return omega == 0


def integrated_green_function(
    edges: np.ndarray, sigma: np.ndarray, eps: float, Gamma: float, bath: Bath
) -> np.ndarray:
    """Integral of the retarded Green function between neighbouring frequencies, complex, (n - 1,).

    Args:
        edges: Ascending frequencies, (n,).
        sigma: Self-energy there, (n,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.
        bath: The bath.
    """
    edges = beside_zero(edges)
    y = inverse_green_function(edges, sigma, eps, Gamma, bath)
    return integral_of_inverse(np.diff(edges), y[:-1], y[1:])


def beside_zero(edges: np.ndarray) -> np.ndarray:
    """The same frequencies, (n,), one at 0 moved: there the bath may vanish, and 1/G with it."""
    beside = _BESIDE_ZERO * np.gradient(edges)
    return np.where(np.abs(edges) < beside, beside, edges)


def inverse_green_function(
    omega: np.ndarray, sigma: np.ndarray, eps: float, Gamma: float, bath: Bath
) -> np.ndarray:
    """1/G at frequencies (n,) with the self-energy sigma (n,), Im not negative, complex, (n,)."""
    y = omega - eps - hybridisation(omega, Gamma, bath) - sigma
    # No negative zero, on the other side of the logarithm's cut.
    inverse: np.ndarray = y.real + 1j * np.abs(y.imag)
    return inverse


def integral_of_inverse(widths: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Integrals of 1/y over intervals in which y is linear, complex, (n,).

    Args:
        widths: Of the intervals, (n,).
        first: y at their lower ends, (n,).
        last: y at their upper ends, (n,).
    """
    change = last - first
    flat = np.abs(change) < 1e-6 * np.abs(first)
    mean = (np.log(last) - np.log(first)) / np.where(flat, 1, change)
    return widths * np.where(flat, 1 / (first + change / 2), mean)


def halved(
    ends: np.ndarray, nodes: np.ndarray, sigma: np.ndarray, eps: float, Gamma: float, bath: Bath
) -> np.ndarray:
    """Ends of intervals, each split until 1/G is linear enough for its integral.

    Args:
        ends: Ascending frequencies, (n,).
        nodes: Internal grid, (m,).
        sigma: Self-energy on the internal grid, (m,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.
        bath: The bath.

    Returns:
        These and further frequencies, ascending.
    """

    def inverse(omega: np.ndarray) -> np.ndarray:
        return inverse_green_function(omega, interpolate(omega, nodes, sigma), eps, Gamma, bath)

    ends = beside_zero(ends)
    found, y = [ends], inverse(ends)
    low, high, at_low, at_high = ends[:-1], ends[1:], y[:-1], y[1:]
    for _ in range(REFINEMENTS):
        middle = low + _SPLIT * (high - low)
        y = inverse(middle)
        parts = integral_of_inverse(middle - low, at_low, y)
        parts += integral_of_inverse(high - middle, y, at_high)
        change = np.abs((parts - integral_of_inverse(high - low, at_low, at_high)).imag)
        bends = change > _SPLIT_ABOVE * np.pi
        if not bends.any():
            break
        found.append(middle[bends])
        low, middle, high = low[bends], middle[bends], high[bends]
        at_low, y, at_high = at_low[bends], y[bends], at_high[bends]
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        at_low, at_high = np.concatenate([at_low, y]), np.concatenate([y, at_high])
    return np.sort(np.concatenate(found))


def off_edges(omega: np.ndarray) -> np.ndarray:
    """The same frequencies in units of D, (n,); those at the band's edges are moved inwards.

    They move by 1e-12 of the half-bandwidth, as the hybridisation diverges at the edges.
    """
    return np.where(np.abs(omega) == 1, omega * (1 - 1e-12), omega)


def interpolate(omega: np.ndarray, nodes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Complex function, given as values (node,), linear between nodes; of the shape of omega."""
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
    omega: np.ndarray,
    nodes: np.ndarray,
    sigma: np.ndarray,
    eps: float,
    Gamma: float,
    bath: Bath = FLAT,
    weigh: bool = False,
) -> np.ndarray:
    """Cell averages of pi Gamma A, or of pi Gamma g A.

    Args:
        omega: Stored grid, (n,).
        nodes: Internal grid, (m,).
        sigma: Self-energy on the internal grid, (m,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.
        bath: The bath.
        weigh: Whether the shape g of the bath is a factor.

    Returns:
        Averages, (n,), not negative.
    """
    edges = cell_edges(omega)
    widths = np.diff(edges)
    points, steps, cell = midpoints(edges[:-1], widths, Gamma, _LEAST_POINTS)
    level = nodes, sigma, eps, Gamma, bath
    ends = ends_of(points, steps)
    if bath.is_flat or weigh:
        factor = Gamma * bath.shape(points) if weigh else Gamma  # poles lie where g = 0
        green = green_function(points, interpolate(points, nodes, sigma), eps, Gamma, steps, bath)
        spectrum = np.bincount(cell, weights=-factor * green.imag * steps) / widths
    elif isinstance(bath, PowerLaw):
        ends = np.union1d(ends, towards_zero(edges))
        spectrum = integrated_spectrum(edges, ends, *level)
    else:
        return integrated_spectrum(edges, halved(off_edges(ends), *level), *level)
    at_edge = (edges[1:] > 1) | (edges[:-1] < -1)
    if weigh or (spectrum * widths)[at_edge].sum() < _MOST_AT_EDGE * np.pi * Gamma:
        return spectrum
    return integrated_spectrum(edges, halved(off_edges(ends), *level), *level)


def integrated_spectrum(
    edges: np.ndarray,
    ends: np.ndarray,
    nodes: np.ndarray,
    sigma: np.ndarray,
    eps: float,
    Gamma: float,
    bath: Bath,
) -> np.ndarray:
    """Cell averages of pi Gamma A by `integrated_green_function`.

    Args:
        edges: Edges of the cells, (n + 1,).
        ends: Ascending ends of the intervals in which 1/G is linear, (k,).
        nodes: Internal grid, (m,).
        sigma: Self-energy on the internal grid, (m,).
        eps: Level energy of this spin.
        Gamma: Hybridisation strength.
        bath: The bath.

    Returns:
        Averages, (n,).
    """
    cell = np.searchsorted(edges, (ends[1:] + ends[:-1]) / 2) - 1
    green = integrated_green_function(ends, interpolate(ends, nodes, sigma), eps, Gamma, bath)
    areas = np.bincount(cell, weights=-Gamma * green.imag, minlength=len(edges) - 1)
    return areas / np.diff(edges)


def towards_zero(edges: np.ndarray) -> np.ndarray:
    """Frequencies that close in on 0 from both sides, within the cell of 0 alone.

    There a level in a pseudogap can have a peak of the shape of a power of omega.
    """
    octaves = np.arange(1, _OCTAVES * _POINTS_AN_OCTAVE) / _POINTS_AN_OCTAVE
    positive = edges[edges > 0].min() * 2.0**-octaves
    return np.concatenate([-positive, positive])


def ends_of(points: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Ends of adjoining intervals from their middles and lengths, both (n,), (n + 1,)."""
    return np.concatenate([points - steps / 2, [points[-1] + steps[-1] / 2]])


def resolved_grid(nodes: np.ndarray, Gamma: float) -> np.ndarray:
    """The nodes of the spectrum's range, and points between them that resolve a level, (m,).

    The edges of the band are not among them.

    Args:
        nodes: Internal grid in units of D, (n,).
        Gamma: Hybridisation strength in units of D.
    """
    inner = nodes[np.abs(nodes) < HIGHEST]
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
