"""Conductance, thermodynamics, Matsubara functions and sweeps against exact results."""

import dataclasses
import math

import numpy as np
import pytest
from brute_force import BruteForce
from scipy.special import expit

import kondoflow
from kondoflow.files.errors import InputError
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson import exact
from kondoflow.systems.anderson.baths.bath_file import read_bath
from kondoflow.systems.anderson.baths.chain import hoppings
from kondoflow.systems.anderson.contract import STORE
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.nrg import thermodynamics
from kondoflow.systems.anderson.nrg.single_chain import solve_chain
from kondoflow.systems.anderson.nrg.symmetry import charge_spin, charge_sz
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectral import matsubara
from kondoflow.systems.anderson.sweep import solve_points
from kondoflow.systems.anderson.z_average import diagonalise

CONFIG = load_config()["ensembles"]["low_field"]
SETTINGS = dataclasses.replace(
    Settings.from_config(CONFIG["solver"], CONFIG["omega"]), store=tuple(STORE)
)
KONDO = Impurity(U=0.1, Gamma=0.006, eps_d=-0.05, B=0.0, T=1e-8)


@pytest.fixture(scope="module")
def sweep():
    T = np.geomspace(1e-8, 1, 33)
    return solve_points(SETTINGS, U=KONDO.U, Gamma=KONDO.Gamma, eps_d=KONDO.eps_d, T=T)


@pytest.mark.parametrize("B", [0.0, 0.04])
def test_thermal_sums_of_a_short_chain(B):
    """Free energy, entropy, specific heat and S_z of four sites against all their states."""
    impurity = Impurity(U=0.2, Gamma=0.03, eps_d=-0.05, B=B, T=0.02)
    chain, onsite = hoppings(3.0, 0.7, 3), np.array([0.02, -0.05, 0.01])
    reference = BruteForce(impurity, chain, onsite)
    amplitudes = np.concatenate([[np.sqrt(2 * impurity.Gamma / np.pi)], chain])
    symmetry = charge_sz() if B else charge_spin()
    T = np.array([impurity.T])
    level = impurity.eps_d, impurity.U, B, T
    *_, sums, _, _ = solve_chain(*level, amplitudes, onsite, 10**6, symmetry, False, False)
    found = thermodynamics.of_impurity(sums[0], onsite, chain, impurity.T)
    found += thermodynamics.of_chain(onsite, chain, impurity.T)
    x = reference.energies / impurity.T
    log_Z = np.log(np.exp(x[0] - x).sum()) - x[0]
    mean, square = reference.weights @ x, reference.weights @ x**2
    expected = [-impurity.T * log_Z, log_Z + mean, square - mean**2, reference.moment()]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_chain_alone():
    """Two sites: levels +-t, each for both spins."""
    t, T = 0.3, 0.2
    found = thermodynamics.of_chain(np.zeros(2), np.array([t]), T)
    free_energy, entropy, heat, moment = found
    log_Z = 2 * np.log((1 + np.exp(-t / T)) * (1 + np.exp(t / T)))
    assert free_energy == pytest.approx(-T * log_Z)
    assert entropy == pytest.approx(log_Z - 4 * (t / T) * (expit(t / T) - 0.5))
    assert heat == pytest.approx(4 * (t / T) ** 2 * expit(t / T) * expit(-t / T))
    assert moment == pytest.approx(expit(t / T) * expit(-t / T))


def test_entropy_falls_from_four_states_to_a_spin_to_nothing(sweep):
    """Log 4 far above U, log 2 of the local moment, 0 below T_K."""
    entropy, T = sweep["impurity_entropy"].to_numpy(), sweep["T"].to_numpy()
    T_chi = float(sweep["T_chi"][0])
    assert entropy[-1] == pytest.approx(np.log(4), abs=0.02)
    assert np.abs(entropy[(30 * T_chi < T) & (T < 4e-3)] - np.log(2)).min() < 0.04
    assert np.abs(entropy[T_chi / 100 > T]).max() < 0.02


@pytest.mark.parametrize("T", [0.2, 0.5])
def test_thermodynamics_of_a_level_without_bath(T):
    """What is discarded at the first sites is still populated: with 80 states 0.03 were lacking."""
    few = dataclasses.replace(SETTINGS, store=("thermodynamics",), susceptibility=False)
    impurity = Impurity(U=0.2, Gamma=1e-4, eps_d=-0.1, B=0.0, T=T)
    free_energy, entropy, heat, _ = diagonalise(impurity, few).thermodynamics
    p = np.array([1, 1, np.exp(-0.1 / T), np.exp(-0.1 / T)])
    p /= p.sum()
    mean = 0.1 * (p[2] + p[3])
    assert entropy == pytest.approx(-(p @ np.log(p)), abs=2e-3)
    assert heat == pytest.approx((0.1 * mean - mean**2) / T**2, abs=2e-3)
    assert free_energy == pytest.approx(mean - 0.1 + T * (p @ np.log(p)), abs=1e-3)


