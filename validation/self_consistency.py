r"""The bath of dynamical mean-field theory on the Bethe lattice, made self-consistent.

In this theory the lattice is an impurity in a bath that is made of the impurity's own Green
function (A. Georges et al., RMP 68, 13 (1996)). On the Bethe lattice of bandwidth W = 2 h the
density of states is a semicircle and

.. math::
    \Delta(\omega) = \frac{h^2}{4}\, G(\omega), \qquad
    G(\omega) = \frac{2}{h^2} \left(\zeta - \sqrt{\zeta^2 - h^2}\right), \quad
    \zeta = \omega + U/2 - \Sigma(\omega).

The loop starts from the lattice without interaction (metal) or from two separate bands (insulator):
solve the impurity, take Sigma, form G and Delta, and hand Delta to the solver as a table.

Z comes from the peaks and, beside it, from energy levels (`validation.quasi_particles`); neither
knows a broadening. On the real axis it is the slope of Re Sigma at 0, as a mean over windows whose
half-width goes from Z h/10 down by a factor Lambda: with the window the slope oscillates
periodically in the logarithm.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from kondoflow.systems.anderson.baths.bath_file import BathTable
from kondoflow.systems.anderson.baths.tabulated import Tabulated
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectra import continuous_functions
from kondoflow.systems.anderson.spectral.dyson import interpolate
from kondoflow.systems.anderson.z_average import diagonalise
from validation.common import DEFAULT
from validation.quasi_particles import of_levels, of_peaks

HALF = 0.25  # h in units of the solver's D, so that the Hubbard bands lie within -D .. D
T = 1e-4 * HALF
LARGEST_STEP = 2e-3  # of Delta between rounds, in units of h
ROUNDS = 40
WIDEST = 0.1  # half-width of the widest window for the slope, in units of Z h
MIXED = 0.7  # share of the new bath in the next one
POSITIVE = np.geomspace(1e-6, 1.0, 300)
OMEGA = np.concatenate([-POSITIVE[::-1], [0.0], POSITIVE])
# With fewer states truncation moves Z(1) by 0.03, and the loop does not come to rest.
SETTINGS = dataclasses.replace(DEFAULT, Lambda=5.0, n_z=8, n_keep=400, susceptibility=False)
# Another discretisation, in which the converged bath is solved once more.
OTHER = dataclasses.replace(SETTINGS, Lambda=4.0)


@dataclasses.dataclass(frozen=True)
class Solution:
    """The impurity in a bath, and the bath that follows.

    Attributes:
        G: On the grid.
        slope: Z from the slope of Re Sigma on the real axis.
        Z: From the peaks.
        double: Double occupation.
        Delta: -Im Delta on the grid, of the bath that follows.
    """

    G: np.ndarray
    slope: float
    Z: float
    double: float
    Delta: np.ndarray


@dataclasses.dataclass(frozen=True)
class Found:
    """A solution of the loop.

    Attributes:
        U: In units of h.
        last: The last round.
        Z_other: Z with the other discretisation.
        Z_levels: Z from energy levels, of each chain.
        rounds: Their number.
        step: Last change of Delta, in units of h.
    """

    U: float
    last: Solution
    Z_other: float
    Z_levels: np.ndarray
    rounds: int
    step: float

    @property
    def energy(self) -> float:
        """Energy of a site in units of h."""
        below = OMEGA <= 0
        kinetic = np.trapezoid((HALF**2 / 4 * self.last.G[below] ** 2).imag, OMEGA[below])
        return self.U * self.last.double - 2 / np.pi * float(kinetic) / HALF


def green_function(zeta: np.ndarray) -> np.ndarray:
    """Green function of the semicircle, the branch with Im G < 0."""
    root = np.sqrt(zeta - HALF) * np.sqrt(zeta + HALF)
    return 2 / HALF**2 * (zeta - root)


def solve_in(Delta: np.ndarray, U_over_h: float, settings: Settings) -> Solution:
    """Solve the impurity in a bath, -Im Delta on the grid."""
    impurity, own = problem(Delta, U_over_h, settings)
    raw = diagonalise(impurity, own)
    found = continuous_functions(raw, impurity, own)[0]
    sigma = interpolate(OMEGA, found.nodes, found.self_energy(found.nodes))
    G = green_function(OMEGA + 1e-12j + impurity.U / 2 - sigma)
    new = -G.imag * HALF**2 / 4
    slope, window = 0.5, np.geomspace(WIDEST / settings.Lambda, WIDEST, 12)
    for _ in range(6):
        omega = window * slope * HALF
        slopes = (found.self_energy(omega) - found.self_energy(-omega)).real / (2 * omega)
        slope = float(1 / (1 - min(slopes.mean(), 0.0)))
    Z = of_peaks(raw.histogram[0], slope * HALF)
    # Half filling makes the spectrum even.
    return Solution(G, slope, Z, raw.double_occupation, (new + new[::-1]) / 2)


def problem(Delta: np.ndarray, U_over_h: float, settings: Settings) -> tuple[Impurity, Settings]:
    """The impurity, and the settings with its bath, -Im Delta on the grid."""
    U, bath = U_over_h * HALF, BathTable(tuple(OMEGA.tolist()), tuple(Delta.tolist()))
    impurity = Impurity(U, bath.strength, -U / 2, 0.0, T)
    return impurity, dataclasses.replace(settings, bath=Tabulated.of(bath))


def self_consistent(
    U_over_h: float,
    Delta: np.ndarray,
    settings: Settings = SETTINGS,
    other: Settings = OTHER,
    largest_step: float = LARGEST_STEP,
) -> Found:
    """Iterate until the bath stays.

    Args:
        U_over_h: Repulsion in units of the half-bandwidth.
        Delta: -Im Delta on the grid at the start.
        settings: Of the solver.
        other: Those for `Z_other`.
        largest_step: Change of Delta at which the loop ends, in units of h.
    """
    step, rounds = np.inf, 0
    while step > largest_step and rounds < ROUNDS:
        rounds += 1
        last = solve_in(Delta, U_over_h, settings)
        step = float(np.abs(last.Delta - Delta).max()) / HALF
        Delta = Delta + MIXED * (last.Delta - Delta)
    Z_other = solve_in(Delta, U_over_h, other).Z
    Z_levels = of_levels(*problem(Delta, U_over_h, settings))
    return Found(U_over_h, last, Z_other, Z_levels, rounds, step)


def starts() -> tuple[np.ndarray, np.ndarray]:
    """-Im Delta without interaction, and of two bands."""
    band = np.sqrt(np.maximum(HALF**2 - OMEGA**2, 0)) / 2
    x = (np.abs(OMEGA) - 1.5 * HALF) / HALF
    return band, HALF * np.sqrt(np.maximum(1 - x**2, 0)) / 4
