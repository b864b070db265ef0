r"""Baths of a shape that the user gives in a table (`bath`).

The shape g is piecewise linear with values g_k and changes of slope s_k at x_k. Two integrations
by parts give, exactly,

.. math::
    \mathrm{Re} \frac{\pi \Delta}{\Gamma} = g_0 \log|\omega - x_0| - g_N \log|\omega - x_N|
        + \sum_k s_k\, S(\omega - x_k), \qquad S(u) = u \log|u| - u.

The sum is continuous. It is evaluated on a grid that is refined until it is linear between the
points to 1e-6, and read off there: a value then costs no more than that of the flat band.
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
