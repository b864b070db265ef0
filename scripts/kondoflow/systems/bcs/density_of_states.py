r"""The density of states of a superconductor with Dynes' broadening, and its integral.

The density in units of that of the normal metal (Dynes, Narayanamurti and Garno 1978) is

.. math::
    \frac{N(E)}{N(0)} = \mathrm{Re}\, g(E - i\Gamma), \qquad g(z) = \frac{z}{\sqrt{z^2 - \Delta^2}},

and the number of states between 0 and E, in units of N(0), is the real part of
:math:`p(E - i\Gamma)` with :math:`p(z) = \sqrt{z^2 - \Delta^2}`, because p' = g. Both functions are
analytic in the lower half-plane if the root is that which behaves as z at infinity; as a product of
two principal roots, :math:`\sqrt{z - \Delta}\sqrt{z + \Delta}`, it is. As p(z) - z vanishes at
infinity, the gap moves states and loses none: :math:`\int (N/N(0) - 1)\, dE = 0`.
"""

from __future__ import annotations

import numpy as np


def states(z: np.ndarray, gap: float) -> np.ndarray:
    """The function p at complex energies z with Im z <= 0, of the shape of z."""
    return np.sqrt(z - gap) * np.sqrt(z + gap)


def density(z: np.ndarray, gap: float) -> np.ndarray:
    """The function g at complex energies z with Im z < 0, of the shape of z."""
    return z / states(z, gap)
