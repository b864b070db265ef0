r"""Baths: the shape of a hybridisation, and the function that follows from it.

The hybridisation of strength Gamma has the shape g(omega) >= 0,

.. math::
    -\mathrm{Im} \Delta(\omega + i0) = \Gamma\, g(\omega), \qquad
    \Delta(\omega) = \frac{\Gamma}{\pi} \int \frac{g(x)\, dx}{\omega - x + i0}, \qquad
    V^2 = \frac{\Gamma}{\pi} \int g(x)\, dx,

V being the amplitude with which the impurity couples to the chain's first site.

*Flat band and pseudogap*: g = |omega|^r on [-1, 1]. With L = log|(1 + omega)/(1 - omega)| a
geometric series of the denominator gives, for 0 < omega < 1 and r < 3,

.. math::
    \mathrm{Re} \frac{\pi \Delta}{\Gamma} = L - 2 \omega
      + \left[\frac{2 \omega}{1 - r} - \pi \tan\frac{\pi r}{2}\, \omega^r\right]
      + 2 r \omega \sum_{k \ge 1} \frac{\omega^{2k}}{(2k + 1)(2k + 1 - r)},

for omega > 1

.. math::
    \mathrm{Re} \frac{\pi \Delta}{\Gamma} = L
      - \frac{2 r}{\omega} \sum_{k \ge 0} \frac{\omega^{-2k}}{(2k + 1)(2k + 1 + r)},

and an odd function of omega. Both sums are bounded, also at the edge, and are read off a table. The
terms in brackets diverge at r = 1 and cancel; with d = 1 - r they are

.. math::
    \frac{2 \omega}{d} (1 - \omega^{-d})
      + \omega^r \left[\frac{2}{d} - \pi \cot\frac{\pi d}{2}\right].

*A table*: g is piecewise linear with values g_k and changes of slope s_k at x_k. Two integrations
by parts give, exactly,

.. math::
    \mathrm{Re} \frac{\pi \Delta}{\Gamma} = g_0 \log|\omega - x_0| - g_N \log|\omega - x_N|
        + \sum_k s_k\, S(\omega - x_k), \qquad S(u) = u \log|u| - u.

The sum is continuous. It is evaluated on a grid that is refined until it is linear between the
points to 1e-6, and read off there: a value then costs no more than that of the flat band.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import digamma

from kondoflow.systems.anderson.bath_file import BathTable, read_bath
from kondoflow.systems.anderson.bath_store import kept
from kondoflow.systems.anderson.grid import inverse_second_antiderivative

_OUTERMOST = 12.0  # frequencies up to which functions are tabulated, in units of D
_TOLERANCE = 1e-6  # of the tabulated functions, in units of the largest g
_REFINEMENTS = 30
_TERMS = 60  # of series in powers of 1/2
_SMALLEST = 1e-300


@dataclass(frozen=True)
class PowerLaw:
    """A bath with g = |omega|^r on [-1, 1].

    Attributes:
        r: Exponent, 0 .. 2; 0 is the flat band.
    """

    r: float

    @property
    def is_flat(self) -> bool:
        """Whether it is the flat band."""
        return self.r == 0

    @property
    def weight(self) -> float:
        """The integral of g."""
        return 2 / (1 + self.r)

    def shape(self, omega: np.ndarray) -> np.ndarray:
        """The shape g, (n,)."""
        inside = np.abs(omega) < 1
        return np.where(inside, np.abs(omega) ** self.r, 0.0) if self.r else inside.astype(float)

    def real_part(self, omega: np.ndarray) -> np.ndarray:
        """Re pi Delta/Gamma, (n,); infinite at the edges."""
        edge = np.log(np.maximum(np.abs(1 + omega), _SMALLEST))
        edge -= np.log(np.maximum(np.abs(1 - omega), _SMALLEST))
        if self.r == 0:
            return edge
        x = np.abs(omega)
        inside, outside = _power_law_sums(self.r)
        low = np.interp(x, *inside) + _power_law_terms(np.clip(x, _SMALLEST, 1), self.r) - 2 * x
        high = np.interp(1 / np.maximum(x, 1), *outside)
        return edge + np.sign(omega) * np.where(x < 1, low, -high)


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A bath whose g is linear between the rows of a table, and vanishes beyond it.

    Two are equal if their numbers are.

    Attributes:
        omega: Ascending frequencies, (n,).
        g: The shape there, (n,); its integral is that of the flat band, 2.
        digest: Of both.
    """

    omega: np.ndarray
    g: np.ndarray
    digest: str
    is_flat = False

    @classmethod
    def of(cls, table: BathTable) -> Tabulated:
        """A bath of the shape of a hybridisation."""
        return cls(np.array(table.omega), np.array(table.Delta) / table.strength, table.digest)

    @property
    def weight(self) -> float:
        """The integral of g."""
        return float(np.sum(np.diff(self.omega) * (self.g[1:] + self.g[:-1])) / 2)

    def shape(self, omega: np.ndarray) -> np.ndarray:
        """The shape g, (n,)."""
        return np.interp(omega, self.omega, self.g, left=0.0, right=0.0)

    def real_part(self, omega: np.ndarray) -> np.ndarray:
        """Re pi Delta/Gamma, (n,)."""
        values = np.interp(omega, *_continuous_part(self))
        for sign, end in ((1, 0), (-1, -1)):
            if self.g[end] > 0:
                distance = np.maximum(np.abs(omega - self.omega[end]), _SMALLEST)
                values += sign * self.g[end] * np.log(distance)
        return values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tabulated) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