def test_specific_heat_is_the_slope_of_the_entropy(sweep):
    entropy, T = sweep["impurity_entropy"].to_numpy(), sweep["T"].to_numpy()
    heat = sweep["impurity_specific_heat"].to_numpy()
    released = np.trapezoid(heat, np.log(T))
    assert released == pytest.approx(entropy[-1] - entropy[0], abs=0.04)


def test_conductance_of_the_kondo_effect(sweep):
    """Unitary at T = 0; half of it at T = 1.05 T_chi (an independent code, raw peaks: 1.055)."""
    T, found = sweep["T"].to_numpy(), sweep["conductance"].to_numpy()[:, 0]
    assert found[0] == pytest.approx(1.0, abs=0.02)
    half = np.exp(np.interp(-0.5, -found, np.log(T)))
    assert half / float(sweep["T_chi"][0]) == pytest.approx(1.05, abs=0.06)


def test_conductance_is_universal(sweep):
    """The empirical form (D. Goldhaber-Gordon et al., PRL 81, 5225 (1998)) of Costi's curve."""
    T, found = sweep["T"].to_numpy(), sweep["conductance"].to_numpy()[:, 0]
    T_K = np.exp(np.interp(-0.5, -found, np.log(T)))
    form = (1 + (2 ** (1 / 0.22) - 1) * (T / T_K) ** 2) ** -0.22
    universal = T < 10 * T_K
    assert universal.sum() > 15
    np.testing.assert_allclose(found[universal], form[universal], atol=0.03)


def test_conductance_without_interaction():
    impurity = Impurity(U=0.0, Gamma=0.02, eps_d=0.01, B=0.0, T=0.01)
    omega = np.linspace(-0.9, 0.9, 200001)
    thermal = expit(omega / impurity.T) * expit(-omega / impurity.T) / impurity.T
    level = exact.resonant_level(omega, impurity.eps_d, impurity.Gamma)
    expected = np.trapezoid(thermal * level, omega)
    found = solve(impurity, SETTINGS).extra["conductance"]
    assert found[0] == pytest.approx(expected, abs=0.01)


def test_wilson_ratio_in_the_kondo_limit():
    """R = (4 pi^2/3) chi T/C at low temperature is 2 for a spin without charge fluctuations."""
    T_K = 2.7e-5
    T = T_K * np.array([0.02, 0.03, 0.045, 0.07])
    settings = dataclasses.replace(SETTINGS, n_keep=200)
    found = solve_points(settings, U=KONDO.U, Gamma=KONDO.Gamma, eps_d=KONDO.eps_d, T=T)
    slope = (found["impurity_entropy"].to_numpy() / T).mean()
    ratio = 4 * np.pi**2 / 3 * float(found["spin_susceptibility"][0]) / slope
    assert ratio == pytest.approx(2.0, abs=0.2)


def test_matsubara_functions_of_a_short_chain():
    impurity = Impurity(U=0.2, Gamma=0.03, eps_d=-0.05, B=0.04, T=0.02)
    chain = hoppings(3.0, 0.7, 3)
    reference = BruteForce(impurity, chain)
    amplitudes = np.concatenate([[np.sqrt(2 * impurity.Gamma / np.pi)], chain])
    level = impurity.eps_d, impurity.U, impurity.B, np.array([impurity.T])
    histograms, *_ = solve_chain(*level, amplitudes, np.zeros(3), 10**6, charge_sz(), True, False)
    y = matsubara.frequencies(impurity.T)
    found = matsubara.correlators(np.moveaxis(histograms[0], -1, 1), y)
    for spin in range(2):
        for n in range(4):
            z = 1j * y[n]
            of_d = reference.correlator(reference.d[spin], reference.d[spin], z)
            of_F = reference.correlator(reference.F[spin], reference.d[spin], z)
            assert found[spin, 0, n] == pytest.approx(of_d, rel=3e-3)
            assert found[spin, 1, n] == pytest.approx(of_F, rel=3e-3, abs=1e-3)


def test_quasiparticle_weight_against_the_resonance_of_weak_interaction():
    """Second order at T = 0: Z = 1 - (3 - pi^2/4) (U/pi Gamma)^2 in a wide band."""
    U, Gamma = 0.003, 0.005
    solution = solve(Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=1e-6), SETTINGS)
    expected = 1 - (3 - np.pi**2 / 4) * (U / (np.pi * Gamma)) ** 2
    assert solution.extra["quasiparticle_weight"][0] == pytest.approx(expected, abs=3e-3)


def test_quasiparticle_weight_in_the_kondo_limit(sweep):
    """Fermi liquid with Wilson ratio 2: chi = 2/(2 pi Gamma Z)."""
    expected = 4 * float(sweep["T_chi"][0]) / (np.pi * KONDO.Gamma)
    assert float(sweep["quasiparticle_weight"][0, 0]) == pytest.approx(expected, rel=0.1)


