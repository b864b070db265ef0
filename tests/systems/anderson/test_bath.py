"""Baths against closed forms, exact results without interaction, and known fixed points."""

import dataclasses
import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit

from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.baths import bath_store, chain
from kondoflow.systems.anderson.baths.bath import FLAT, bath_of
from kondoflow.systems.anderson.baths.bath_file import BathTable
from kondoflow.systems.anderson.baths.discretisation import bath_levels
from kondoflow.systems.anderson.baths.hybridisation import hybridisation
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.baths.tabulated import (
    Tabulated,
    continuous_part,
    mean_logarithm,
    summed,
    summed_together,
)
from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectral.dyson import spectrum_of_self_energy
from kondoflow.systems.anderson.sweep import solve_points

CONFIG = load_config()["ensembles"]["low_field"]
SETTINGS = Settings.from_config(CONFIG["solver"], CONFIG["omega"])


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("KONDOFLOW_CACHE_DIR", str(tmp_path))
    return tmp_path


def tabulated(omega, Delta):
    return Tabulated.of(BathTable(tuple(map(float, omega)), tuple(map(float, Delta))))


OMEGA = np.linspace(-1, 1, 401)
ASYMMETRIC = tabulated(OMEGA, 0.02 * np.sqrt(1 - OMEGA**2) + 0.01 * np.maximum(OMEGA, 0))
GAPPED = tabulated(
    OMEGA,
    np.where(OMEGA < -0.1, 1 + OMEGA, 0) + np.where(OMEGA > 0.2, np.sqrt(np.abs(OMEGA - 0.2)), 0),
)
ONE_SIDED = tabulated([0.3, 0.5, 0.9], [0.0, 0.02, 0.01])


@pytest.mark.parametrize(("Lambda", "z"), [(2.0, 0.3), (7.0, 1.0)])
def test_a_table_of_the_flat_band_has_the_closed_chain(Lambda, z):
    onsite, hoppings = chain.tridiagonalise(tabulated([-1, 1], [1, 1]), Lambda, z, 40)
    np.testing.assert_allclose(hoppings, chain.hoppings(Lambda, z, 40), rtol=1e-12)
    assert np.abs(onsite).max() < 1e-30


def test_a_table_of_a_power_law_has_the_closed_chain():
    omega = np.geomspace(1e-11, 1, 4000)
    omega = np.concatenate([-omega[::-1], [0], omega])
    _, hoppings = chain.tridiagonalise(tabulated(omega, np.abs(omega) ** 0.35), 4.0, 0.5, 24)
    np.testing.assert_allclose(hoppings, chain.hoppings(4.0, 0.5, 24, 0.35), rtol=1e-4)


@pytest.mark.parametrize("bath", [PowerLaw(0.4), ASYMMETRIC, GAPPED, ONE_SIDED])
def test_chain_and_levels_have_the_same_hybridisation(bath):
    E, w = (np.array(each, float) for each in bath_levels(bath, 3.0, 0.7, 60, 60))
    assert w.sum() == pytest.approx(1, abs=1e-14)
    onsite, hoppings = chain.tridiagonalise(bath, 3.0, 0.7, 30)
    omega = 1j * np.geomspace(1e-3, 1, 9)
    continued = np.zeros_like(omega)
    for eps, t in zip(onsite[:0:-1], hoppings[::-1], strict=True):
        continued = t**2 / (omega - eps - continued)
    found = 1 / (omega - onsite[0] - continued)
    np.testing.assert_allclose(found, [np.sum(w / (x - E)) for x in omega], rtol=1e-9)


@pytest.mark.parametrize("bath", [ASYMMETRIC, GAPPED])
def test_digits_suffice(bath):
    onsite, hoppings = chain.tridiagonalise(bath, 2.0, 0.4, 40)
    more, again = chain.tridiagonalise(bath, 2.0, 0.4, 40, digits=800)
    np.testing.assert_array_equal(onsite, more)
    np.testing.assert_array_equal(hoppings, again)


