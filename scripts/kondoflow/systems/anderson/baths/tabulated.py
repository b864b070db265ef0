r"""Baths of a shape that the user gives in a table (`bath`).

The shape g is piecewise linear with values g_k and changes of slope s_k at x_k. Two integrations
by parts give, exactly,

.. math::
    \mathrm{Re} \frac{\pi \Delta}{\Gamma} = g_0 \log|\omega - x_0| - g_N \log|\omega - x_N|
        + \sum_k s_k\, S(\omega - x_k), \qquad S(u) = u \log|u| - u.

The sum is continuous. It is evaluated on a grid that is refined until it is linear between the
points to 1e-6, and read off there: a value then costs no more than that of the flat band.

A step, which is a piece steeper than any kink should be, would make two terms that cancel. Its part
is the rise of g times the mean of log|omega - x| over the piece, which is calculated without them.

The sum over many kinks takes those far from a frequency together (L. Greengard and V. Rokhlin, J.
Comput. Phys. 73, 325 (1987), in one dimension): a group of them that is as far away as it is wide
is replaced by charges at its Chebyshev points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kondoflow.systems.anderson.baths.bath_file import BathTable
from kondoflow.systems.anderson.baths.bath_store import kept
from kondoflow.systems.anderson.grid import inverse_second_antiderivative, refined

_OUTERMOST = 12.0  # frequencies up to which functions are tabulated, in units of D
_TOLERANCE = 1e-6  # of the tabulated functions, in units of the largest g
_SMALLEST = 1e-300
_STEEPEST = 1e6  # slope of g, in units of its largest value over D, above which it is a step
_FEW = 2048  # kinks, of which the sum is taken one by one
_GROUP = 64  # kinks too few to be taken together
_CHARGES = 20  # that stand for a group
_MOST_POINTS = 2**20  # of the grid: what a table of noise may take


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
        values = np.interp(omega, *continuous_part(self))
        for sign, end in ((1, 0), (-1, -1)):
            if self.g[end] > 0:
                distance = np.maximum(np.abs(omega - self.omega[end]), _SMALLEST)
                values += sign * self.g[end] * np.log(distance)
        return values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tabulated) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


@lru_cache(maxsize=8)
def continuous_part(bath: Tabulated) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and values of the sum over changes of slope."""
    return kept(f"hybridisation of {bath.digest}", lambda: _sum_of_kinks(bath))


def _sum_of_kinks(bath: Tabulated) -> tuple[np.ndarray, np.ndarray]:
    rises, widths = np.diff(bath.g), np.diff(bath.omega)
    slopes, highest = rises / widths, float(bath.g.max())
    steep = np.abs(slopes) > _STEEPEST * highest
    changes = np.diff(np.where(steep, 0.0, slopes), prepend=0.0, append=0.0)
    kinks, changes = bath.omega[changes != 0], changes[changes != 0]
    steps, widths, rises = bath.omega[:-1][steep], widths[steep], rises[steep]

    def value(omega: np.ndarray) -> np.ndarray:
        many = len(kinks) > _FEW
        smooth = summed_together(omega, kinks, changes) if many else summed(omega, kinks, changes)
        for start, width, rise in zip(steps, widths, rises, strict=True):
            smooth += rise * mean_logarithm(omega - start, width)
        return smooth

    outer = np.geomspace(1, _OUTERMOST, 16)
    start = np.union1d(bath.omega, np.concatenate([-outer, outer, [0.0]]))
    return refined(value, start, _TOLERANCE * highest, _MOST_POINTS)


def mean_logarithm(u: np.ndarray, width: float) -> np.ndarray:
    """The mean of log|u - x| over 0 < x < width, (n,)."""
    u = np.where(u > width / 2, u, width - u)  # it is symmetric about the middle
    beyond = np.maximum(u - width, 0.0)
    far = u > 2 * width
    near = (u * np.log(u) - (u - width) * np.log(np.maximum(np.abs(u - width), _SMALLEST))) / width
    ratio = width / np.where(far, beyond, width)
    return np.where(far, np.log(u) + np.log1p(ratio) / ratio, near) - 1


def summed(omega: np.ndarray, kinks: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """The sum of s_k S(omega - x_k), term by term, (n,)."""
    rows = max(1, 2**22 // max(len(kinks), 1))
    parts = [
        inverse_second_antiderivative(omega[k : k + rows, None] - kinks) @ changes
        for k in range(0, len(omega), rows)
    ]
    return np.concatenate(parts)


def summed_together(omega: np.ndarray, kinks: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """The same sum, distant kinks in groups, (n,)."""
    order = np.argsort(omega)
    ascending, found = omega[order], np.zeros(len(omega))
    unit = np.cos(np.pi * (np.arange(_CHARGES) + 0.5) / _CHARGES)
    weights = (-1.0) ** np.arange(_CHARGES) * np.sqrt(1 - unit**2)  # of barycentric interpolation
    groups = [(0, len(kinks), 0, len(omega))]  # the kinks of each, and the frequencies not yet done
    while groups:
        first, stop, begin, end = groups.pop()
        x, s = kinks[first:stop], changes[first:stop]
        if begin == end:
            continue
        if stop - first <= _GROUP:
            found[begin:end] += summed(ascending[begin:end], x, s)
            continue
        width = x[-1] - x[0]
        points = x[0] + width * (unit + 1) / 2
        apart = x[:, None] - points
        shares = weights / np.where(apart == 0, _SMALLEST, apart)
        charges = s @ (shares / shares.sum(axis=1, keepdims=True))
        near = np.searchsorted(ascending, [x[0] - width, x[-1] + width]).clip(begin, end)
        for part in (slice(begin, near[0]), slice(near[1], end)):
            if part.start < part.stop:
                found[part] += summed(ascending[part], points, charges)
        middle = (first + stop) // 2
        groups += [(first, middle, *near), (middle, stop, *near)]
    back = np.empty_like(found)
    back[order] = found
    return back
