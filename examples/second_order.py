r"""Spectra of the Anderson impurity model without any NRG: second order in U, interpolated.

The code shares nothing with the solver of the product. It is an approximation with known limits.
On a uniform grid, with A_0 the resonant level at eps_0 in the flat band, f the Fermi function and n
its filling of one spin,

.. math::
    -\frac1\pi \mathrm{Im} \Sigma_2(\omega) = U^2 \int\!\!\int dx\, dy\,
        A_0(x) A_0(y) A_0(x + y - \omega)
        \left[f(-x) f(-y) f(x + y - \omega) + f(x) f(y) f(\omega - x - y)\right],

.. math::
    \Sigma(\omega) = U n + \frac{\Sigma_2(\omega)}{1 - b\, \Sigma_2(\omega)}, \qquad
    b = \frac{(1 - n) U + \epsilon_d - \epsilon_0}{n (1 - n) U^2},

which is right to second order in U and for an isolated level. eps_0 is chosen such that the full
spectrum has the filling n too. (K. Yosida and K. Yamada, Prog. Theor. Phys. Suppl. 46, 244 (1970);
A. Levy Yeyati, A. Martin-Rodero and F. Flores, Phys. Rev. Lett. 71, 2991 (1993); H. Kajueter and
G. Kotliar, Phys. Rev. Lett. 77, 131 (1996).) At half filling the resonance narrows as a power of
U/(pi Gamma), and not exponentially: beyond U/(pi Gamma) of about 2 it is too wide.

Energies are in units of the half-bandwidth D.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.signal import fftconvolve, hilbert
from scipy.special import expit

HALF, HIGHEST = 2**13, 4.0  # points on each side of 0, and the largest of them
GRID = np.arange(-HALF, HALF + 1) * (HIGHEST / HALF)
STEP = HIGHEST / HALF
TOLERANCE = 1e-4  # of the filling


class Solved(NamedTuple):
    """A spectrum.

    Attributes:
        spectral_function: pi Gamma A, (omega,).
        filling: Occupation of both spins.
    """

    spectral_function: np.ndarray
    filling: float


def hybridisation(omega: np.ndarray, Gamma: float) -> np.ndarray:
    """Delta of a flat band from -1 to 1, (omega,)."""
    distance = np.maximum(np.abs(1 - np.abs(omega)), STEP / 4)  # the logarithm's edge, on a grid
    real = np.sign(omega) * np.log((1 + np.abs(omega)) / distance) / np.pi
    return Gamma * (real - 1j * (np.abs(omega) < 1))


def second_order(A_0: np.ndarray, U: float, T: float) -> np.ndarray:
    """Sigma_2 of a normalised spectrum A_0 on `GRID`."""
    empty, filled = A_0 * expit(GRID / T), A_0 * expit(-GRID / T)

    def scattering(pair: np.ndarray, single: np.ndarray) -> np.ndarray:
        pairs = fftconvolve(pair, pair, mode="same")
        return fftconvolve(pairs, single[::-1], mode="same")

    rate = (U * STEP) ** 2 * (scattering(empty, filled) + scattering(filled, empty))
    return -1j * np.pi * hilbert(rate)


def filling_of(A: np.ndarray, T: float) -> float:
    """Occupation of one spin, the spectrum normalised."""
    return float((A * expit(-GRID / T)).sum() / A.sum())


def solve(U: float, Gamma: float, eps_d: float, T: float, omega: np.ndarray) -> Solved:
    """The spectrum of one impurity on a grid omega (omega,) within -4 .. 4."""
    delta = hybridisation(GRID, Gamma)

    def spectrum(eps_0: float) -> tuple[np.ndarray, np.ndarray, float]:
        A_0 = -np.imag(1 / (GRID - eps_0 - delta))
        n = filling_of(A_0, T)
        sigma = second_order(A_0 / (A_0.sum() * STEP), U, T)
        b = ((1 - n) * U + eps_d - eps_0) / (n * (1 - n) * U**2)
        sigma = U * n + sigma / (1 - b * sigma)
        return -np.imag(1 / (GRID - eps_d - delta - sigma)), sigma, n

    def excess(eps_0: float) -> float:
        A, _, n = spectrum(eps_0)
        return filling_of(A, T) - n

    lowest, highest = eps_d - 0.5 * U, eps_d + 1.5 * U
    eps_0 = brentq(excess, lowest, highest, xtol=TOLERANCE * Gamma)
    _, sigma, n = spectrum(eps_0)
    own = np.interp(omega, GRID, sigma.real) + 1j * np.interp(omega, GRID, sigma.imag)
    green = 1 / (omega - eps_d - hybridisation(omega, Gamma) - own)
    return Solved(np.maximum(-Gamma * green.imag, 0.0), 2 * n)