def test_hoppings_of_an_asymmetric_table_decay():
    _, t = chain.wilson_chain(ASYMMETRIC, 3.0, 0.5, 40)
    np.testing.assert_allclose(t[-6:] / t[-8:-2], 1 / 3, rtol=1e-3)


@pytest.mark.parametrize("bath", [PowerLaw(0.5), ASYMMETRIC, GAPPED])
def test_average_over_z_is_the_bath(bath):
    """The cumulative weight of levels of all z against the integral of the shape."""
    levels = [bath_levels(bath, 3.0, float(z), 12, 40) for z in np.linspace(0.005, 1, 200)]
    E = np.concatenate([np.array(each, float) for each, _ in levels])
    w = np.concatenate([np.array(each, float) for _, each in levels]) / len(levels)
    omega = np.linspace(-1, 1, 100001)
    shape = bath.shape((omega[1:] + omega[:-1]) / 2) * np.diff(omega) / bath.weight
    expected = np.concatenate([[0], np.cumsum(shape)])
    at = np.linspace(-0.9, 0.9, 37)
    found = [w[x >= E].sum() for x in at]
    np.testing.assert_allclose(found, np.interp(at, omega, expected), atol=4e-3)


@pytest.mark.parametrize("r", [0.1, 0.5, 1.0, 1.3, 2.0])
@pytest.mark.parametrize("omega", [1e-3, 0.3, 0.97, 1.2])
def test_hilbert_transform_of_a_power_law(r, omega):
    principal, _ = quad(lambda x: x**r, 0, 1, weight="cauchy", wvar=omega, limit=400)
    mirrored, _ = quad(lambda x: x**r / (x + omega), 0, 1)
    value = PowerLaw(r).real_part(np.array([omega, -omega]))
    assert value[0] == pytest.approx(mirrored - principal, abs=5e-6)
    assert value[1] == -value[0]


def test_hilbert_transform_of_a_table():
    """Piecewise linear functions against those of the flat band and of a triangle, exactly."""
    omega = np.array([-3.0, -0.7, -0.2, 1e-3, 0.4, 0.99, 1.5])
    flat = tabulated([-1, 0.3, 1], [2, 2, 2])
    np.testing.assert_allclose(flat.real_part(omega), FLAT.real_part(omega), atol=1e-12)
    triangle = tabulated([-1, 0, 1], [0, 2, 0])
    exact = 2 * (
        (1 + omega) * np.log(np.abs(1 + omega))
        - (1 - omega) * np.log(np.abs(1 - omega))
        - 2 * omega * np.log(np.abs(omega))
    )
    np.testing.assert_allclose(triangle.real_part(omega), exact, atol=1e-5)


def test_a_pseudogap_that_closes_is_the_flat_band():
    """What is read off at omega = 0, where any pseudogap has no density of states."""
    few = dataclasses.replace(SETTINGS, n_z=2, n_keep=30, susceptibility=False)
    found = solve_points(few, U=0.1, Gamma=0.02, eps_d=-0.03, T=1e-5, r=[0.0, 1e-9])
    names = ("spectral_function_at_0", "half_width", "resonance_position", "distance_to_half")
    for name in names:
        flat, closed = found[name].to_numpy()
        np.testing.assert_allclose(closed, flat, rtol=1e-4, err_msg=name)
    assert not found["below_grid"].any()


