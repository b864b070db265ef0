r"""The flat band and the pseudogap: baths with g = |omega|^r on [-1, 1] (`bath`).

With L = log|(1 + omega)/(1 - omega)| a geometric series of the denominator gives, for 0 < omega < 1
and r < 3,

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
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import digamma

from kondoflow.systems.anderson.grid import refined

_TOLERANCE = 1e-6  # of the tabulated sums
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
