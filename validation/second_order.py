r"""Second-order perturbation theory in U for the symmetric model, on a uniform grid.

With the Hartree term in the level, A_0 the resonant level in the finite band and f the Fermi
function,

.. math::
    -\frac1\pi \mathrm{Im} \Sigma(\omega) = U^2 \int\!\!\int dx\, dy\,
        A_0(x) A_0(y) A_0(x + y - \omega)
        \left[f(-x) f(-y) f(x + y - \omega) + f(x) f(y) f(\omega - x - y)\right].

At particle-hole symmetry the correction is of order U^4, and the atomic limit comes out exactly.
(K. Yamada, Prog. Theor. Phys. 53, 970 (1975).)
"""

from __future__ import annotations

import numpy as np
from scipy.signal import fftconvolve, hilbert
from scipy.special import expit

_HALF = 2**17
_HIGHEST = 4.0


def spectrum(omega: np.ndarray, U: float, Gamma: float, T: float) -> np.ndarray:
    """Return pi Gamma A of the symmetric model to second order in the self-energy."""
    grid = np.arange(-_HALF, _HALF + 1) * (_HIGHEST / _HALF)
    step = grid[1] - grid[0]
    A_0 = -(1 / (grid - delta(grid, Gamma))).imag / np.pi
    A_0 /= A_0.sum() * step
    empty, filled = A_0 * expit(grid / T), A_0 * expit(-grid / T)

    def scattering(particles: np.ndarray, holes: np.ndarray) -> np.ndarray:
        pairs = fftconvolve(particles, particles, mode="same") * step
        return fftconvolve(pairs, holes[::-1], mode="same") * step

    rate = U**2 * (scattering(empty, filled) + scattering(filled, empty))
    sigma = -1j * np.pi * hilbert(rate)
    sigma = np.interp(omega, grid, sigma.real) + 1j * np.interp(omega, grid, sigma.imag)
    return -Gamma * (1 / (omega - delta(omega, Gamma) - sigma)).imag


def delta(omega: np.ndarray, Gamma: float) -> np.ndarray:
    """Hybridisation function of the flat band."""
    with np.errstate(divide="ignore"):
        real = np.log(np.abs((1 + omega) / (1 - omega)))
    return Gamma * (np.where(np.isfinite(real), real, 0.0) / np.pi - 1j * (np.abs(omega) < 1))
