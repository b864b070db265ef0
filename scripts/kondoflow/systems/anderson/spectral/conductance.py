r"""Linear conductance through the impurity, from its peaks.

Between two leads that couple equally (Y. Meir and N. S. Wingreen, PRL 68, 2512 (1992)) a spin
contributes, in units of e^2/h,

.. math::
    g_s = \int d\omega \left(-\frac{\partial f}{\partial \omega}\right) \pi \Gamma A_s(\omega)
        = \frac{\pi \Gamma}{4 T} \sum_k \frac{d_k}{\cosh^2(\omega_k / 2 T)}.

The thermal factor is as smooth as any broadening, so that none is needed. Leads that are not flat
give each peak the factor g(omega_k), the shape of the bath.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath
from kondoflow.systems.anderson.nrg.bins import bin_centres


def conductance(histogram: np.ndarray, Gamma: float, T: float, bath: Bath = FLAT) -> np.ndarray:
    """Conductance of each spin in units of e^2/h, (...), see the module.

    Args:
        histogram: Weights of <<d; d^+>>, [..., sign, bin].
        Gamma: Hybridisation strength in units of D.
        T: Temperature in units of D, above 0.
        bath: The bath.
    """
    decay = np.exp(-bin_centres() / T)
    factor = 4 * decay / (1 + decay) ** 2
    if not bath.is_flat:
        E = bin_centres()
        histogram = histogram * np.stack([bath.shape(-E), bath.shape(E)])
    return np.pi * Gamma / (4 * T) * (histogram.sum(axis=-2) @ factor)
