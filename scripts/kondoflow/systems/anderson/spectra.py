"""Peaks -> continuous functions (Green function, self-energy, spectrum) and stored spectra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.raw import Raw
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.spectral.broadening import Broadening, broaden
from kondoflow.systems.anderson.spectral.dyson import (
    cell_averages,
    green_function,
    interpolate,
    resolved_grid,
    spectrum_of_self_energy,
)
from kondoflow.systems.anderson.spectral.self_energy import by_one_step, by_two_steps


@dataclass(frozen=True)
class OfPeaks:
    """The broadened peaks of one spin.

    Attributes:
        nodes: Internal grid, (m,).
        green: Retarded Green function on it, (m,).
        eps: Level energy of the spin.
        Gamma: Hybridisation strength.
        bath: The bath.
    """

    nodes: np.ndarray
    green: np.ndarray
    eps: float
    Gamma: float
    bath: Bath = FLAT
    largest_cut = 0.0

    def cells(self, omega: np.ndarray, weigh: bool = False) -> np.ndarray:
        """Averages of pi Gamma A, or pi Gamma g A, over the cells of a stored grid, (n,)."""
        factor = self.bath.shape(self.nodes) if weigh else 1.0
        return cell_averages(omega, self.nodes, -self.Gamma * self.green.imag * factor)

    def green_function(self, omega: np.ndarray) -> np.ndarray:
        """Retarded Green function, complex, (n,)."""
        return interpolate(omega, self.nodes, self.green)

    def self_energy(self, omega: np.ndarray) -> np.ndarray:
        """Retarded self-energy by Dyson's equation, complex, (n,)."""
        bare = omega - self.eps - hybridisation(omega, self.Gamma, self.bath)
        return bare - 1 / self.green_function(omega)

    def resolved(self) -> tuple[np.ndarray, np.ndarray]:
        """A grid (m,) in units of D that resolves every peak, and pi Gamma A on it, (m,)."""
        return self.nodes, -self.Gamma * self.green.imag


@dataclass(frozen=True)
class OfSelfEnergy:
    """Functions of one spin that follow from its self-energy.

    Attributes:
        nodes: Internal grid, (m,).
        sigma: Retarded self-energy on it, (m,).
        eps: Level energy of the spin.
        Gamma: Hybridisation strength.
        largest_cut: Largest Im Sigma that was set to 0.
        bath: The bath.
    """

    nodes: np.ndarray
    sigma: np.ndarray
    eps: float
    Gamma: float
    largest_cut: float
    bath: Bath = FLAT

    def cells(self, omega: np.ndarray, weigh: bool = False) -> np.ndarray:
        """Averages of pi Gamma A, or pi Gamma g A, over the cells of a stored grid, (n,)."""
        level = self.eps, self.Gamma, self.bath
        return spectrum_of_self_energy(omega, self.nodes, self.sigma, *level, weigh)

    def green_function(self, omega: np.ndarray) -> np.ndarray:
        """Retarded Green function, complex, (n,); omega ascends and avoids the band's edges."""
        sigma = interpolate(omega, self.nodes, self.sigma)
        return green_function(omega, sigma, self.eps, self.Gamma, np.gradient(omega), self.bath)

    def self_energy(self, omega: np.ndarray) -> np.ndarray:
        """Retarded self-energy, complex, (n,)."""
        return interpolate(omega, self.nodes, self.sigma)

    def resolved(self) -> tuple[np.ndarray, np.ndarray]:
        """A grid (m,) in units of D that resolves every peak, and pi Gamma A on it, (m,)."""
        omega = resolved_grid(self.nodes, self.Gamma)
        return omega, -self.Gamma * self.green_function(omega).imag


Continuous = OfPeaks | OfSelfEnergy


def continuous(
    histogram: np.ndarray,
    impurity: Impurity,
    eps: float,
    estimator: str,
    broadening: Broadening,
    bath: Bath = FLAT,
) -> Continuous:
    """Broaden the peaks of one spin.

    Args:
        histogram: Weights [correlator (d, F), sign, bin].
        impurity: The parameters.
        eps: Level energy of this spin.
        estimator: "self_energy" (two steps of the equation of motion), "ratio" (one step), or
            "direct" (the broadened peaks).
        broadening: Widths.
        bath: The bath.
    """
    U, Gamma, T = impurity.U, impurity.Gamma, impurity.T
    if estimator == "direct":
        width = broadening.thermal_width * T
        nodes, green = broaden(histogram[0], width, broadening.alpha)
        return OfPeaks(nodes, green, eps, Gamma, bath)
    if estimator == "ratio":
        found = by_one_step(histogram, T, broadening)
    else:
        found = by_two_steps(histogram, U, Gamma, eps, T, broadening, bath)
    return OfSelfEnergy(found.nodes, found.sigma, eps, Gamma, found.largest_cut, bath)


def continuous_functions(raw: Raw, impurity: Impurity, settings: Settings) -> list[Continuous]:
    """Green function, self-energy and spectrum of each spin; of one spin at B = 0.

    Args:
        raw: Result of `z_average.diagonalise`.
        impurity: The parameters.
        settings: Of these, broadening, estimator and bath count.
    """
    bath = settings.bath_of(impurity)
    return [
        continuous(histogram, impurity, eps, settings.estimator, settings.broadening, bath)
        for histogram, eps in zip(raw.histogram, impurity.levels, strict=False)
    ]


def stored_spectra(functions: Sequence[Continuous], settings: Settings) -> np.ndarray:
    """Averages over the cells of the stored grid.

    Args:
        functions: Continuous functions of each spin, or of one.
        settings: Of these, the stored grid and `weigh_by_bath` count.

    Returns:
        pi Gamma A, or pi Gamma g A, (spin, omega) for spin up and down.
    """
    return both_spins([each.cells(settings.omega, settings.weigh_by_bath) for each in functions])


def spectral_functions(raw: Raw, impurity: Impurity, settings: Settings) -> np.ndarray:
    """Broaden the peaks and average over the cells.

    Returns:
        pi Gamma A, or pi Gamma g A, (spin, omega), see `stored_spectra`.
    """
    return stored_spectra(continuous_functions(raw, impurity, settings), settings)


def both_spins(values: Sequence[Any] | np.ndarray) -> np.ndarray:
    """An array (spin, ...) of values of both spins, or of one where they are equal."""
    return np.array(values if len(values) == 2 else [*values, *values])
