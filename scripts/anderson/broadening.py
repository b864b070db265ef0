r"""From histograms of peaks to continuous spectral functions, in two steps.

First a logarithmic Gaussian, in the form of Weichselbaum and von Delft (2007) that is symmetric in
peak and frequency and conserves weight,

.. math::
    L(\omega, E) = \frac{\theta(\omega E)}{\sqrt\pi\, \alpha |E|}
        \exp\left[-\left(\frac{\ln|\omega/E|}{\alpha} + \frac{\alpha}{4}\right)^2\right],

then a linear Gaussian of width w = thermal_width T over the result. Doing them in turn, and not
the one or the other by the size of E, leaves no dip at |omega| < T/2. Peaks far below T skip the
first step, which could not be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from anderson.correlators import bin_centres
from anderson.grid import (
    gaussian_second_antiderivative,
    hat_transform,
    hilbert_matrix,
    internal_grid,
)

_SHARP_BELOW = 0.25  # in units of the thermal width: peaks that only the linear step broadens
_SMOOTH_ABOVE = 60.0  # in units of the thermal width: frequencies that the linear step leaves


@dataclass(frozen=True)
class Broadening:
    """How peaks are broadened.

    Attributes:
        alpha: Width of the logarithmic Gaussian.
        thermal_width: Width of the linear Gaussian in units of T.
    """

    alpha: float
    thermal_width: float


def lowest_node(width: float, highest_allowed: float) -> float:
    """Smallest positive node that resolves a linear Gaussian of this width, a power of two."""
    return 2.0 ** np.floor(np.log2(min(width / 8, highest_allowed)))


def broaden(
    histogram: np.ndarray, T: float, broadening: Broadening, finest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Broaden histograms into complex correlators.

    Args:
        histogram: Weights [..., sign (negative, positive), bin].
        T: Temperature.
        broadening: Widths of both steps.
        finest: Smallest frequency of interest; the grid resolves it and the thermal width.

    Returns:
        The internal grid (n,) and the retarded correlators [..., n], complex, with spectral
        function -Im/pi.
    """
    width = broadening.thermal_width * T
    lowest = lowest_node(width, finest / 2)
    nodes = internal_grid(lowest)
    n_side = len(nodes) // 2
    logarithmic = _logarithmic_matrix(lowest, broadening.alpha, width)
    negative = histogram[..., 0, :] @ logarithmic.T
    positive = histogram[..., 1, :] @ logarithmic.T
    zero = np.zeros((*histogram.shape[:-2], 1))
    smooth = np.concatenate([negative[..., ::-1], zero, positive], axis=-1)
    inner, linear, sharp = _linear_matrices(lowest, width)
    spectrum = smooth.copy()
    spectrum[..., inner] = smooth @ linear.T
    below = bin_centres() < _SHARP_BELOW * width
    peaks = np.concatenate([histogram[..., 0, below][..., ::-1], histogram[..., 1, below]], axis=-1)
    spectrum[..., inner] += peaks @ sharp.T
    assert spectrum.shape[-1] == 2 * n_side + 1
    return nodes, spectrum @ hilbert_matrix(lowest).T - 1j * np.pi * spectrum


@lru_cache(maxsize=4)
def _logarithmic_matrix(lowest: float, alpha: float, width: float) -> np.ndarray:
    """L(omega, E) on the positive nodes for all bins, (n_side, N_BINS); 0 for sharp peaks."""
    nodes = internal_grid(lowest)
    omega, E = nodes[nodes > 0][:, None], bin_centres()[None, :]
    exponent = np.log(omega / E) / alpha + alpha / 4
    matrix = np.exp(-(exponent**2)) / (np.sqrt(np.pi) * alpha * E)
    return np.where(_SHARP_BELOW * width <= E, matrix, 0.0)


@lru_cache(maxsize=4)
def _linear_matrices(lowest: float, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linear Gaussian on the inner nodes.

    Returns:
        Mask of the inner nodes, matrix from all nodes to them, matrix from sharp peaks (negative,
        then positive, ascending) to them.
    """
    nodes = internal_grid(lowest)
    inner = np.abs(nodes) < _SMOOTH_ABOVE * width
    omega = nodes[inner]
    linear = hat_transform(gaussian_second_antiderivative(width), omega, nodes)
    E = bin_centres()[bin_centres() < _SHARP_BELOW * width]
    peaks = np.concatenate([-E[::-1], E])
    sharp = np.exp(-(((omega[:, None] - peaks) / width) ** 2)) / (np.sqrt(np.pi) * width)
    return inner, linear, sharp