@pytest.mark.parametrize(("r", "Gamma"), [(0.3, 0.02), (0.55, 0.015), (0.45, 5e-4)])
def test_a_peak_of_the_shape_of_a_power_law(r, Gamma):
    """A level at the Fermi energy, A = cos^2(pi r/2) |omega|^-r / (pi Gamma) near 0."""
    few = dataclasses.replace(SETTINGS, n_z=2, n_keep=30, susceptibility=False)
    found = solve_points(few, U=0.0, Gamma=Gamma, eps_d=0.0, T=1e-4, r=r)
    edges = cell_edges(SETTINGS.omega)
    cells = found["spectral_function"].to_numpy()[0, 0] * np.diff(edges)
    assert cells.sum() / (np.pi * Gamma) == pytest.approx(1, abs=3e-3)

    def density(log_omega):
        omega = np.exp(log_omega)
        tail = hybridisation(np.array([omega]), Gamma, PowerLaw(r))[0]
        return -omega * Gamma * (1 / (omega - tail)).imag

    inner = 2 * quad(density, -80, np.log(edges[edges > 0].min()), limit=200)[0]
    assert cells[len(cells) // 2] == pytest.approx(inner, rel=2e-3)


def test_a_weighed_spectrum_at_a_temperature_far_above_the_stored_grid():
    few = dataclasses.replace(SETTINGS, n_z=2, n_keep=30, weigh_by_bath=True, susceptibility=False)
    found = solve_points(few, U=0.02, Gamma=0.1, eps_d=-0.01, T=0.1, r=0.3)
    assert not found["below_grid"].any()


def test_a_weighed_spectrum_of_a_screened_moment_hides_nothing():
    """It is level at omega = 0, although one of its factors vanishes there."""
    few = dataclasses.replace(SETTINGS, n_z=2, n_keep=60, weigh_by_bath=True, susceptibility=False)
    found = solve_points(few, U=0.02, Gamma=0.1, eps_d=-0.01, T=1e-6, r=0.3)
    assert found["spectral_function"][0, 0, 166] == pytest.approx(
        math.cos(0.15 * math.pi) ** 2, 0.1
    )
    assert not found["below_grid"].any()


@pytest.mark.parametrize("width", [1e-9, 1e-12, 1e-15])
def test_hilbert_transform_of_steps(width):
    """Bands with hard edges, of which two terms that cancel would leave noise, without end."""
    bath = tabulated([-1, -0.1 - width, -0.1, 0.1, 0.1 + width, 1], [1, 1, 0, 0, 1, 1])
    assert len(continuous_part(bath)[0]) < 300_000
    omega, edge = np.array([-3.0, -0.7, -0.1003, -0.05, 0.099, 0.3, 1.5]), 0.1 + width / 2
    bands = np.log(np.abs((omega + 1) / (omega + edge) * (omega - edge) / (omega - 1)))
    np.testing.assert_allclose(bath.real_part(omega), bath.g[0] * bands, atol=1e-5)


@pytest.mark.parametrize("width", [1e-12, 1e-3, 1.0])
def test_mean_of_a_logarithm(width):
    u = np.array([-3.0, -0.3 * width, 0.0, 0.4 * width, width, 2.1 * width, 5.0 + width])
    a, b = u.astype(np.longdouble), u.astype(np.longdouble) - width
    least = np.finfo(np.longdouble).tiny
    parts = [x * np.log(np.maximum(np.abs(x), least)) for x in (a, b)]
    np.testing.assert_allclose(
        mean_logarithm(u, width), (parts[0] - parts[1]) / width - 1, rtol=1e-5
    )


def test_kinks_summed_together_and_one_by_one():
    rng = np.random.default_rng(1)
    kinks = np.sort(np.concatenate([rng.uniform(-1, 1, 2500), np.geomspace(1e-9, 1e-3, 500)]))
    g = 1.1 - kinks**2 + rng.uniform(0, 0.1, len(kinks))
    changes = np.diff(np.diff(g) / np.diff(kinks), prepend=0.0, append=0.0)
    omega = np.concatenate([rng.uniform(-2, 2, 300), kinks[::10]])
    one_by_one = summed(omega, kinks, changes)
    scale = 1e-13 * np.abs(changes).max()
    np.testing.assert_allclose(summed_together(omega, kinks, changes), one_by_one, atol=scale)


def test_a_table_of_many_rows_takes_seconds():
    """One by one, the kinks of 100,001 rows took seven minutes."""
    omega = np.linspace(-1, 1, 30_001)
    many = tabulated(omega, 1.1 - omega**2)
    few = tabulated(omega[::10], 1.1 - omega[::10] ** 2)
    at = np.linspace(-1.5, 1.5, 100)
    np.testing.assert_allclose(many.real_part(at), few.real_part(at), atol=5e-6)


def exact_level(bath, Gamma, eps, edges, n):
    """Integrals of A between edges, each cut in n parts in which 1/G is linear."""
    parts = [np.linspace(a, b, n + 1)[:-1] for a, b in pairwise(edges)]
    omega = np.append(np.concatenate(parts), edges[-1])
    y = omega - eps - hybridisation(omega, Gamma, bath) + 1e-15j
    weights = -np.diff(omega) * (np.diff(np.log(y)) / np.diff(y)).imag / math.pi
    return (omega[1:] + omega[:-1]) / 2, weights


CASES = [
    (PowerLaw(0.4), 0.02, 0.03, 1e-5),
    (PowerLaw(0.8), 0.05, -0.03, 1e-5),
    (ASYMMETRIC, 0.02, -0.05, 1e-5),
    (GAPPED, 0.02, 0.12, 5e-3),  # a pole in the gap
    (GAPPED, 0.02, -0.3, 5e-3),
]


@pytest.mark.parametrize(("bath", "Gamma", "eps", "T"), CASES)
def test_without_interaction(bath, Gamma, eps, T):
    """Spectrum and occupation of the resonant level, exact whatever the bath."""
    settings = dataclasses.replace(SETTINGS, bath=bath, Lambda=3.0, n_keep=200)
    found = solve(Impurity(0.0, Gamma, eps, 0.0, T), settings)
    edges = cell_edges(settings.omega)
    _, cells = exact_level(bath, Gamma, eps, edges, 200)
    spectrum = math.pi * Gamma * cells.reshape(-1, 200).sum(axis=1) / np.diff(edges)
    np.testing.assert_allclose(found.spectral_function[0], spectrum, atol=2e-3)
    middle, weights = exact_level(bath, Gamma, eps, np.array([-3, -1e-7, 1e-7, 3]), 100000)
    assert weights.sum() == pytest.approx(1, abs=1e-3)
    occupation = (weights * expit(-middle / T)).sum()
    assert found.occupation[0] == pytest.approx(occupation, abs=1e-3)
    assert found.spectral_weight_error < 1e-12


HARD = tabulated([-1, -0.1 - 1e-9, -0.1, 0.1, 0.1 + 1e-9, 1], [1, 1, 0, 0, 1, 1])
ALMOST_HARD = tabulated([-1, -0.1001, -0.1, 0.1, 0.1001, 1], [1, 1, 0, 0, 1, 1])


@pytest.mark.parametrize("bath", [HARD, ALMOST_HARD])
@pytest.mark.parametrize(("Gamma", "eps"), [(0.1, 0.0), (0.02, 0.1), (0.02, 0.15), (0.1, -0.3)])
def test_cells_at_the_edge_of_a_hard_gap(bath, Gamma, eps):
    """A level in the gap, at its edge or beside it, against intervals that close in on the edge."""
    edges = cell_edges(SETTINGS.omega)
    apart = 2.0 ** -(np.arange(40 * 300) / 300)
    close = np.concatenate([x + sign * apart for x in bath.omega for sign in (-1, 1)])
    parts = edges[:-1, None] + np.diff(edges)[:, None] * np.arange(100) / 100
    ends = np.union1d(np.append(parts, edges[-1]), close[np.abs(close) < edges[-1]])
    y = ends - eps - hybridisation(ends, Gamma, bath) + 1e-15j
    areas = -np.diff(ends) * (np.diff(np.log(y)) / np.diff(y)).imag
    cell = np.searchsorted(edges, (ends[1:] + ends[:-1]) / 2) - 1
    exact = Gamma * np.bincount(cell, weights=areas) / np.diff(edges)
    nodes = np.linspace(-2, 2, 9)
    sigma = np.zeros(9, complex)
    found = spectrum_of_self_energy(SETTINGS.omega, nodes, sigma, eps, Gamma, bath)
    np.testing.assert_allclose(found, exact, atol=2e-3, rtol=1e-3)
    assert np.sum(found * np.diff(edges)) == pytest.approx(math.pi * Gamma, rel=1e-3)


def test_weighed_spectra_have_the_shape_as_a_factor():
    settings = dataclasses.replace(SETTINGS, bath=PowerLaw(0.2), weigh_by_bath=True)
    impurity = Impurity(0.1, 0.1, -0.05, 0.0, 1e-8)
    weighed = solve(impurity, settings).spectral_function
    plain = solve(impurity, dataclasses.replace(settings, weigh_by_bath=False)).spectral_function
    shape = np.abs(SETTINGS.omega) ** 0.2
    inside = np.abs(np.abs(SETTINGS.omega) - 0.5) < 0.45
    np.testing.assert_allclose(weighed[:, inside], (plain * shape)[:, inside], rtol=2e-3)
    assert weighed.max() < 1
    # Strong coupling: A abs(omega)**r tends to cos^2(pi r/2)/(pi Gamma).
    low = (np.abs(SETTINGS.omega) > 0) & (np.abs(SETTINGS.omega) < 1e-4)
    np.testing.assert_allclose(weighed[:, low], math.cos(0.1 * math.pi) ** 2, atol=0.01)


@pytest.mark.parametrize(
    ("r", "Gamma", "moment", "entropy"),
    [
        (0.3, 0.1, 0.3 / 8, 2 * 0.3 * math.log(2)),  # screened: symmetric strong coupling
        (0.3, 0.003, 1 / 4, math.log(2)),  # below the critical coupling
        (0.7, 0.1, 1 / 4, math.log(2)),  # no screening at any coupling
    ],
)
def test_fixed_points_of_the_symmetric_pseudogap_model(r, Gamma, moment, entropy):
    """C. Gonzalez-Buxton and K. Ingersent, PRB 57, 14254 (1998)."""
    settings = dataclasses.replace(SETTINGS, store=("thermodynamics",))
    found = solve_points(settings, U=0.1, Gamma=Gamma, eps_d=-0.05, T=1e-9, r=r)
    assert float(found["impurity_moment"][0]) == pytest.approx(moment, abs=1e-3)
    assert float(found["impurity_entropy"][0]) == pytest.approx(entropy, abs=2e-3)
    assert found["r"].to_numpy() == [r]


def test_an_exponent_of_zero_is_the_flat_band():
    impurity = Impurity(0.1, 0.02, -0.04, 0.0, 1e-4)
    flat = solve(impurity, SETTINGS)
    again = solve(impurity, dataclasses.replace(SETTINGS, bath=bath_of({"exponent": 0.0})))
    np.testing.assert_array_equal(flat.spectral_function, again.spectral_function)


def test_a_flat_table_gives_the_spectrum_of_the_flat_band():
    impurity = Impurity(0.1, 0.02, -0.04, 0.001, 1e-4)
    flat = solve(impurity, SETTINGS)
    table = solve(impurity, dataclasses.replace(SETTINGS, bath=tabulated([-1, 1], [3, 3])))
    np.testing.assert_allclose(table.spectral_function, flat.spectral_function, atol=1e-3)
    np.testing.assert_allclose(table.occupation, flat.occupation, atol=1e-9)


def test_chains_of_tables_are_calculated_once(store, monkeypatch):
    first = chain.wilson_chain(GAPPED, 3.0, 0.123, 12)
    monkeypatch.setattr(chain, "tridiagonalise", None)
    chain._of_table.cache_clear()
    again = chain.wilson_chain(GAPPED, 3.0, 0.123, 12)
    for found, known in zip(again, first, strict=True):
        np.testing.assert_array_equal(found, known)
    monkeypatch.undo()
    file = next(store.iterdir())
    file.write_bytes(file.read_bytes()[:200])
    monkeypatch.setenv("KONDOFLOW_CACHE_DIR", str(store))
    np.testing.assert_array_equal(
        bath_store.kept("x", lambda: (np.ones(1), np.zeros(1)))[0], np.ones(1)
    )
    chain._of_table.cache_clear()
    np.testing.assert_array_equal(chain.wilson_chain(GAPPED, 3.0, 0.123, 12)[1], first[1])
