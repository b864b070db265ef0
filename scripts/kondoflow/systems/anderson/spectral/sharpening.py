r"""Undoing what broadening does to a ratio of correlators.

The second step of the equation of motion (`self_energy`) leaves a function b(omega) to be found as
the ratio of two broadened correlators,

.. math::
    b_0 = \frac{K[S]}{K[F']}, \qquad S(\omega) = b(\omega)\, F'(\omega),

with K the broadening. That b_0 differs from b has two causes. K averages b over its width, and F'
inherits narrow peaks from the Green function, which draw the average towards themselves. Both can
be calculated: a given b fixes Sigma, Dyson's equation gives G, F' = (Sigma - U n) G and S = b F'
follow, and broadening these gives the ratio that would have been found,

.. math::
    \mathcal T[b] = \frac{K[b F'_b]}{K[F'_b]}, \qquad b_{j+1} = b_j + (b_0 - \mathcal T[b_j]).

The iteration (L. Landweber, Am. J. Math. 73, 615 (1951)) goes to the b whose broadened ratio is the
one found; its first step is what statistics knows as twicing (J. W. Tukey, Exploratory Data
Analysis, 1977). What is noise in b_0, above all the grid of the discretised band, grows with each
step, so that the iteration has to end early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath
from kondoflow.systems.anderson.nrg.bins import N_BINS, bin_centres, bin_widths
from kondoflow.systems.anderson.spectral.broadening import broaden
from kondoflow.systems.anderson.spectral.dyson import (
    HIGHEST,
    ends_of,
    green_function,
    integrated_green_function,
    interpolate,
    midpoints,
)

_INFINITE = 1e30  # stands for b where Sigma - U n vanishes


@dataclass(frozen=True)
class Continuation:
    """How b determines the correlators of one spin, and how they are broadened.

    Attributes:
        U: Repulsion.
        Gamma: Hybridisation strength.
        eps: Level energy of this spin.
        n: Occupation of the other spin.
        width: Width of the linear Gaussian.
        alpha: Width of the logarithmic Gaussian.
        bath: The bath.
    """

    U: float
    Gamma: float
    eps: float
    n: float
    width: float
    alpha: float
    bath: Bath = FLAT

    def beyond_hartree(self, omega: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Sigma - U n in units of D, of the shape of omega; 0 where its denominator vanishes."""
        denominator = omega - self.eps - self.U * (1 - self.n) - b
        vanishes = denominator == 0
        weight = self.U**2 * self.n * (1 - self.n)
        return np.where(vanishes, 0, weight / np.where(vanishes, 1, denominator))

    def self_energy(self, omega: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Sigma in units of D, complex, of the shape of omega."""
        return self.U * self.n + self.beyond_hartree(omega, b)

    def broadened_ratio(self, peaks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The internal grid, (m,), and K[S]/K[F'] on it, (m,), complex.

        Args:
            peaks: Weights [correlator (F', S), sign, bin].
        """
        nodes, (F_prime, S) = broaden(peaks, self.width, self.alpha)
        vanishes = F_prime == 0
        return nodes, np.where(vanishes, _INFINITE, S / np.where(vanishes, 1, F_prime))

    def peaks(self, nodes: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Histograms of F' and S that follow from b, [correlator (F', S), sign, bin]."""
        edges, widths, first = _bins_of_spectrum(float(nodes[nodes > 0][0]))
        points, steps, interval = midpoints(edges, widths, self.Gamma, 1)
        histogram = np.zeros((2, 2, N_BINS))
        for side, sign in enumerate((-1.0, 1.0)):
            omega = sign * points
            b_here = interpolate(omega, nodes, b)
            beyond = self.beyond_hartree(omega, b_here)
            sigma = self.U * self.n + beyond
            if self.bath.is_flat:
                green = green_function(omega, sigma, self.eps, self.Gamma, steps)
            else:
                green = self._integrated(sign * ends_of(points, steps), nodes, b) / steps
            F_prime = beyond * green
            for correlator, values in enumerate((F_prime, b_here * F_prime)):
                weights = np.bincount(interval, weights=-values.imag * steps / np.pi)
                histogram[correlator, side, first : first + len(weights)] = weights
        return histogram

    def _integrated(self, edges: np.ndarray, nodes: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Integrals of the Green function between frequencies that ascend or descend."""
        sigma = self.self_energy(edges, interpolate(edges, nodes, b))
        backwards = edges[0] > edges[-1]
        if backwards:
            edges, sigma = edges[::-1], sigma[::-1]
        green = integrated_green_function(edges, sigma, self.eps, self.Gamma, self.bath)
        return green[::-1] if backwards else green


def sharpen(
    continuation: Continuation, peaks: np.ndarray, corrections: int
) -> tuple[np.ndarray, np.ndarray]:
    """The ratio b of two correlators from their peaks.

    Args:
        continuation: The equations, and the broadening.
        peaks: Weights [correlator (F', S), sign, bin].
        corrections: Number of steps of the iteration.

    Returns:
        Internal grid (m,) and b on it, (m,), complex; its imaginary part may be positive.
    """
    nodes, found = continuation.broadened_ratio(peaks)
    b = found
    if not peaks.any():
        return nodes, b
    for _ in range(corrections):
        causal = causal_part(b)
        _, expected = continuation.broadened_ratio(continuation.peaks(nodes, causal))
        b = causal + (found - expected)
    return nodes, b


def causal_part(values: np.ndarray) -> np.ndarray:
    """Complex values of any shape, with positive imaginary parts set to 0."""
    return np.where(values.imag > 0, values.real, values)


def _bins_of_spectrum(lowest: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Lower edges and widths of the histogram's bins in the spectrum's range, and the first bin.

    The first of them reaches down to 0, far below the smallest node.
    """
    centres, widths = bin_centres(), bin_widths()
    inside = np.flatnonzero((centres > lowest / 16) & (centres < HIGHEST))
    edges = centres[inside] - widths[inside] / 2
    widths = widths[inside].copy()
    widths[0] += edges[0]
    edges[0] = 0.0
    return edges, widths, int(inside[0])
