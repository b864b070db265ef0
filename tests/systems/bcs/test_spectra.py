"""Density of states and conductance against limits, sum rules and direct quadrature."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import k1

from kondoflow.systems.bcs.density_of_states import density
from kondoflow.systems.bcs.smearing import cell_averages, linear_grid, smeared_density

CASES = [
    (1.0, 0.01, 0.05),
    (1.0, 1e-3, 0.3),
    (0.5, 0.3, 0.02),
    (1.0, 0.05, 1e-3),
    (3.0, 0.05, 0.05),
]
VOLTAGES = np.array([-1.02, 0.0, 0.3, 0.5, 0.97, 1.0, 1.1, 3.0])


def dynes_density(energy, gap, dynes):
    """N(E)/N(0) without thermal smearing."""
    return density(np.asarray(energy) - 1j * dynes, gap).real


def quadrature(function, low, high, marks):
    """Adaptive quadrature in parts that end at `marks`."""
    edges = [low, *sorted({mark for mark in marks if low < mark < high}), high]
    parts = [
        quad(function, left, right, limit=2000, epsabs=1e-12, epsrel=1e-11)[0]
        for left, right in pairwise(edges)
    ]
    return sum(parts)


def by_quadrature(voltage, gap, dynes, T):
    """The conductance from its defining integral."""

    def integrand(energy):
        window = 1 / (4 * T * np.cosh((energy - voltage) / (2 * T)) ** 2)
        return dynes_density(np.array(energy), gap, dynes) * window

    marks = [side * gap + k * dynes for side in (-1, 1) for k in (-5, 0, 5)]
    marks += [voltage + k * T for k in (-5, 0, 5)]
    return quadrature(integrand, voltage - 60 * T, voltage + 60 * T, marks)


@pytest.mark.parametrize(("gap", "dynes", "T"), CASES)
def test_smearing_is_the_integral_over_the_thermal_window(gap, dynes, T):
    exact = [by_quadrature(voltage, gap, dynes, T) for voltage in VOLTAGES]
    np.testing.assert_allclose(smeared_density(VOLTAGES, gap, dynes, T), exact, atol=1e-8)


@pytest.mark.parametrize(("gap", "dynes", "T"), CASES)
def test_stored_values_are_averages_over_cells(gap, dynes, T):
    omega = linear_grid(60, 6.0)
    stored = cell_averages(omega, gap, dynes, T)
    for k in (60, 65, 69, 70, 71, 90, 120):
        low, high = omega[k] - 0.05, omega[k] + 0.05
        marks = [gap + n * max(dynes, T) for n in (-5, -1, 0, 1, 5)]

        def conductance(voltage):
            return smeared_density(np.array([voltage]), gap, dynes, T)[0]

        exact = quadrature(conductance, low, high, marks) / 0.1
        assert stored[k] == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize(("gap", "dynes"), [(1.0, 0.2), (1.0, 0.01), (2.0, 1e-3)])
def test_the_gap_moves_states_and_loses_none(gap, dynes):
    """The integral of N/N(0) - 1 over all energies is 0; beyond R, Delta^2/(2 E^2) is left."""

    def change(energy):
        return dynes_density(np.array(energy), gap, dynes) - 1

    far = 1e4
    marks = [gap + k * dynes for k in (-20, -5, -1, 0, 1, 5, 20)] + [2 * gap, 10 * gap, 100 * gap]
    assert 2 * quadrature(change, 0, far, marks) + gap**2 / far == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("gap", "dynes", "T"), CASES)
def test_smearing_loses_no_states(gap, dynes, T):
    omega = linear_grid(20000, 2000.0)
    lost = (cell_averages(omega, gap, dynes, T) - 1).sum() * (omega[1] - omega[0])
    assert lost + gap**2 / omega[-1] == pytest.approx(0, abs=1e-6)


def test_without_broadening_the_density_is_that_of_bcs():
    energy = np.array([0.0, 0.5, 0.99, 1.01, 1.5, 4.0])
    exact = np.where(energy > 1, energy / np.sqrt(np.abs(energy**2 - 1)), 0.0)
    np.testing.assert_allclose(dynes_density(energy, 1.0, 1e-9), exact, atol=1e-6)
    np.testing.assert_allclose(dynes_density(-energy, 1.0, 1e-9), exact, atol=1e-6)


def test_the_density_at_zero_energy_is_that_of_dynes():
    """N(0)/N = Gamma/sqrt(Gamma^2 + Delta^2)."""
    for dynes in (1e-3, 0.1, 2.0):
        value = dynes_density(np.zeros(1), 1.0, dynes)[0]
        assert value == pytest.approx(dynes / np.hypot(dynes, 1.0), rel=1e-12)


def test_at_low_temperature_nothing_is_smeared():
    energy = np.linspace(-3, 3, 61)
    cold = smeared_density(energy, 1.0, 0.1, 1e-6)
    np.testing.assert_allclose(cold, dynes_density(energy, 1.0, 0.1), atol=1e-8)


def test_zero_bias_is_activated():
    """G(0)/G_N = 2 x K_1(x) (1 + O(exp(-x))), x = Delta/T, without broadening."""
    x = 10.0
    value = smeared_density(np.zeros(1), 1.0, 0.0, 1 / x)[0]
    assert value == pytest.approx(2 * x * k1(x), rel=1e-4)


def test_without_a_gap_the_conductance_is_that_of_the_metal():
    omega = linear_grid(50, 5.0)
    np.testing.assert_allclose(cell_averages(omega, 0.0, 0.1, 0.1), 1.0, atol=1e-12)
    np.testing.assert_allclose(smeared_density(omega, 0.0, 0.1, 0.1), 1.0, atol=1e-12)


def test_spectra_are_positive_symmetric_and_flatter_the_warmer():
    omega = linear_grid(100, 5.0)
    cold, warm, hot = (cell_averages(omega, 1.0, 0.05, T) for T in (0.02, 0.1, 0.4))
    for spectrum in (cold, warm, hot):
        assert (spectrum > 0).all()
        np.testing.assert_allclose(spectrum, spectrum[::-1], rtol=1e-10)
    assert cold.max() > warm.max() > hot.max() > 1
    assert cold[100] < warm[100] < hot[100] < 1


def test_cells_add_up_on_any_grid():
    """A coarse cell is the mean of the fine cells in it, however narrow the peaks."""
    fine = cell_averages(linear_grid(1500, 5.0), 1.0, 1e-4, 1e-4)
    coarse = cell_averages(linear_grid(100, 5.0), 1.0, 1e-4, 1e-4)
    means = fine[8:-8].reshape(-1, 15).mean(axis=1)
    np.testing.assert_allclose(means, coarse[1:-1], atol=1e-10)
