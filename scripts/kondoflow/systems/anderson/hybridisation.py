r"""The hybridisation function of the flat band.

Integrating out a band with density of states 1/2 on [-1, 1] gives

.. math::
    \Delta(\omega) = \frac{\Gamma}{\pi} \int_{-1}^{1} \frac{dx}{\omega - x + i0}
                   = \frac{\Gamma}{\pi} \ln\left|\frac{1 + \omega}{1 - \omega}\right|
                     - i \Gamma\, \theta(1 - |\omega|).
"""

from __future__ import annotations

import numpy as np


def hybridisation(omega: np.ndarray, Gamma: float) -> np.ndarray:
    """Hybridisation function Delta(omega + i0) of the flat band, complex; |omega| must not be 1."""
    real = np.log(np.abs((1 + omega) / (1 - omega)))
    return Gamma * (real / np.pi - 1j * (np.abs(omega) < 1))
