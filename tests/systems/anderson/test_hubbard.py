"""The Hubbard model on the Bethe lattice: perturbation theory, and the loop compared with it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from kondoflow.systems.anderson.impurity import Impurity
from validation import fourth_order, hubbard
from validation.common import DEFAULT
from validation.quasi_particles import of_levels
from validation.self_consistency import SETTINGS, self_consistent, starts


def test_diagrams_of_fourth_order_are_those_of_the_bethe_ansatz() -> None:
    assert fourth_order.flat_band(28) == pytest.approx(fourth_order.bethe_ansatz(), rel=1e-3)
    assert len(list(fourth_order.diagrams())) == 24  # twelve, with s and t in either order


def test_second_order_on_the_bethe_lattice_is_the_integral_over_three_energies() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(40)
    s = (nodes + 1) / 2
    angle, weights = np.pi / 2 * s**2, weights * np.pi / 2 * s  # dense at 0, where 1/x^2 is large
    energy, rho = np.sin(angle) / 2, weights * 4 / np.pi * np.cos(angle) ** 2 / 2
    sums = energy[:, None, None] + energy[:, None] + energy
    exact = 2 * np.einsum("i,j,k,ijk->", rho, rho, rho, 1 / sums**2)
    second, fourth = fourth_order.bethe_lattice(28)
    assert -second == pytest.approx(exact, rel=2e-4)
    assert fourth == pytest.approx(0.9734, abs=1e-3)


def test_the_loop_finds_the_weight_of_perturbation_theory(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("KONDOFLOW_CACHE_DIR", str(tmp_path))
    coarse = dataclasses.replace(SETTINGS, n_z=4, n_keep=200)
    found = self_consistent(0.5, starts()[0], coarse, coarse, 5e-3)
    known = hubbard.fourth_order(0.5)
    assert found.step < 5e-3
    assert pytest.approx(known, abs=0.004) == found.last.Z
    assert np.median(found.Z_levels) == pytest.approx(known, abs=0.01)
    assert found.last.slope == pytest.approx(known, abs=0.015)
    assert found.last.double == pytest.approx(0.2084, abs=0.002)


def test_without_interaction_the_levels_are_those_of_quasi_particles_of_weight_one() -> None:
    few = dataclasses.replace(DEFAULT, n_z=2, n_keep=100)
    assert of_levels(Impurity(0.0, 0.02, 0.0, 0.0, 1e-4), few) == pytest.approx(1, abs=1e-6)
