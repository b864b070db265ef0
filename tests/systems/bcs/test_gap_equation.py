"""The gap and the critical temperature against closed formulas and limits of the theory."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from kondoflow.systems.bcs.gap_equation import (
    critical_temperature,
    energy_gap,
    gap_at_zero,
    pairing_integral,
)

COUPLINGS = np.array([0.15, 0.2, 0.3, 0.5, 0.7, 1.0])
OMEGA_D = np.full(len(COUPLINGS), 20.0)
EULER = float(np.exp(np.euler_gamma))


@pytest.mark.parametrize(("delta", "t"), [(0.0, 1.5e-3), (0.0, 0.3), (0.02, 0.01), (0.8, 0.1)])
def test_the_pairing_integral_is_that_of_adaptive_quadrature(delta, t):
    def integrand(y):
        energy = np.hypot(y, delta)
        return np.tanh(energy / (2 * t)) / energy

    marks = [0.0, *(t * 2.0 ** np.arange(-2, 8)), 1.0]
    edges = [mark for mark in marks if mark <= 1]
    exact = sum(quad(integrand, low, high)[0] for low, high in pairwise(edges))
    assert pairing_integral(np.array([delta]), np.array([t]))[0] == pytest.approx(exact, rel=1e-12)


def test_the_gap_at_zero_temperature_is_the_closed_form():
    exact = OMEGA_D / np.sinh(1 / COUPLINGS)
    np.testing.assert_allclose(gap_at_zero(COUPLINGS, OMEGA_D), exact, rtol=1e-12)


def test_the_critical_temperature_is_that_of_weak_coupling():
    """T_c = (2 exp(gamma)/pi) omega_D exp(-1/lambda) up to exp(-omega_D/T_c)."""
    weak = COUPLINGS <= 0.2
    T_c = critical_temperature(COUPLINGS, OMEGA_D)[weak]
    expected = 2 * EULER / np.pi * OMEGA_D[weak] * np.exp(-1 / COUPLINGS[weak])
    np.testing.assert_allclose(T_c, expected, rtol=1e-10)


def test_the_gap_ratio_tends_to_that_of_weak_coupling_from_above():
    ratio = 2 * gap_at_zero(COUPLINGS, OMEGA_D) / critical_temperature(COUPLINGS, OMEGA_D)
    assert (np.diff(ratio) > 0).all()
    assert ratio[0] == pytest.approx(2 * np.pi / EULER, rel=1e-5)  # 3.528
    assert ratio[-1] > 3.8


@pytest.mark.parametrize(("coupling", "tolerance"), [(0.15, 1e-3), (0.2, 1e-3), (1.0, 0.02)])
def test_the_gap_closes_as_a_square_root(coupling, tolerance):
    """Delta(T) = pi sqrt(8/(7 zeta(3))) T_c sqrt(1 - T/T_c), that is 1.74 gap_0 sqrt(1 - T/T_c).

    The prefactor of gap_0 is that of weak coupling; at coupling 1 it is 1.76.
    """
    one, omega_D = np.array([coupling]), np.ones(1)
    T_c, gap_0 = critical_temperature(one, omega_D), gap_at_zero(one, omega_D)
    below = 1e-4
    slope = energy_gap(one, omega_D, (1 - below) * T_c) / gap_0 / np.sqrt(below)
    zeta_3 = 1.2020569031595942
    assert slope[0] == pytest.approx(EULER * np.sqrt(8 / (7 * zeta_3)), rel=tolerance)


def test_the_gap_falls_with_temperature_and_vanishes_above_its_end():
    t = np.concatenate([[0.0], np.linspace(0.1, 0.999, 60), [1.0 + 1e-9, 1.5]])
    couplings, omega_D = np.full(len(t), 0.3), np.full(len(t), 10.0)
    gap = energy_gap(couplings, omega_D, t * critical_temperature(couplings, omega_D))
    assert (np.diff(gap[:-2]) < 0).all()
    assert (gap[-2:] == 0).all()
    assert gap[-3] > 0


def test_the_gap_tends_to_that_of_zero_temperature():
    """The difference is below sqrt(2 pi T/gap_0) exp(-gap_0/T), 2e-8 at T = gap_0/20."""
    gap_0 = gap_at_zero(COUPLINGS, OMEGA_D)
    for share, tolerance in ((1 / 20, 2e-9), (1e-3, 1e-13)):
        gap = energy_gap(COUPLINGS, OMEGA_D, share * gap_0)
        np.testing.assert_allclose(gap, gap_0, rtol=tolerance)
        assert (gap <= gap_0 * (1 + 1e-14)).all()


def test_gap_and_critical_temperature_rise_with_coupling_and_scale_with_the_cut_off():
    T = np.full(len(COUPLINGS), 0.01)
    for values in (
        gap_at_zero(COUPLINGS, OMEGA_D),
        critical_temperature(COUPLINGS, OMEGA_D),
        energy_gap(COUPLINGS, OMEGA_D, T),
    ):
        assert (np.diff(values) > 0).all()
    scaled = energy_gap(COUPLINGS, 8 * OMEGA_D, 8 * T)
    np.testing.assert_allclose(scaled, 8 * energy_gap(COUPLINGS, OMEGA_D, T), rtol=1e-13)


def test_many_superconductors_are_solved_as_each_alone():
    rng = np.random.default_rng(1)
    couplings, T = rng.uniform(0.15, 1, 5000), rng.uniform(0.01, 2, 5000)
    omega_D = np.full(5000, 10.0)
    together = energy_gap(couplings, omega_D, T)
    alone = [
        energy_gap(*(each[k : k + 1] for each in (couplings, omega_D, T)))[0] for k in (0, 4999)
    ]
    np.testing.assert_allclose(together[[0, 4999]], alone, rtol=1e-12, atol=1e-12)
