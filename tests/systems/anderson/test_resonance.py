"""Position, height and widths of the resonance, on curves whose answers are known."""

import numpy as np
import pytest

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectral.resonance import distances_to_half, find_resonance

CONFIG = load_config()["ensembles"]["low_field"]
SETTINGS = Settings.from_config(CONFIG["solver"], CONFIG["omega"])
SIDE = np.geomspace(1e-7, 2, 2000)
OMEGA = np.concatenate([-SIDE[::-1], [0.0], SIDE])
Gamma = 3e-3


def _lorentzian(eps, width=Gamma):
    return width**2 / ((OMEGA - eps) ** 2 + width**2)


@pytest.mark.parametrize("eps", [0.0, 1e-3, -2e-3, 0.05])
def test_lorentzian(eps):
    found = find_resonance(OMEGA, 0.8 * _lorentzian(eps))
    assert found.position == pytest.approx(eps, abs=0.02 * Gamma + 0.005 * abs(eps))
    assert found.height == pytest.approx(0.8, rel=1e-2)
    assert found.width_below == pytest.approx(Gamma, rel=0.03)
    assert found.width_above == pytest.approx(Gamma, rel=0.03)
    assert found.width == pytest.approx(Gamma, rel=0.02)


def test_ripples_are_no_resonance():
    rippled = _lorentzian(2 * Gamma) * (1 + 5e-3 * np.cos(9 * np.log(1e-9 + np.abs(OMEGA))))
    assert find_resonance(OMEGA, rippled).position == pytest.approx(2 * Gamma, rel=0.05)


def test_between_two_peaks_there_is_none():
    found = find_resonance(OMEGA, _lorentzian(0.05) + _lorentzian(-0.05))
    assert np.isnan([found.position, found.height, found.width]).all()


def test_a_shoulder_of_a_higher_peak_has_no_width_on_its_side():
    found = find_resonance(OMEGA, 0.5 * _lorentzian(0.0) + _lorentzian(2.5 * Gamma))
    assert found.position == pytest.approx(0.0, abs=Gamma) or found.height > 0.9
    two = find_resonance(OMEGA, 0.6 * _lorentzian(0.0) + _lorentzian(4 * Gamma, 2 * Gamma))
    assert np.isnan(two.width_above) or two.height > 0.9


def test_distances_to_half_of_a_lorentzian():
    """Around eps: A has fallen to half of A(0) where (omega - eps)^2 = Gamma^2 + 2 eps^2."""
    eps = Gamma / 2
    root = np.sqrt(Gamma**2 + 2 * eps**2)
    spectrum = _lorentzian(eps)
    assert distances_to_half(OMEGA, spectrum) == pytest.approx((root - eps, root + eps), rel=5e-3)


def test_a_side_that_does_not_fall_to_half_has_no_distance():
    below, above = distances_to_half(OMEGA, np.where(OMEGA > 0.01, 0.2, 1.0))
    assert np.isnan(below)
    assert above == pytest.approx(0.01, rel=0.1)
    assert np.isnan(distances_to_half(OMEGA, np.zeros_like(OMEGA))).all()


def test_bare_level():
    """Gamma is the half-width; the level and both widths shift by Re Delta, which is linear."""
    impurity = Impurity(U=0.0, Gamma=5e-3, eps_d=2e-3, B=0.0, T=1e-6)
    solution = solve(impurity, SETTINGS)
    shift = 1 - 2 * impurity.Gamma / np.pi
    assert solution.resonance_position[0] == pytest.approx(impurity.eps_d / shift, rel=0.05)
    assert solution.resonance_height[0] == pytest.approx(1.0, abs=1e-3)
    assert solution.half_width == pytest.approx(impurity.Gamma / shift, rel=5e-3)


@pytest.mark.parametrize("U_over_Gamma", [14, 18])
def test_kondo_limit(U_over_Gamma):
    """HWHM/T_chi = 1.60 to 1.63 in the Kondo limit, by another code and at better settings."""
    Gamma = 0.01
    U = U_over_Gamma * Gamma
    solution = solve(Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=1e-8), SETTINGS)
    assert 1.52 < solution.half_width / solution.T_chi < 1.70
    assert solution.resonance_width_below[0] == pytest.approx(
        solution.resonance_width_above[0], rel=0.01
    )


def test_what_lies_below_the_stored_grid():
    impurity = Impurity(U=0.2, Gamma=0.00712, eps_d=-0.1, B=0.0, T=1e-9)  # T_K = 4e-7
    solution = solve(impurity, SETTINGS)
    assert solution.below_grid == 1
    assert solution.spectral_function_at_0[0] == pytest.approx(1.0, abs=5e-3)
    assert solution.spectral_function[0].max() < 0.97
    assert solution.half_width / solution.T_chi == pytest.approx(1.6, abs=0.1)
    easy = solve(Impurity(U=0.1, Gamma=0.02, eps_d=-0.05, B=0.0, T=1e-6), SETTINGS)
    assert easy.below_grid == 0
