r"""From histograms of peaks to continuous spectral functions, in two steps.

First a logarithmic Gaussian, in the form of Weichselbaum and von Delft (2007) that is symmetric in
peak and frequency and conserves weight,

.. math::
    L(\omega, E) = \frac{\theta(\omega E)}{\sqrt\pi\, \alpha |E|}
        \exp\left[-\left(\frac{\log|\omega/E|}{\alpha} + \frac{\alpha}{4}\right)^2\right],

then a linear Gaussian of width w, of the order of T, over the result. Both act on a peak, whatever
its energy: a choice between them by the size of E would leave a dip at |omega| < T/2. Peaks far
below T skip the first step, whose effect could not be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kondoflow.systems.anderson.grid import (
    HIGHEST_EXPONENT,
    POINTS_AN_OCTAVE,
    gaussian_second_antiderivative,
    hat_transform,
    hilbert_transform,
    internal_grid,
)
from kondoflow.systems.anderson.nrg.bins import BINS_PER_OCTAVE, LOWEST_EXPONENT, bin_centres

_SHARP_BELOW = 0.25  # in units of the linear width: peaks that only the linear step broadens
_AT_ZERO_BELOW = 1e-3  # in units of the linear width: peaks that might as well lie at 0
_REACH = 6.5  # in units of its width: where a Gaussian has fallen below rounding
_NODES_A_WIDTH = 32  # linear widths over the smallest positive node, at least
_SMOOTH_ABOVE = 60.0  # in units of the linear width: frequencies that the linear step leaves


@dataclass(frozen=True)
class Broadening:
    """How peaks are broadened.

    Attributes:
        alpha: Width of the logarithmic Gaussian.
        thermal_width: Width of the linear Gaussian in units of T.
    """

    alpha: float
    thermal_width: float


def lowest_node(width: float) -> float:
    """Smallest positive node that resolves a linear Gaussian of this width, a power of two."""
    return 2.0 ** np.floor(np.log2(width / _NODES_A_WIDTH))


def broaden(histogram: np.ndarray, width: float, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Broaden histograms into complex correlators.

    Args:
        histogram: Weights [..., sign (negative, positive), bin].
        width: Width of the linear Gaussian.
        alpha: Width of the logarithmic Gaussian.

    Returns:
        The internal grid (n,) and the retarded correlators [..., n], complex, with spectral
        function -Im/pi.
    """
    lowest = lowest_node(width)
    sharp = bin_centres() < _SHARP_BELOW * width
    sides = smooth(np.where(sharp, 0.0, histogram), lowest, alpha)
    zero = np.zeros((*histogram.shape[:-2], 1))
    logarithmic = np.concatenate([sides[..., 0, ::-1], zero, sides[..., 1, :]], axis=-1)
    inner, near, linear, to_inner = _linear_matrices(lowest, width)
    peaks = _sharp_peaks(histogram, width)
    spectrum = logarithmic.copy()
    spectrum[..., inner] = logarithmic[..., near] @ linear.T + peaks @ to_inner.T
    return internal_grid(lowest), hilbert_transform(spectrum, lowest) - 1j * np.pi * spectrum


def smooth(histogram: np.ndarray, lowest: float, alpha: float) -> np.ndarray:
    """Logarithmic Gaussian over peaks of one sign.

    Bins and nodes both divide octaves, and L(2 omega, 2 E) = L(omega, E)/2: one small kernel for
    each distance in octaves serves all of them.

    Args:
        histogram: Weights [..., bin].
        lowest: Smallest positive node of the internal grid, a power of two.
        alpha: Width.

    Returns:
        The broadened spectrum on the positive nodes, [..., node].
    """
    kernels = _octave_kernels(alpha)
    reach = len(kernels) // 2
    octaves = histogram.reshape(*histogram.shape[:-1], -1, BINS_PER_OCTAVE)
    padding = [(0, 0)] * (octaves.ndim - 2) + [(reach, reach + 1), (0, 0)]
    padded = np.pad(octaves, padding)
    first = int(np.log2(lowest)) - LOWEST_EXPONENT
    last = HIGHEST_EXPONENT - LOWEST_EXPONENT
    result = np.zeros((*octaves.shape[:-2], last + 1 - first, POINTS_AN_OCTAVE))
    for kernel, distance in zip(kernels, range(-reach, reach + 1), strict=True):
        begin, stop = first + reach - distance, last + 1 + reach - distance
        result += padded[..., begin:stop, :] @ kernel.T
    result *= 2.0 ** -(LOWEST_EXPONENT + np.arange(first, last + 1.0))[:, None]
    nodes = result.reshape(*histogram.shape[:-1], -1)
    return nodes[..., : (last - first) * POINTS_AN_OCTAVE + 1]


@lru_cache(maxsize=4)
def _octave_kernels(alpha: float) -> np.ndarray:
    """L(omega, E), omega in the octave from 1, E that many octaves below, (distance, node, bin)."""
    reach = int(np.ceil(_REACH * alpha / np.log(2))) + 1
    distance = np.arange(-reach, reach + 1)[:, None, None]
    omega = 2 ** (np.arange(POINTS_AN_OCTAVE) / POINTS_AN_OCTAVE)[:, None]
    E = (1 + (np.arange(BINS_PER_OCTAVE) + 0.5) / BINS_PER_OCTAVE) * 2.0**-distance
    exponent = np.log(omega / E) / alpha + alpha / 4
    return np.exp(-(exponent**2)) / (np.sqrt(np.pi) * alpha * E)


def _resolved(width: float) -> np.ndarray:
    """Mask of the bins of sharp peaks that are not taken to lie at 0."""
    E = bin_centres()
    return (_AT_ZERO_BELOW * width <= E) & (_SHARP_BELOW * width > E)


def _sharp_peaks(histogram: np.ndarray, width: float) -> np.ndarray:
    """Weights of sharp peaks, negative ones, all near 0 together, positive ones, ascending."""
    resolved = _resolved(width)
    at_zero = histogram[..., bin_centres() < _AT_ZERO_BELOW * width].sum(axis=(-2, -1))
    negative, positive = histogram[..., 0, resolved], histogram[..., 1, resolved]
    return np.concatenate([negative[..., ::-1], at_zero[..., None], positive], axis=-1)


@lru_cache(maxsize=1)
def _linear_matrices(
    lowest: float, width: float
) -> tuple[np.ndarray, slice, np.ndarray, np.ndarray]:
    """Linear Gaussian on the inner nodes.

    Returns:
        Mask of the inner nodes, the nodes that reach them, matrix from these to the inner ones,
        matrix from the energies of `_sharp_peaks` to the inner ones.
    """
    nodes = internal_grid(lowest)
    inner = np.abs(nodes) < _SMOOTH_ABOVE * width
    reached = np.flatnonzero(np.abs(nodes) < (_SMOOTH_ABOVE + 2 * _REACH) * width)
    omega, near = nodes[inner], slice(reached[1], reached[-1])
    # The outermost hats lack a half and are too far away to matter.
    linear = hat_transform(gaussian_second_antiderivative(width), omega, nodes[reached])[:, 1:-1]
    E = bin_centres()[_resolved(width)]
    peaks = np.concatenate([-E[::-1], [0.0], E])
    to_inner = np.exp(-(((omega[:, None] - peaks) / width) ** 2)) / (np.sqrt(np.pi) * width)
    return inner, near, linear, to_inner
