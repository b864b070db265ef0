r"""Thermal smearing, and the averages over cells of the grid, by a sum over Matsubara frequencies.

The conductance averages the density of states over the thermal window (Tinkham, sec. 3.8.3). Let
h(z) be analytic in the lower half-plane, with h' falling off at infinity. The derivative moves from
the Fermi function f to h, and the contour closes around the poles of f(E - V), which lie at
:math:`E = V - i\omega_n` with :math:`\omega_n = (2n + 1)\pi T` and have the residue -T:

.. math::
    \int dE\, h(E) \left(-f'(E - V)\right) = h(\infty) + 2\pi i T \sum_{n \ge 0} h'(V - i\omega_n).

The sum over n >= N is a midpoint rule of step :math:`s = 2\pi T` from :math:`W = 2\pi T N` on. With
the corrections of Euler and Maclaurin it is

.. math::
    2\pi i T \sum_{n \ge N} h'(V - i\omega_n) = \Big[ h + \frac{s^2}{24} h''
        + \frac{7 s^4}{5760} h'''' \Big]_{z = V - iW} - h(\infty) + \ldots

Hence N terms, a fixed number at any temperature, and h at one point give the integral. The next
correction is of relative size 4e-3/N^6, because the nearest singularity is N steps away; at T = 0
the formula is h(V) itself.

Here :math:`h(z) = p(z - i\Gamma)`, the number of states (`density_of_states`). Its differences
between the edges of a cell, over the width of the cell, are the exact averages of the smeared
density over the cell, however narrow its peaks. (p grows as z, but its real part minus z falls off,
and a linear term passes through the formula unchanged.)
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.bcs.density_of_states import density, states

N_TERMS = 12  # summed one by one; the next correction is of relative size 1e-9


def linear_grid(n_side: int, highest: float) -> np.ndarray:
    """Voltages at which spectra are stored: symmetric, linear, with 0, (2 n_side + 1,).

    Args:
        n_side: Number of positive voltages.
        highest: Largest voltage, in any unit.
    """
    return np.arange(-n_side, n_side + 1) * (highest / n_side)


def cell_averages(omega: np.ndarray, gap: float, dynes: float, temperature: float) -> np.ndarray:
    """Smeared density of states over N(0), averaged over the cell of each voltage, (n,).

    Args:
        omega: Equidistant voltages, (n,); cells reach halfway to the neighbours.
        gap: Gap.
        dynes: Dynes' Gamma, >= 0.
        temperature: Temperature, above 0; all in the same unit.
    """
    width = (omega[-1] - omega[0]) / (len(omega) - 1)
    edges = np.append(omega - width / 2, omega[-1] + width / 2)
    return np.diff(smeared_states(edges, gap, dynes, temperature)) / width


def smeared_states(voltage: np.ndarray, gap: float, dynes: float, temperature: float) -> np.ndarray:
    """Number of states between 0 and V over N(0), averaged over the thermal window, (n,)."""
    z, step = np.asarray(voltage) - 1j * dynes, 2 * np.pi * temperature
    terms = sum(density(z - 1j * step * (n + 0.5), gap) for n in range(N_TERMS))
    end = z - 1j * step * N_TERMS
    p = states(end, gap)
    second = -(gap**2) / p**3
    fourth = -3 * gap**2 * (4 * end**2 + gap**2) / p**7
    corrections = step**2 / 24 * second + 7 * step**4 / 5760 * fourth
    return (1j * step * terms + p + corrections).real


def smeared_density(
    voltage: np.ndarray, gap: float, dynes: float, temperature: float
) -> np.ndarray:
    """Density of states over N(0), averaged over the thermal window, at single voltages, (n,)."""
    z, step = np.asarray(voltage) - 1j * dynes, 2 * np.pi * temperature
    terms = sum(-(gap**2) / states(z - 1j * step * (n + 0.5), gap) ** 3 for n in range(N_TERMS))
    end = z - 1j * step * N_TERMS
    p = states(end, gap)
    second = 3 * gap**2 * end / p**5
    fourth = 15 * gap**2 * end * (4 * end**2 + 3 * gap**2) / p**9
    corrections = step**2 / 24 * second + 7 * step**4 / 5760 * fourth
    return (1j * step * terms + end / p + corrections).real
