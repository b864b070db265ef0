"""The self-energy estimator against results that do not come from it."""

import dataclasses

import numpy as np
import pytest
from brute_force import BruteForce
from scipy.special import expit

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.baths.chain import hoppings
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg.bins import N_BINS, bin_centres, bin_index
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectra import continuous_functions, spectral_functions
from kondoflow.systems.anderson.spectral.broadening import Broadening
from kondoflow.systems.anderson.spectral.conductance import conductance
from kondoflow.systems.anderson.spectral.self_energy import by_one_step, by_two_steps, second_step
from kondoflow.systems.anderson.z_average import diagonalise
from validation import second_order

CONFIG = load_config()["ensembles"]["low_field"]
SETTINGS = Settings.from_config(CONFIG["solver"], CONFIG["omega"])
OMEGA = SETTINGS.omega
ZERO = len(OMEGA) // 2
INSIDE = np.abs(OMEGA) < 0.9
PEAKS = np.stack([-bin_centres(), bin_centres()])


@pytest.mark.parametrize("spin", [0, 1])
@pytest.mark.parametrize("z", [0.3 + 0.1j, -0.02 + 0.01j, 1e-3j])
def test_second_equation_of_motion_in_fock_space(spin, z):
    """<<S; d^+>> of the operator S that the docstring derives, and Sigma with it."""
    impurity = Impurity(U=0.2, Gamma=0.03, eps_d=-0.05, B=0.03, T=0.02)
    exact = BruteForce(impurity, hoppings(3.0, 0.7, 3))
    U, eps, V = impurity.U, impurity.levels[spin], np.sqrt(2 * impurity.Gamma / np.pi)
    c, other_c = exact.first_site[spin], exact.first_site[1 - spin]
    d, other_d = exact.d[spin], exact.d[1 - spin]
    occupied = exact.number[1 - spin]
    n = exact.expectation(occupied)
    F_prime = exact.F[spin] - U * n * d
    S = U * V * ((occupied @ c - n * c) + (other_d.T @ other_c - other_c.T @ other_d) @ d)
    of_d, of_F, of_S = (exact.correlator(X, d, z) for X in (d, F_prime, S))
    constant = z - eps - U * (1 - n)
    assert of_S == pytest.approx(constant * of_F - U**2 * n * (1 - n) * of_d, abs=1e-12)
    sigma = U * n + U**2 * n * (1 - n) / (constant - of_S / of_F)
    assert sigma == pytest.approx(exact.correlator(exact.F[spin], d, z) / of_d, abs=1e-12)


def _level(U, eps, n):
    """Peaks of an isolated level, [correlator, sign, bin], at the centres of their bins."""
    histogram = np.zeros((2, 2, N_BINS))
    for energy, weight, with_other in ((eps, 1 - n, 0.0), (eps + U, n, U)):
        at = int(energy >= 0), bin_index(abs(energy))
        histogram[0][at] += weight
        histogram[1][at] += weight * with_other
    return histogram


@pytest.mark.parametrize("T", [1e-4, 0.05, 0.5])
def test_atomic_limit(T):
    """The pole of Sigma between the two levels survives any broadening; one step smears it."""
    at = bin_centres()[[bin_index(0.03), bin_index(0.09)]]
    eps, U, n = -float(at[0]), float(at.sum()), 0.4
    found = by_two_steps(_level(U, eps, n), U, 1e-4, eps, T, Broadening(0.3, 1.0))
    omega = found.nodes
    expected = U * n + U**2 * n * (1 - n) / (omega - eps - U * (1 - n))
    near = np.abs(omega) < 1
    np.testing.assert_allclose(1 / found.sigma[near], 1 / expected[near], rtol=1e-6, atol=1e-6)
    one_step = by_one_step(_level(U, eps, n), T, Broadening(0.3, 1.0))
    if T >= 0.05:
        smeared = np.interp(eps + U * (1 - n), one_step.nodes, np.abs(1 / one_step.sigma))
        assert smeared > 1.0


def test_weights_of_the_second_step():
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=5e-3, T=1e-3)
    raw = diagonalise(impurity, SETTINGS)
    for spin in range(2):
        eps = impurity.levels[spin]
        (F_prime, _), n = second_step(raw.histogram[spin], impurity.U, eps)
        assert n == pytest.approx(raw.occupation[1 - spin], abs=1e-12)
        assert F_prime.sum() == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("T", [1e-6, 1e-3, 0.01, 0.04, 0.2, 1.0])
@pytest.mark.parametrize(("U", "Gamma"), [(0.0094, 0.01), (0.02, 0.02), (0.03, 0.1)])
def test_weak_interaction_against_second_order(U, Gamma, T):
    impurity = Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=T)
    found = spectral_functions(diagonalise(impurity, SETTINGS), impurity, SETTINGS)[0]
    expected = second_order.spectrum(OMEGA, U, Gamma, T)
    np.testing.assert_allclose(found[INSIDE], expected[INSIDE], atol=3e-3 if T < 0.5 else 0.01)


