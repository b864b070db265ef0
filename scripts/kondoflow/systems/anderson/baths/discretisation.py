r"""Discretised baths that reproduce the continuous one in the average over z, without artefacts.

Each sign of the energy is treated alone. Let rho(E) be the shape of the bath at the distance E from
the Fermi energy, R(E) its integral from 0 to E, and D the end of its support. The interval between
eps(x + 1) and eps(x), with x = j + z, j = 1, 2, ..., eps(x) = D for x <= 2 and D Lambda^(2 - x)
above, is replaced by one level of its weight,

.. math:: w(x) = R(\epsilon(x)) - R(\epsilon(x + 1)).

Where the level lies is free. When z runs from 0 to 1, the energies E(j + z) of all levels sweep the
band once, and the mean over z has the density w |dx/dE|. R. Zitko and T. Pruschke, PRB 79, 085106
(2009), demand that it is the bath's,

.. math:: \rho(E)\, \frac{dE}{dx} = -w(x), \qquad E(1) = D.

The left side is dR(E(x))/dx. Integrated from x to infinity, where E and R vanish, the differential
equation becomes

.. math::
    R(E(x)) = \int_x^\infty w(x')\, dx' = \int_x^{x+1} R(\epsilon(x'))\, dx',

so that a quadrature and the inverse of R solve it. In a gap R is constant, and its inverse jumps to
the other side: no level lies in a gap.

*Power law*, rho = E^r with D = 1 and p = 1 + r: R = E^p/p, and

.. math::
    E(x)^p = 2 - x + \frac{1 - \Lambda^{(1 - x) p}}{p \log \Lambda} \quad (x \le 2), \qquad
    E(x)^p = \Lambda^{(2 - x) p}\, \frac{1 - \Lambda^{-p}}{p \log \Lambda} \quad (x > 2).

*A table*: R is a piecewise quadratic function, inverted in closed form. Its integral over x' is
taken with Gauss-Legendre quadrature between all rows and interval edges, where log(epsilon) is the
variable and the integrand analytic.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise

import numpy as np

from kondoflow.systems.anderson.baths.bath import Bath
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.baths.tabulated import Tabulated

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)

Star = tuple[list[Decimal], list[Decimal]]


def bath_levels(bath: Bath, Lambda: float, z: float, n_levels: int, digits: int) -> Star:
    """Levels of a discretised bath, of both signs.

    Args:
        bath: The bath.
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_levels: Number of levels of each sign; the last one takes the remaining weight.
        digits: Decimal digits of the calculations with the levels.

    Returns:
        Energies and weights of the levels with a weight, the positive ones first; the weights sum
        to 1. Those of a table have the precision of floating-point numbers.
    """
    with localcontext() as context:
        context.prec = digits
        if isinstance(bath, PowerLaw):
            energies, weights = star(Lambda, z, n_levels, digits, bath.r)
            return energies + [-E for E in energies], [w / 2 for w in (*weights, *weights)]
        both = [side_star(side, Lambda, z, n_levels) for side in sides(bath)]
        energies = [Decimal(sign * float(E)) for sign, (E, _) in both for E in E]
        weights = [Decimal(float(w)) for _, (_, w) in both for w in w]
        total = sum(weights)
        return energies, [w / total for w in weights]


def star(Lambda: float, z: float, n_levels: int, digits: int, r: float = 0.0) -> Star:
    """Positive levels of the bath |omega|^r.

    Args:
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_levels: Number of positive levels; the last one takes the remaining weight.
        digits: Decimal digits of the result.
        r: Exponent; 0 is the flat band.

    Returns:
        Energies and weights as `Decimal`s; the weights sum to 1.
    """
    with localcontext() as context:
        context.prec = digits
        power, first = 1 + Decimal(r), Decimal(z) + 1
        log_base = Decimal(Lambda).ln()
        ratio, ratio_of_weights = (-log_base).exp(), (-log_base * power).exp()
        sweep = (1 - ratio_of_weights) / (power * log_base)
        # The first level lies between x = 1 and 2, and all others are a geometric series.
        inner = 2 - first + (1 - (log_base * power * (1 - first)).exp()) / (power * log_base)
        energies = [inner ** (1 / power)]
        edges = [Decimal(1), (log_base * power * (1 - first)).exp()]
        E = (log_base * (1 - first)).exp() * sweep ** (1 / power)
        while len(energies) < n_levels:
            energies.append(E)
            edges.append(edges[-1] * ratio_of_weights)
            E *= ratio
        edges[-1] = Decimal(0)
        return energies, [upper - lower for upper, lower in pairwise(edges)]


@dataclass(frozen=True)
class Side:
    """One sign of a tabulated bath, as a function of the distance from the Fermi energy.

    Attributes:
        sign: Of the energies.
        distance: Ascending, from 0 to the end of the support, (n,).
        g: The shape there, (n,).
    """

    sign: int
    distance: np.ndarray
    g: np.ndarray

    @property
    def cumulative(self) -> np.ndarray:
        """R at the rows, (n,)."""
        areas = np.diff(self.distance) * (self.g[1:] + self.g[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(areas)])

    def weight_below(self, distance: np.ndarray) -> np.ndarray:
        """R, (n,)."""
        k, u, slope = self._local(distance)
        return self.cumulative[k] + u * (self.g[k] + slope * u / 2)

    def distance_of(self, weight: np.ndarray) -> np.ndarray:
        """The inverse of R, (n,)."""
        cumulative = self.cumulative
        k = np.searchsorted(cumulative, weight, side="left") - 1
        k = np.clip(k, 0, len(cumulative) - 2)
        rest = weight - cumulative[k]
        slope = (self.g[k + 1] - self.g[k]) / (self.distance[k + 1] - self.distance[k])
        root = np.sqrt(np.maximum(self.g[k] ** 2 + 2 * slope * rest, 0.0))
        return np.minimum(self.distance[k] + 2 * rest / (self.g[k] + root), self.distance[k + 1])

    def _local(self, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        k = np.searchsorted(self.distance, distance, side="right") - 1
        k = np.clip(k, 0, len(self.distance) - 2)
        slope = (self.g[k + 1] - self.g[k]) / (self.distance[k + 1] - self.distance[k])
        return k, distance - self.distance[k], slope


def sides(bath: Tabulated) -> list[Side]:
    """Both signs of a table, without those that have no weight."""
    found = []
    at_zero = float(bath.shape(np.zeros(1))[0])
    for sign in (1, -1):
        omega, g = (bath.omega, bath.g) if sign > 0 else (-bath.omega[::-1], bath.g[::-1])
        omega, g = omega[omega > 0], g[omega > 0]
        if len(omega) and (bath.omega[0] * bath.omega[-1] <= 0):
            omega, g = np.concatenate([[0.0], omega]), np.concatenate([[at_zero], g])
        elif len(omega):  # the table begins at a distance from the Fermi energy
            before = omega[0] * (1 - 1e-12)
            omega, g = np.concatenate([[0.0, before], omega]), np.concatenate([[0.0, 0.0], g])
        if g.any():
            stop = min(int(np.flatnonzero(g)[-1]) + 2, len(g))
            found.append(Side(sign, omega[:stop], g[:stop]))
    return found


def side_star(
    side: Side, Lambda: float, z: float, n_levels: int
) -> tuple[int, tuple[np.ndarray, np.ndarray]]:
    """Sign, energies and weights of the levels of one sign, those without weight left out.

    Args:
        side: One sign of the bath.
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_levels: Number of levels; the last one takes the remaining weight.

    Returns:
        The sign; distances of the levels from 0 in units of D, (level,), and weights, (level,).
    """
    x = z + np.arange(1, n_levels + 2)
    end = side.distance[-1]
    edges = end * Lambda ** np.minimum(2 - x, 0.0)
    below = side.weight_below(edges)
    weights = below[:-1] - below[1:]
    weights[-1] = below[-2]
    swept = _swept(side, edges, np.log(Lambda))
    swept += below[:-1] * np.clip(2 - x[:-1], 0, 1)  # where eps(x') is the end of the support
    keep = weights > 0
    return side.sign, (side.distance_of(swept[keep]), weights[keep])


def _swept(side: Side, edges: np.ndarray, log_Lambda: float) -> np.ndarray:
    """The integral of R(eps)/(eps log Lambda) between neighbouring edges, (n - 1,)."""
    inner = side.distance[(side.distance > edges[-1]) & (side.distance < edges[0])]
    grid = np.unique(np.concatenate([edges, inner]))
    low, high = np.log(grid[:-1]), np.log(grid[1:])
    half = (high - low) / 2
    points = np.exp((high + low)[:, None] / 2 + half[:, None] * _NODES)
    values = side.weight_below(points.ravel()).reshape(points.shape)
    pieces = half * (values @ _WEIGHTS) / log_Lambda
    first = np.searchsorted(grid, edges[:0:-1])  # lower edge of each interval, ascending
    sums = np.add.reduceat(pieces, first)
    sums[edges[-2::-1] == edges[:0:-1]] = 0.0  # the interval above the end of the support
    return sums[::-1]
