r"""The weight of quasi-particles without any broadening, in two ways.

**From energy levels.** At low energies the impurity is a resonant level again, whose hybridisation
is Z times the bare one (A. C. Hewson, A. Oguri and D. Meyer, EPJB 40, 177 (2004)). At half filling
this level lies at 0. With a chain of an odd number of sites, of which g(E) is the Green function
at the first, the lowest excitation by one quasi-particle therefore satisfies

.. math::
    E = Z V^2 g(E).

It is exact at U = 0. The longer the chain, the smaller E, and the less remains of what the
quasi-particles do to each other: Z is that of the longest chain.

**On the imaginary axis.** The peaks determine Sigma there, and

.. math::
    \mathrm{Im}\, \Sigma(i y) = s_0 + (1 - 1/Z)\, y + s_2 y^2 + s_3 y^3 + s_4 y^4,

where s_0, 0 for the exact self-energy, is what the discretised bath leaves.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh_tridiagonal

from kondoflow.systems.anderson.baths.chain import twist_parameters, wilson_chain
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.diagonalisation import Shell, diagonalise_chain
from kondoflow.systems.anderson.nrg.symmetry import charge_spin
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectral.matsubara import correlators
from kondoflow.systems.anderson.z_average import n_sites

FITTED = (0.03, 0.4)  # range of y in units of Z h


def of_levels(impurity: Impurity, settings: Settings) -> np.ndarray:
    """Z from the lowest excitation of each interleaved chain, (n_z,).

    Args:
        impurity: At half filling, without field.
        settings: Of these, the bath, Lambda, n_z and n_keep count.
    """
    found = []
    bath = settings.bath_of(impurity)
    V = np.sqrt(bath.weight * impurity.Gamma / np.pi)
    for z in twist_parameters(settings.n_z):
        length = n_sites(impurity, settings)
        onsite, hoppings = wilson_chain(bath, settings.Lambda, float(z), length - (length + 1) % 2)
        level = impurity.eps_d, impurity.U, 0.0, np.append(V, hoppings), onsite
        shell = diagonalise_chain(*level, settings.n_keep, charge_spin())[-1]
        E = lowest_excitation(shell)
        levels, vectors = eigh_tridiagonal(onsite, hoppings)
        found.append(E / (V**2 * np.sum(vectors[0] ** 2 / (E - levels))))
    return np.array(found)


def lowest_excitation(shell: Shell) -> float:
    """Lowest energy with one charge more or less than the ground state."""
    lowest = shell.energies[shell.energy_at[:-1]]
    charges = shell.labels[:, 0]
    return float(lowest[np.abs(charges - charges[np.argmin(lowest)]) == 1].min())


def of_peaks(histogram: np.ndarray, scale: float) -> float:
    """Z from Sigma on the imaginary axis.

    Args:
        histogram: Weights of one spin, (correlator (d, F), sign, bin).
        scale: About Z times the half-bandwidth.
    """
    y = np.geomspace(*FITTED, 25) * scale
    d, F = correlators(histogram, y)
    powers = y[:, None] ** (np.arange(5) - 1)
    coefficients = np.linalg.lstsq(powers, (F / d).imag / y, rcond=None)[0]
    return float(1 / (1 - coefficients[1]))
