r"""Linear conductance through the impurity, from its peaks.

Between two leads that couple equally (Y. Meir and N. S. Wingreen, PRL 68, 2512 (1992)) a spin
contributes, in units of e^2/h,

.. math::
    g_s = \int d\omega \left(-\frac{\partial f}{\partial \omega}\right) \pi \Gamma A_s(\omega)
        = \frac{\pi \Gamma}{4 T} \sum_k \frac{d_k}{\cosh^2(\omega_k / 2 T)}.

The thermal factor is as smooth as any broadening, so that none is needed.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.correlators import bin_centres


def conductance(histogram: np.ndarray, Gamma: float, T: float) -> np.ndarray:
    """Conductance of each spin in units of e^2/h, (...).

    Args:
        histogram: Weights of <<d; d^+>> [..., sign, bin].
        Gamma: Hybridisation strength.
        T: Temperature.
    """
    decay = np.exp(-bin_centres() / T)
    factor = 4 * decay / (1 + decay) ** 2
    return np.pi * Gamma / (4 * T) * (histogram.sum(axis=-2) @ factor)