def test_complex_functions_agree_with_the_stored_spectrum():
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=2e-3, T=1e-3)
    solution = solve(impurity, SETTINGS)
    imaginary = -impurity.Gamma * solution.extra["green_function_imag"]
    np.testing.assert_allclose(imaginary, solution.spectral_function, atol=5e-3)
    assert (solution.extra["self_energy_imag"] <= 0).all()


def test_a_sweep_gives_the_numbers_of_single_solutions(sweep):
    for k in (0, 7, 20, 32):
        T = float(sweep["T"][k])
        raw = diagonalise(dataclasses.replace(KONDO, T=T), SETTINGS)
        assert float(sweep["spin_susceptibility"][k]) == raw.spin_susceptibility
        assert tuple(sweep["occupation"][k].to_numpy()) == raw.occupation


def test_solve_takes_settings_by_name():
    T = [1e-4, 2e-4, 1e-2]
    few = {"n_z": 2, "n_keep": 40, "store": ("conductance",), "omega": {"n_side": 12}}
    found = kondoflow.solve(U=0.1, Gamma=0.02, eps_d=-0.05, T=T, **few)
    assert found["spectral_function"].shape == (3, 2, 25)
    assert found["conductance"].dims == ("sample", "spin")
    np.testing.assert_array_equal(found["T"], T)
    assert not found["status"].any()
    assert "negative" in found["status"].attrs["flag_meanings"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_kept": 30}, r"keys of solver = \['n_kept'\]"),
        ({"n_keep": 3}, "solver.n_keep = 3 is not usable: must be at least 16"),
        ({"alpha": math.nan}, "solver.alpha = nan is not usable: must be a finite number"),
        ({"store": ["colour"]}, "solver.store.0"),
        ({"store": "conductance"}, "solver.store = 'conductance'"),
        ({"store": None}, "solver.store = None"),
        ({"omega": {"least": 1e-3}}, "keys of omega"),
        ({"omega": {"min": 0.1, "max": 0.1}}, "omega.max = 0.1"),
        ({"omega": [1e-3, 1.0]}, "omega = "),
        ({"bath": {"exponent": math.inf}}, "bath.exponent = inf"),
        ({"bath": {"exponent": 0.2}, "r": [0.0, 0.3]}, "r = .* must be left out"),
        ({"bath": {"file": "nothing.csv"}}, "nothing.csv: file"),
        ({"Gamma": None}, "Gamma = None"),
        ({"T": []}, "at least one point"),
        ({"T": [1e-3, 1e-4], "U": [0.1, 0.2, 0.3]}, "combined element by element"),
        ({"T": [[1e-3], [1e-3, 1e-4]]}, "T = .* an array of numbers"),
        ({"T": [1e-3, math.nan]}, "T = nan"),
        ({"U": "strong"}, "U = 'strong'"),
        ({"U": 0.1j}, "U = 0.1j"),
    ],
)
def test_solve_refuses_what_it_cannot_use(wrong, message):
    """In one line that names it, its value and what is allowed, before any work."""
    point = {"U": 0.1, "Gamma": 0.02, "eps_d": -0.05, "T": 1e-3}
    with pytest.raises(InputError, match=message) as refusal:
        kondoflow.solve(**{**point, **wrong})
    assert "\n" not in str(refusal.value)


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setenv("KONDOFLOW_CACHE_DIR", str(tmp_path))
    path = tmp_path / "delta.csv"
    path.write_text("omega,Delta\n-1,0.02\n-0.2,0.02\n-0.1,0\n0.1,0\n0.2,0.02\n0.8,0.02\n")
    return path


@pytest.mark.parametrize(
    ("wrong", "message"), [({"eps_d": 0.9}, "eps_d = 0.9"), ({"T": 1e-4}, "T = 0.0001")]
)
def test_solve_holds_points_against_a_table(table, wrong, message):
    point = {"U": 0.1, "Gamma": 0.02, "eps_d": -0.05, "T": 1e-2}
    with pytest.raises(InputError, match=message):
        kondoflow.solve(**{**point, **wrong}, bath={"file": table})


def test_solve_says_which_bath_there_was(table):
    few = {"n_z": np.int64(2), "n_keep": 40, "omega": {"n_side": 12}}
    found = kondoflow.solve(U=0.1, eps_d=-0.05, T=1e-2, bath={"file": table}, **few)
    assert float(found["Gamma"][0]) == pytest.approx(read_bath(table).strength)
    assert found.attrs["bath"].startswith("table bath_omega, bath_Delta, from delta.csv")
    np.testing.assert_array_equal(found["bath_omega"], read_bath(table).omega)
    flat = kondoflow.solve(U=0.1, Gamma=0.02, eps_d=-0.05, T=1e-2, **few)
    assert flat.attrs["bath"] == "flat"


def test_store_names_give_their_variables():
    extra = solve(dataclasses.replace(KONDO, T=1e-3), SETTINGS).extra
    assert set(extra) == {name for table in STORE.values() for name in table}