Bath = PowerLaw | Tabulated

FLAT = PowerLaw(0.0)


def bath_of(setting: str | Mapping[str, Any]) -> Bath:
    """The bath that the setting `bath` describes.

    Args:
        setting: "flat", {"exponent": r}, or {"file": path, "half_bandwidth": D in its unit}.

    Raises:
        InputError: If the file can't be used.
    """
    if isinstance(setting, str):
        return FLAT
    if "exponent" in setting:
        return PowerLaw(float(setting["exponent"]))
    half_bandwidth = float(setting.get("half_bandwidth", 1.0))
    return Tabulated.of(read_bath(Path(setting["file"]), half_bandwidth))


def geometric_sum(b: float, y: np.ndarray) -> np.ndarray:
    r"""The sum of y^k/(k + b) over k >= 0, for b > 0 and 0 <= y < 1, (n,).

    Above y = 1/2 in powers of w = 1 - y (Abramowitz and Stegun 15.3.10),

    .. math::
        \sum_n \frac{(b)_n}{n!} \left[\psi(n + 1) - \psi(b + n) - \log w\right] w^n.
    """
    k = np.arange(_TERMS)
    small, w = np.minimum(y, 0.5), np.minimum(1 - y, 0.5)
    below = small[:, None] ** k @ (1 / (k + b))
    factors = np.cumprod(np.concatenate([[1.0], (b + k[:-1]) / k[1:]]))
    powers = w[:, None] ** k
    above = powers @ (factors * (digamma(k + 1) - digamma(b + k)))
    above -= (powers @ factors) * np.log(w)
    return np.where(y < 0.5, below, above)


def _power_law_terms(x: np.ndarray, r: float) -> np.ndarray:
    """The terms in brackets, for 0 < x <= 1."""
    d, log_x = 1 - r, np.log(x)
    first = 2 * x * (-np.expm1(-d * log_x) / d if d else log_x)
    # The cotangent cancels in the first terms of its series.
    factor = np.pi**2 * d / 6 if abs(d) < 1e-4 else 2 / d - np.pi / np.tan(np.pi * d / 2)
    return first + factor * np.exp(r * log_x)


@lru_cache(maxsize=16)
def _power_law_sums(r: float) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The sums with their factors inside and outside the band, nodes and values on 0 .. 1."""

    def inside(x: np.ndarray) -> np.ndarray:
        x = np.minimum(x, 1 - 1e-12)  # both terms diverge at 1, where they cancel
        series = geometric_sum((3 - r) / 2, x**2) / 2
        return 2 * x**3 * series - np.log((1 + x) / (1 - x)) + 2 * x

    def outside(x: np.ndarray) -> np.ndarray:
        x = np.minimum(x, 1 - 1e-12)
        series = geometric_sum((1 + r) / 2, x**2) / 2
        return np.log((1 + x) / (1 - x)) - 2 * x * series

    start = np.linspace(0, 1, 33)
    return refined(inside, start, _TOLERANCE), refined(outside, start, _TOLERANCE)


@lru_cache(maxsize=8)
def _continuous_part(bath: Tabulated) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and values of the sum over changes of slope."""
    return kept(f"hybridisation of {bath.digest}", lambda: _sum_of_kinks(bath))


def _sum_of_kinks(bath: Tabulated) -> tuple[np.ndarray, np.ndarray]:
    slopes = np.diff(bath.g) / np.diff(bath.omega)
    changes = np.diff(slopes, prepend=0.0, append=0.0)
    kinks, changes = bath.omega[changes != 0], changes[changes != 0]

    def value(omega: np.ndarray) -> np.ndarray:
        rows = max(1, 2**22 // max(len(kinks), 1))
        parts = [
            inverse_second_antiderivative(omega[k : k + rows, None] - kinks) @ changes
            for k in range(0, len(omega), rows)
        ]
        return np.concatenate(parts)

    outer = np.geomspace(1, _OUTERMOST, 16)
    start = np.union1d(bath.omega, np.concatenate([-outer, outer, [0.0]]))
    return refined(value, start, _TOLERANCE * float(bath.g.max()))


def refined(
    function: Callable[[np.ndarray], np.ndarray], start: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """A grid between whose points a function is linear to a tolerance.

    Args:
        function: Values (n,) at points (n,).
        start: Ascending points of the grid.
        tolerance: Largest deviation in the middle of an interval.

    Returns:
        Points and values.
    """
    points, values = start, function(start)
    left, right = np.arange(len(start) - 1), np.arange(1, len(start))
    for _ in range(_REFINEMENTS):
        middle = (points[left] + points[right]) / 2
        found = function(middle)
        bends = np.abs(found - (values[left] + values[right]) / 2) > tolerance
        new = len(points) + np.arange(len(middle))
        points, values = np.concatenate([points, middle]), np.concatenate([values, found])
        left, right, new = left[bends], right[bends], new[bends]
        left, right = np.concatenate([left, new]), np.concatenate([new, right])
        if not len(left):
            break
    order = np.argsort(points)
    return points[order], values[order]
