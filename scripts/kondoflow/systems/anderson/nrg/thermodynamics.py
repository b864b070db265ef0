r"""Free energy, entropy, specific heat and magnetic moment of the impurity.

They are the difference between impurity with chain and the chain alone. The first comes from the
partition sum over the complete basis (L. Merker, A. Weichselbaum and T. A. Costi, PRB 86, 075153
(2012)), the second from the chain's one-particle levels E_k, both spins,

.. math::
    F_0 = -2 T \sum_k \log(1 + e^{-E_k/T}), \qquad
    S_0 = 2 \sum_k \left[\log(1 + e^{-E_k/T}) + \frac{E_k}{T} f(E_k)\right], \qquad
    C_0 = 2 \sum_k \left(\frac{E_k}{T}\right)^2 f(E_k) f(-E_k), \qquad
    \langle S_z^2 \rangle_0 = \frac12 \sum_k f(E_k) f(-E_k).

The impurity's part of the variance of the total S_z is T times its susceptibility to a field that
acts on impurity and band alike: 1/4 for a free spin, 0 for a screened one in a flat band.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh_tridiagonal
from scipy.special import expit


def of_chain(onsite: np.ndarray, hoppings: np.ndarray, T: float) -> np.ndarray:
    """Free energy, entropy, specific heat and variance of S_z of the chain alone, (4,).

    Args:
        onsite: Energies of its sites, (n_sites,).
        hoppings: Hopping amplitudes along it, (n_sites - 1,).
        T: Temperature.
    """
    E = eigh_tridiagonal(onsite, hoppings, eigvals_only=True)
    x = E / T
    log_sum = np.logaddexp(0, -x)
    return np.array(
        [
            -2 * T * log_sum.sum(),
            2 * (log_sum + x * expit(-x)).sum(),
            2 * (x**2 * expit(-x) * expit(x)).sum(),
            (expit(-x) * expit(x)).sum() / 2,
        ]
    )


def of_impurity(sums: np.ndarray, onsite: np.ndarray, hoppings: np.ndarray, T: float) -> np.ndarray:
    """What the impurity adds to free energy (D), entropy, specific heat (k_B) and S_z^2, (4,).

    Args:
        sums: `density_matrix.thermal_sums` of impurity and chain, (5,).
        onsite: Energies of the chain's sites in units of D, (site,).
        hoppings: Hopping amplitudes along the chain in units of D, (site - 1,).
        T: Temperature in units of D.
    """
    ground, log_Z, mean, variance, moment = sums
    both = np.array([ground - T * log_Z, log_Z + mean, variance, moment])
    return both - of_chain(onsite, hoppings, T)
