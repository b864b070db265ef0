r"""Exact results to compare the solver with.

*No interaction*: the resonant level, A(omega) = -Im G/pi with G = 1/(omega - eps - Delta(omega)).

*Particle-hole symmetry*: the Bethe ansatz in the form of the convergent series of V. Zlatic and B.
Horvatic, PRB 28, 6904 (1983), with u = U/(pi Gamma):

.. math::
    \chi = \frac{1}{2 \pi \Gamma} \sum_n C_n u^n, \qquad
    C_n = (2n - 1)\, C_{n-1} - \left(\tfrac{\pi}{2}\right)^2 C_{n-2}, \quad C_0 = C_1 = 1.

The coefficients are the decaying solution of this recurrence, which is unstable upwards; their
ratios r_n = C_n/C_{n-1} = (pi/2)^2 / (2n + 1 - r_{n+1}) are found downwards instead.

*Friedel sum rule* at T = 0: pi Gamma A_s(0) = sin^2(pi n_imp,s), where n_imp,s counts the charge
that the impurity displaces in level and band,

.. math::
    n_{imp,s} = \langle n_s \rangle + \mathrm{Im} \int_{-\infty}^0 \frac{d\omega}{\pi}\,
                G_s(\omega)\, \frac{\partial \Delta(\omega)}{\partial \omega}
              = \langle n_s \rangle + \frac{\Gamma}{\pi} \sum_i w_i
                \frac{\mathrm{sgn}\, \omega_i}{1 + |\omega_i|},

the sum being over the peaks (omega_i, w_i) of the spectrum.
"""

from __future__ import annotations

import math

import numpy as np

from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.nrg.bins import bin_centres


def resonant_level(omega: np.ndarray, eps_d: float, Gamma: float) -> np.ndarray:
    """Return pi Gamma A of the non-interacting level inside the band, (n,)."""
    return -Gamma * (1 / (omega - eps_d - hybridisation(omega, Gamma))).imag


def bethe_ansatz_susceptibility(U: float, Gamma: float) -> float:
    """Static local spin susceptibility of the symmetric model in an infinitely wide band.

    Returns:
        chi in 1/D for k_B = g mu_B = 1, so that chi = 1/(2 pi Gamma) at U = 0.
    """
    u = U / (math.pi * Gamma)
    n_terms = 40 + math.ceil(4 * u)
    ratios = [0.0]
    for n in range(n_terms, 0, -1):
        ratios.append((math.pi / 2) ** 2 / (2 * n + 1 - ratios[-1]))
    term, total = 1.0, 1.0
    for ratio in ratios[:0:-1]:
        term *= ratio * u
        total += term
    return total / (2 * math.pi * Gamma)


def displaced_charge(occupation: float, histogram: np.ndarray, Gamma: float) -> float:
    """Friedel's n_imp of one spin from its occupation and its raw spectrum.

    Args:
        occupation: <n_s> of the level.
        histogram: Weights of <<d; d^+>> [sign, bin].
        Gamma: Hybridisation strength.
    """
    negative, positive = histogram @ (1 / (1 + bin_centres()))
    return occupation + Gamma / math.pi * float(positive - negative)


def friedel_height(n_imp: float) -> float:
    """Return pi Gamma A_s(0) at T = 0 for the displaced charge of one spin."""
    return math.sin(math.pi * n_imp) ** 2
