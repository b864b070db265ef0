r"""Haldane's expression for the Kondo temperature.

.. math:: T_K = \sqrt{U \Gamma / 2}\, \exp\frac{\pi \epsilon_d (\epsilon_d + U)}{2 U \Gamma}

(F. D. M. Haldane, PRL 40, 416 (1978)), in units of the half-bandwidth.
"""

from __future__ import annotations

import numpy as np


def haldane_exponent(U: np.ndarray, Gamma: np.ndarray, eps_d: np.ndarray) -> np.ndarray:
    """Exponent pi eps_d (eps_d + U) / (2 U Gamma) of Haldane's Kondo temperature, see the module.

    The arrays are broadcast; the exponent has their common shape.
    """
    return np.pi * eps_d * (eps_d + U) / (2 * U * Gamma)


def log_kondo_scale(U: np.ndarray, Gamma: np.ndarray, eps_d: np.ndarray) -> np.ndarray:
    """Natural logarithm of Haldane's expression, continued to every eps_d.

    Outside -U < eps_d < 0 it is no Kondo temperature: there it exceeds sqrt(U Gamma / 2) and only
    says that no low-energy scale is generated.

    Args:
        U: Repulsion, above 0.
        Gamma: Hybridisation strength, above 0.
        eps_d: Level energy.

    Returns:
        Array of the common shape.
    """
    return np.log(U * Gamma / 2) / 2 + haldane_exponent(U, Gamma, eps_d)


def haldane_kondo_temperature(
    U: np.ndarray | float, Gamma: np.ndarray | float, eps_d: np.ndarray | float
) -> np.ndarray:
    """Haldane's T_K = sqrt(U Gamma / 2) exp(pi eps_d (eps_d + U) / (2 U Gamma)).

    F. D. M. Haldane, PRL 40, 416 (1978). All energies are in units of D.

    Returns:
        T_K of the common shape, NaN outside -U < eps_d < 0.
    """
    U, Gamma, eps_d = np.broadcast_arrays(
        np.asarray(U, float), np.asarray(Gamma, float), np.asarray(eps_d, float)
    )
    T_K = np.full(U.shape, np.nan)
    inside = (eps_d > -U) & (eps_d < 0)
    T_K[inside] = np.exp(log_kondo_scale(U[inside], Gamma[inside], eps_d[inside]))
    return T_K
