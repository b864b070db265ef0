r"""Green function and self-energy on the imaginary axis, without any broadening.

The peaks determine

.. math::
    G(i \omega_n) = \sum_k \frac{d_k}{i \omega_n - \omega_k}, \qquad
    \Sigma(i \omega_n) = \frac{1}{G(i \omega_n)} \sum_k \frac{F_k}{i \omega_n - \omega_k}, \qquad
    \omega_n = (2 n + 1) \pi T,

and the weight of the quasi-particles at low temperature is

.. math::
    Z = \frac{1}{1 - \mathrm{Im} \Sigma(i y) / y}, \qquad y \to 0.

A small y amplifies what the discretised band leaves of Im Sigma at 0, a large one leaves the Fermi
liquid: y is a tenth of the resonance's half-width, or pi T where that is larger.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.nrg.bins import bin_centres

N_FREQUENCIES = 64


def frequencies(T: float) -> np.ndarray:
    """The first positive Matsubara frequencies, (n,)."""
    return (2 * np.arange(N_FREQUENCIES) + 1) * np.pi * T


def correlators(histogram: np.ndarray, y: np.ndarray) -> np.ndarray:
    """<<d; d^+>> and <<F; d^+>> at i y, (..., correlator, n), complex.

    Args:
        histogram: Weights [..., correlator (d, F), sign, bin].
        y: Positive imaginary frequencies, (n,).
    """
    E = bin_centres()[:, None]
    negative, positive = histogram[..., 0, :], histogram[..., 1, :]
    return negative @ (1 / (1j * y + E)) + positive @ (1 / (1j * y - E))


def quasiparticle_weight(histogram: np.ndarray, T: float, half_width: float) -> np.ndarray:
    """Z of each spin, (...).

    Args:
        histogram: Weights [..., correlator (d, F), sign, bin].
        T: Temperature.
        half_width: Of the resonance; NaN where there is none.
    """
    y = float(np.fmax(np.pi * T, 0.1 * half_width))
    found = correlators(histogram, np.array([y]))[..., 0]
    return 1 / (1 - (found[..., 1] / found[..., 0]).imag / y)
