r"""Free energy, entropy and specific heat of the impurity.

They are the difference between impurity with chain and the chain alone. The first comes from the
partition sum over the complete basis (L. Merker, A. Weichselbaum and T. A. Costi, PRB 86, 075153
(2012)), the second from the chain's one-particle levels E_k, both spins,

.. math::
    F_0 = -2 T \sum_k \log(1 + e^{-E_k/T}), \qquad
    S_0 = 2 \sum_k \left[\log(1 + e^{-E_k/T}) + \frac{E_k}{T} f(E_k)\right], \qquad
    C_0 = 2 \sum_k \left(\frac{E_k}{T}\right)^2 f(E_k) f(-E_k).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import expit


def of_chain(hoppings: np.ndarray, T: float) -> np.ndarray:
    """Free energy, entropy and specific heat of the chain alone, (3,).

    Args:
        hoppings: Hopping amplitudes along it, (n_sites - 1,).
        T: Temperature.
    """
    E = eigh_tridiagonal(np.zeros(len(hoppings) + 1), hoppings, eigvals_only=True)
    x = E / T
    log_sum = np.logaddexp(0, -x)
    return np.array(
        [
            -2 * T * log_sum.sum(),
            2 * (log_sum + x * expit(-x)).sum(),
            2 * (x**2 * expit(-x) * expit(x)).sum(),
        ]
    )


def of_impurity(sums: np.ndarray, hoppings: np.ndarray, T: float) -> np.ndarray:
    """What the impurity adds to free energy (D), entropy and specific heat (k_B), (3,).

    Args:
        sums: `density_matrix.thermal_sums` of impurity and chain.
        hoppings: Hopping amplitudes along the chain.
        T: Temperature.
    """
    ground, log_Z, mean, variance = sums
    both = np.array([ground - T * log_Z, log_Z + mean, variance])
    return both - of_chain(hoppings, T)
