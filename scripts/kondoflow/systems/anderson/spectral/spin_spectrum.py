r"""The spectrum of the impurity's spin, chi''(omega), from its peaks.

With the field term -B S_z the response of <S_z> to B is chi(omega), and the peaks of the
anticommutator of S_z with itself, of weight w_k at +-omega_k, give by the fluctuation-dissipation
theorem

.. math::
    \chi''(\omega) = \pi \tanh\frac{\omega}{2T} \sum_k w_k\, \delta(\omega - \omega_k), \qquad
    \sum_k w_k = 2 \langle S_z^2 \rangle.

What is broadened is the relaxation function

.. math::
    R(\omega) = \frac{\chi''(\omega)}{\pi \omega}, \qquad
    \int d\omega\, R(\omega) = \chi,

whose integral is the static susceptibility by the Kramers-Kronig relation. Broadening conserves it,
and keeps chi'' odd, and positive where the weights are; those of peaks between kept and discarded
states may be negative, and chi'' with them, by up to 0.003 of its maximum.

The weights lack 2 <S_z>^2 at omega = 0, which a polarised spin
has and with which it does not respond; without it their sum is twice the variance. At T = 0 a Fermi
liquid obeys the relation of H. Shiba (Prog. Theor. Phys. 54, 967 (1975)), in this convention

.. math::
    \lim_{\omega \to 0} \frac{\chi''(\omega)}{\omega} = 2 \pi \chi^2:

without interaction chi'' is pi omega rho^2/2 with rho the level's density of states of a spin,
and chi is rho/2.

**Broadening.** The logarithmic Gaussian is that of the Green function. The linear one is wider. A
chain that ends at T has its weight below a few T at omega = 0, as there are no levels in between,
and R is constant there where T is far below Gamma and T_K. Above Gamma, the width of the level, it
is Gamma that must not be smeared. The width is 1/(1/(3 T) + 1/(1.5 Gamma)), chosen by the exact
spectrum without interaction. Below it chi''/omega is an average: the relaxation of a free local
moment, which is slower (J. Korringa, Physica 16, 601 (1950)), is not resolved.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.nrg.bins import bin_centres
from kondoflow.systems.anderson.spectral.broadening import broaden

_OF_T, _OF_GAMMA = 3.0, 1.5  # the linear Gaussian in units of T and of Gamma


def relaxation_weights(weights: np.ndarray, T: float) -> np.ndarray:
    """Weights of the relaxation function, (bin,), whose sum is the static susceptibility.

    Args:
        weights: Of the anticommutator, by bins of abs(omega), (bin,).
        T: Temperature.
    """
    E = bin_centres()
    return weights * np.tanh(E / (2 * T)) / E


def spin_spectrum(
    weights: np.ndarray, T: float, Gamma: float, alpha: float, omega: np.ndarray
) -> np.ndarray:
    """Spectrum chi'' of S_z at some frequencies, in units of 1/D, (n,).

    Args:
        weights: Of the anticommutator, by bins of abs(omega), (bin,).
        T: Temperature.
        Gamma: Hybridisation strength.
        alpha: Width of the logarithmic Gaussian.
        omega: Frequencies, (n,).
    """
    half = relaxation_weights(weights, T) / 2
    width = 1 / (1 / (_OF_T * T) + 1 / (_OF_GAMMA * Gamma))
    nodes, function = broaden(np.stack([half, half]), width, alpha)
    return -omega * np.interp(np.abs(omega), nodes, function.imag)