@pytest.mark.parametrize(
    ("U", "Gamma", "T"),
    [(0.1, 0.01, 0.04), (0.1, 0.01, 0.1), (0.1, 0.01, 0.2), (0.1, 0.01, 1.0), (0.4, 0.05, 0.5)],
)
def test_high_temperature_against_second_order(U, Gamma, T):
    """Far above Gamma second order is exact for any U, being so in the atomic limit."""
    impurity = Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=T)
    found = spectral_functions(diagonalise(impurity, SETTINGS), impurity, SETTINGS)[0]
    expected = second_order.spectrum(OMEGA, U, Gamma, T)
    np.testing.assert_allclose(found[INSIDE], expected[INSIDE], atol=6e-3)
    assert found[ZERO] < 0.6 * found.max()


def test_height_falls_with_temperature():
    temperatures = np.geomspace(1e-5, 0.3, 15)
    heights = [
        solve(
            Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=T), SETTINGS
        ).spectral_function_at_0[0]
        for T in temperatures
    ]
    assert heights[0] == pytest.approx(1.0, abs=5e-3)
    assert (np.diff(heights) < 2e-4).all()


POINTS = [
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=5e-4),
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.03, B=2e-3, T=1e-3),
    Impurity(U=0.2, Gamma=0.03, eps_d=-0.05, B=0.0, T=0.05),
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=0.1),
]


@pytest.mark.parametrize("impurity", POINTS, ids=str)
def test_matsubara_green_function_and_conductance(impurity):
    """Peaks determine both without any broadening."""
    raw = diagonalise(impurity, SETTINGS)
    of_peaks = conductance(raw.histogram[:, 0], impurity.Gamma, impurity.T)
    for spin, continuous in enumerate(continuous_functions(raw, impurity, SETTINGS)):
        omega, spectrum = continuous.resolved()
        cells = np.gradient(omega)
        for n in range(6):
            z = 1j * np.pi * impurity.T * (2 * n + 1)
            direct = (raw.histogram[spin, 0] / (z - PEAKS)).sum()
            found = (spectrum / (z - omega)) @ cells / (np.pi * impurity.Gamma)
            assert abs(found - direct) < 4e-3 * abs(direct)
        thermal = expit(omega / impurity.T) * expit(-omega / impurity.T) / impurity.T
        assert (spectrum * thermal) @ cells == pytest.approx(of_peaks[spin], abs=3e-3)


def test_causality_of_the_green_function():
    """Kramers-Kronig: G(z) from the spectrum solves Dyson's equation, so that Sigma is analytic."""
    impurity = Impurity(U=0.1, Gamma=0.01, eps_d=-0.03, B=0.0, T=1e-3)
    continuous = continuous_functions(diagonalise(impurity, SETTINGS), impurity, SETTINGS)[0]
    omega, spectrum = continuous.resolved()
    green = continuous.green_function(omega)
    np.testing.assert_allclose(-impurity.Gamma * green.imag, spectrum)
    for at in (-0.05, -1e-3, 0.02):
        k = int(np.searchsorted(omega, at))
        away = np.delete(np.arange(len(omega)), k)
        kernel = (spectrum - spectrum[k])[away] / (omega[k] - omega[away])
        edges = np.log(np.abs((omega[k] - omega[0]) / (omega[-1] - omega[k])))
        real = (kernel @ np.gradient(omega)[away] + spectrum[k] * edges) / (np.pi * impurity.Gamma)
        assert real == pytest.approx(green[k].real, abs=0.02 / impurity.Gamma)


@pytest.mark.parametrize("estimator", ["self_energy", "ratio"])
def test_no_interaction(estimator):
    impurity = Impurity(U=0.0, Gamma=0.02, eps_d=0.01, B=0.004, T=1e-3)
    settings = dataclasses.replace(SETTINGS, estimator=estimator)
    solution = solve(impurity, settings)
    for spin, eps in enumerate(impurity.levels):
        green = 1 / (OMEGA - eps - hybridisation(OMEGA, impurity.Gamma))
        expected = -impurity.Gamma * green.imag
        error = np.abs(solution.spectral_function[spin] - expected)[INSIDE].max()
        assert error < 2e-3


@pytest.mark.parametrize(
    "impurity",
    [
        Impurity(U=1.0, Gamma=0.2, eps_d=2.0, B=0.5, T=1.0),
        Impurity(U=1.0, Gamma=1e-4, eps_d=-2.0, B=-0.5, T=1.0),
        Impurity(U=1e-12, Gamma=0.01, eps_d=0.0, B=0.0, T=1e-9),
        Impurity(U=1.0, Gamma=1e-4, eps_d=2.0, B=0.5, T=1e-9),
        Impurity(U=0.5, Gamma=1e-4, eps_d=-1.0, B=0.0, T=1e-5),
        Impurity(U=0.5, Gamma=0.01, eps_d=0.5, B=0.0, T=0.01),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("error")
def test_corners_of_the_box(impurity):
    spectra = solve(impurity, SETTINGS).spectral_function
    assert np.isfinite(spectra).all()
    assert spectra.min() >= 0
    weight = spectra @ np.diff(cell_edges(OMEGA)) / (np.pi * impurity.Gamma)
    assert (weight < 1.05).all()
