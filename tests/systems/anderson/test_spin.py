"""Spectrum of the impurity's spin, and its response in a field, against exact results."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectral.spin_spectrum import relaxation_weights
from kondoflow.systems.anderson.z_average import diagonalise

CONFIG = load_config()["ensembles"]["low_field"]
SETTINGS = dataclasses.replace(
    Settings.from_config(CONFIG["solver"], CONFIG["omega"]),
    store=("thermodynamics", "spin_spectrum"),
)
OMEGA = SETTINGS.omega
POSITIVE = OMEGA > 0


def _density_of_states(x, eps, Gamma):
    inside = np.abs(x) < 1
    found = np.zeros_like(x)
    green = 1 / (x[inside] - eps - hybridisation(x[inside], Gamma))
    found[inside] = -green.imag / np.pi
    return found


def _integration_grid(impurity):
    side = np.geomspace(1e-9, 1.2, 6000)
    around = [eps + sign * side for eps in (0.0, *impurity.levels) for sign in (-1, 1)]
    return np.unique(np.concatenate([*around, [0.0]]))


def _bubble(impurity, omega):
    """Chi'' without interaction: excitations of each spin from filled to empty states."""
    x = _integration_grid(impurity)
    total = 0.0
    for eps in impurity.levels:
        below, above = (_density_of_states(y, eps, impurity.Gamma) for y in (x, x + omega))
        filled = expit(-x / impurity.T) - expit(-(x + omega) / impurity.T)
        total += np.pi / 4 * np.trapezoid(below * above * filled, x)
    return total


@pytest.mark.parametrize(
    ("Gamma", "T", "B", "tolerance"),
    [
        (0.01, 1e-6, 0.0, 0.04),
        (0.01, 1e-3, 0.0, 0.04),
        (0.01, 1e-3, 0.02, 0.06),
        (0.01, 0.1, 0.0, 0.1),
        (0.1, 0.3, 0.0, 0.1),
    ],
)
def test_no_interaction(Gamma, T, B, tolerance):
    """Relative to the maximum: broadening smears the fall above Gamma, and most where T is high."""
    impurity = Impurity(U=0.0, Gamma=Gamma, eps_d=-0.004, B=B, T=T)
    at = np.flatnonzero(POSITIVE)[::6]
    expected = np.array([_bubble(impurity, omega) for omega in OMEGA[at]])
    found = solve(impurity, SETTINGS).extra["spin_spectrum"]
    np.testing.assert_allclose(found[at], expected, atol=tolerance * expected.max())
    np.testing.assert_array_equal(found, -found[::-1])


POINTS = [
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=1e-7),
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.03, B=0.0, T=1e-6),
    Impurity(U=0.2, Gamma=0.02, eps_d=0.0, B=0.0, T=1e-6),
    Impurity(U=0.05, Gamma=0.02, eps_d=-0.04, B=0.0, T=1e-5),
]


@pytest.mark.parametrize("impurity", POINTS, ids=str)
def test_shiba_relation(impurity):
    """At low temperature chi''/omega is 2 pi chi^2 far below T_K, for any filling."""
    solution = solve(impurity, SETTINGS)
    low = (5 * impurity.T < OMEGA) & (0.05 * solution.T_chi > OMEGA)
    ratio = solution.extra["spin_spectrum"][low] / OMEGA[low]
    ratio /= 2 * np.pi * solution.spin_susceptibility**2
    assert len(ratio) > 20
    np.testing.assert_allclose(ratio, 1.0, atol=0.07)
    assert ratio.mean() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("B", [0.0, 3e-3])
@pytest.mark.parametrize("T", [1e-6, 1e-3, 0.1])
def test_sum_rules(B, T):
    """Kramers-Kronig at omega = 0 gives the static response, all weights the variance of S_z."""
    impurity = Impurity(U=0.1, Gamma=0.01, eps_d=-0.04, B=B, T=T)
    raw = diagonalise(impurity, SETTINGS)
    magnetisation = (raw.occupation[0] - raw.occupation[1]) / 2
    square = (sum(raw.occupation) - 2 * raw.double_occupation) / 4
    # Chains differ in their magnetisation, so that the two variances do in a field.
    variance = square - magnetisation**2
    assert raw.spin_weight.sum() / 2 == pytest.approx(variance, rel=1e-10 if B == 0 else 1e-4)
    static = raw.differential_susceptibility  # differs by the width of the bins
    assert relaxation_weights(raw.spin_weight, T).sum() == pytest.approx(static, rel=5e-4)
    found = solve(impurity, SETTINGS).extra["spin_spectrum"]
    integral = 2 / np.pi * np.trapezoid(found[POSITIVE], np.log(OMEGA[POSITIVE]))
    below_grid = 2 / np.pi * found[POSITIVE][0]
    assert integral + below_grid == pytest.approx(static, rel=0.01)


def test_without_a_field_both_responses_are_one():
    raw = diagonalise(POINTS[1], SETTINGS)
    assert raw.differential_susceptibility == raw.spin_susceptibility


@pytest.mark.parametrize(
    ("T", "B"), [(1e-3, 2e-3), (1e-4, 1e-3), (1e-6, 1e-3), (1e-6, -3e-2), (1e-2, 3e-2)]
)
def test_response_in_a_field_is_the_slope_of_the_magnetisation(T, B):
    impurity = Impurity(U=0.1, Gamma=0.01, eps_d=-0.04, B=B, T=T)
    without = dataclasses.replace(SETTINGS, store=(), susceptibility=False)

    def magnetisation(field):
        raw = diagonalise(dataclasses.replace(impurity, B=field), without)
        return (raw.occupation[0] - raw.occupation[1]) / 2

    slope = (magnetisation(1.05 * B) - magnetisation(0.95 * B)) / (0.1 * B)
    extra = solve(impurity, SETTINGS).extra
    assert float(extra["differential_susceptibility"]) == pytest.approx(slope, rel=0.01)
    assert float(extra["magnetisation"]) == pytest.approx(magnetisation(B), abs=1e-12)


@pytest.mark.parametrize("T", [1e-6, 1e-3, 0.01])
def test_magnetisation_and_response_without_interaction(T):
    impurity = Impurity(U=0.0, Gamma=0.01, eps_d=-0.004, B=0.01, T=T)

    def magnetisation(B):
        levels = dataclasses.replace(impurity, B=B).levels
        x = _integration_grid(impurity)
        up, down = (_density_of_states(x, eps, impurity.Gamma) for eps in levels)
        return np.trapezoid((up - down) * expit(-x / T), x) / 2

    extra = solve(impurity, SETTINGS).extra
    slope = (magnetisation(0.0101) - magnetisation(0.0099)) / 2e-4
    assert float(extra["magnetisation"]) == pytest.approx(magnetisation(impurity.B), rel=0.01)
    assert float(extra["differential_susceptibility"]) == pytest.approx(slope, rel=0.01)


@pytest.mark.parametrize("B", [0.005, -0.02, 0.06])
def test_free_spin_in_a_field(B):
    """A local moment far above T_K: <S_z> = tanh(B/2T)/2, and its derivative."""
    T = 0.01
    extra = solve(Impurity(U=0.4, Gamma=5e-4, eps_d=-0.2, B=B, T=T), SETTINGS).extra
    assert float(extra["magnetisation"]) == pytest.approx(np.tanh(B / (2 * T)) / 2, rel=0.01)
    curie = 1 / (4 * T * np.cosh(B / (2 * T)) ** 2)
    assert float(extra["differential_susceptibility"]) == pytest.approx(curie, rel=0.02)
