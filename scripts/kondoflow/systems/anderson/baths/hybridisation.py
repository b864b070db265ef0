r"""The hybridisation function of a bath.

For the flat band, with density of states 1/2 on [-1, 1],

.. math::
    \Delta(\omega) = \frac{\Gamma}{\pi} \int_{-1}^{1} \frac{dx}{\omega - x + i0}
                   = \frac{\Gamma}{\pi} \log\left|\frac{1 + \omega}{1 - \omega}\right|
                     - i \Gamma\, \theta(1 - |\omega|);

for others see `bath`.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath


def hybridisation(omega: np.ndarray, Gamma: float, bath: Bath = FLAT) -> np.ndarray:
    """Hybridisation function Delta(omega + i0), complex.

    Args:
        omega: Frequencies, (n,); those of the flat band must not be at its edges.
        Gamma: Hybridisation strength.
        bath: The bath.
    """
    if bath.is_flat:
        real = np.log(np.abs((1 + omega) / (1 - omega)))
        return Gamma * (real / np.pi - 1j * (np.abs(omega) < 1))
    return Gamma * (bath.real_part(omega) / np.pi - 1j * bath.shape(omega))
