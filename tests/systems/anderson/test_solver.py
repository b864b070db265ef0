"""The solver with its default settings against exact results of the full model."""

import dataclasses

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq

from kondoflow.files.errors import InputError
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson import exact
from kondoflow.systems.anderson.baths.chain import chain_length, hoppings, twist_parameters
from kondoflow.systems.anderson.grid import cell_edges
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.kondo_scale import haldane_kondo_temperature
from kondoflow.systems.anderson.nrg.bins import BINS_PER_OCTAVE, N_BINS, bin_centres, bin_index
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve
from kondoflow.systems.anderson.spectra import spectral_functions
from kondoflow.systems.anderson.spectral.dyson import spectrum_of_self_energy
from kondoflow.systems.anderson.z_average import diagonalise

LOW_FIELD = load_config()["ensembles"]["low_field"]
SETTINGS = Settings.from_config(LOW_FIELD["solver"], LOW_FIELD["omega"])
OMEGA = SETTINGS.omega
ZERO = len(OMEGA) // 2

LOW_TEMPERATURE = [
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.05, B=0.0, T=1e-6),
    Impurity(U=0.1, Gamma=0.01, eps_d=-0.03, B=0.0, T=1e-6),
    Impurity(U=0.2, Gamma=0.02, eps_d=-0.01, B=0.0, T=1e-6),
    Impurity(U=0.05, Gamma=0.02, eps_d=-0.04, B=0.0, T=1e-6),
    Impurity(U=0.3, Gamma=0.03, eps_d=-0.2, B=0.0, T=1e-6),
]


@pytest.fixture(scope="module", params=LOW_TEMPERATURE, ids=str)
def solved(request):
    """Impurity, raw result, and spectra with both estimators."""
    raw = diagonalise(request.param, SETTINGS)
    direct = dataclasses.replace(SETTINGS, estimator="direct")
    return (
        request.param,
        raw,
        spectral_functions(raw, request.param, SETTINGS),
        spectral_functions(raw, request.param, direct),
    )


def _weight(spectrum, Gamma):
    return float(np.sum(spectrum * np.diff(cell_edges(OMEGA)))) / (np.pi * Gamma)


def test_raw_spectral_weight_is_one(solved):
    _, raw, *_ = solved
    assert raw.weight_error < 1e-12


def test_weight_of_the_correlator_with_the_interaction(solved):
    """The total weight of <<F; d^+>> is <{F, d^+}> = U <n_-s>, chain by chain."""
    impurity, raw, *_ = solved
    assert raw.histogram[0, 1].sum() == pytest.approx(impurity.U * raw.occupation[1], abs=1e-12)


def test_friedel_sum_rule(solved):
    impurity, raw, by_self_energy, direct = solved
    n_imp = exact.displaced_charge(raw.occupation[0], raw.histogram[0, 0], impurity.Gamma)
    height = exact.friedel_height(n_imp)
    assert direct[0, ZERO] == pytest.approx(height, abs=1e-2)
    assert by_self_energy[0, ZERO] == pytest.approx(height, abs=5e-3)


def test_stored_spectra_keep_their_weight(solved):
    impurity, _, by_self_energy, direct = solved
    assert _weight(by_self_energy[0], impurity.Gamma) == pytest.approx(1.0, abs=4e-3)
    assert _weight(direct[0], impurity.Gamma) == pytest.approx(1.0, abs=2e-3)


def test_spectra_respect_positivity_and_the_unitary_limit(solved):
    _, _, by_self_energy, _ = solved
    assert by_self_energy.min() >= 0
    assert by_self_energy.max() < 1.001


def _continuum_peaks(impurity):
    """Histogram of the resonant level in the continuous band."""
    centres = bin_centres()
    widths = 2.0 ** np.floor(np.log2(centres)) / BINS_PER_OCTAVE
    omega = np.array([-centres, centres])
    inside = np.abs(omega) < 1
    weights = np.zeros_like(omega)
    weights[inside] = exact.resonant_level(omega[inside], impurity.eps_d, impurity.Gamma)
    return weights * widths / (np.pi * impurity.Gamma)


def _chain_peaks(impurity):
    """Histogram of the resonant level on the solver's own chains, one electron at a time."""
    histogram = np.zeros((2, N_BINS))
    for z in twist_parameters(SETTINGS.n_z):
        t = hoppings(SETTINGS.Lambda, z, chain_length(impurity.T, SETTINGS.Lambda))
        off_diagonal = np.concatenate([[np.sqrt(2 * impurity.Gamma / np.pi)], t])
        diagonal = np.zeros(len(off_diagonal) + 1)
        diagonal[0] = impurity.eps_d
        E, vectors = eigh_tridiagonal(diagonal, off_diagonal)
        for energy, weight in zip(E, vectors[0] ** 2, strict=True):
            histogram[int(energy >= 0), bin_index(abs(energy))] += weight / SETTINGS.n_z
    return histogram


RESONANT_LEVEL = Impurity(U=0.0, Gamma=0.02, eps_d=0.01, B=0.0, T=1e-6)


def test_occupation_without_interaction():
    impurity = RESONANT_LEVEL
    filled = 0.5 - np.arctan(impurity.eps_d / impurity.Gamma) / np.pi
    assert diagonalise(impurity, SETTINGS).occupation[0] == pytest.approx(filled, abs=2.5e-3)


def test_dyson_without_self_energy_gives_the_resonant_level():
    eps_d, Gamma = RESONANT_LEVEL.eps_d, RESONANT_LEVEL.Gamma
    nodes = np.linspace(-2, 2, 9)
    found = spectrum_of_self_energy(OMEGA, nodes, np.zeros(9, complex), eps_d, Gamma)
    np.testing.assert_allclose(found, exact.resonant_level(OMEGA, eps_d, Gamma), atol=1e-3)


@pytest.mark.parametrize(
    ("U", "Gamma", "eps_d"),
    [(0.0, 0.02, 1.2), (0.1, 0.02, -1.2), (0.5, 0.1, 1.0), (0.3, 0.2, 1.5), (1.0, 0.1, -0.5)],
)
def test_a_level_at_the_edge_of_the_band_keeps_its_weight(U, Gamma, eps_d):
    solution = solve(Impurity(U=U, Gamma=Gamma, eps_d=eps_d, B=0.0, T=1e-4), SETTINGS)
    spectrum = solution.spectral_function[0]
    assert _weight(spectrum, Gamma) == pytest.approx(1.0, abs=2e-3)  # the grid ends at 1.6
    below = _weight(np.where(OMEGA < 0, spectrum, 0), Gamma)
    assert below == pytest.approx(solution.occupation[0], abs=1e-3)


@pytest.mark.parametrize(("Gamma", "eps_d"), [(0.2, 1.0), (0.01, 0.98), (0.2, 0.53)])
def test_cells_at_the_edge_of_the_band_without_interaction(Gamma, eps_d):
    """Averages over the cells by a fine sum, and the bound state beyond the band."""

    def inverse(omega):
        return omega - eps_d - Gamma / np.pi * np.log(np.abs((1 + omega) / (1 - omega)))

    edges = cell_edges(OMEGA)
    inside = np.clip(edges, -1, 1)
    middles = inside[:-1, None] + np.diff(inside)[:, None] * (np.arange(4000) + 0.5) / 4000
    level = Gamma**2 / (inverse(np.where(np.abs(middles) < 1, middles, 0.0)) ** 2 + Gamma**2)
    exact_cells = level.mean(axis=1) * np.diff(inside) / np.diff(edges)
    above = brentq(lambda log_distance: inverse(1 + np.exp(log_distance)), -30, 1)
    pole = 1 + np.exp(above)
    slope = 1 + 2 * Gamma / np.pi / (pole**2 - 1)
    where = np.searchsorted(edges, pole) - 1
    exact_cells[where] += np.pi * Gamma / slope / np.diff(edges)[where]
    nodes = np.linspace(-2, 2, 9)
    found = spectrum_of_self_energy(OMEGA, nodes, np.zeros(9, complex), eps_d, Gamma)
    np.testing.assert_allclose(found, exact_cells, atol=1e-3)


def test_a_narrow_level_within_wide_cells_keeps_its_weight():
    impurity = Impurity(U=0.0, Gamma=1e-4, eps_d=0.9, B=0.0, T=1e-4)
    spectrum = solve(impurity, SETTINGS).spectral_function[0]
    assert _weight(spectrum, impurity.Gamma) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(("peaks", "tolerance"), [(_chain_peaks, 1e-3), (_continuum_peaks, 0.05)])
def test_direct_spectrum_without_interaction(peaks, tolerance):
    """Many-particle peaks against exact ones that are broadened alike.

    Against the exact chain truncation is the only error (more states are kept, since accidental
    degeneracies make U = 0 its hardest case); against the continuum there is also what four
    interleaved chains leave of the discretisation.
    """
    impurity = RESONANT_LEVEL
    settings = dataclasses.replace(SETTINGS, estimator="direct", n_keep=300)
    raw = diagonalise(impurity, settings)
    direct = spectral_functions(raw, impurity, settings)
    histogram = peaks(impurity)
    exactly = dataclasses.replace(raw, histogram=np.array([[histogram, 0 * histogram]]))
    expected = spectral_functions(exactly, impurity, settings)
    np.testing.assert_allclose(direct[0], expected[0], atol=tolerance)


@pytest.mark.parametrize("U_over_Gamma", [4, 8, 12])
def test_susceptibility_against_the_bethe_ansatz(U_over_Gamma):
    Gamma = 0.002
    U = U_over_Gamma * Gamma
    raw = diagonalise(Impurity(U=U, Gamma=Gamma, eps_d=-U / 2, B=0.0, T=1e-8), SETTINGS)
    assert raw.spin_susceptibility == pytest.approx(
        exact.bethe_ansatz_susceptibility(U, Gamma), rel=0.02
    )


def test_bethe_ansatz_against_its_known_ratios():
    """T_chi/T_K(Haldane) at particle-hole symmetry; the free level has chi = 1/(2 pi Gamma)."""
    Gamma = 0.002
    assert exact.bethe_ansatz_susceptibility(0.0, Gamma) == pytest.approx(1 / (2 * np.pi * Gamma))
    for ratio, expected in {1: 2.39, 2: 1.80, 4: 1.43, 8: 1.21, 12: 1.14, 25: 1.06}.items():
        U = ratio * Gamma
        T_chi = 1 / (4 * exact.bethe_ansatz_susceptibility(U, Gamma))
        T_K = float(haldane_kondo_temperature(U, Gamma, -U / 2))
        assert T_chi / T_K == pytest.approx(expected, abs=0.006)


def test_susceptibility_is_the_response_to_a_field():
    impurity = LOW_TEMPERATURE[1]
    B = 0.02 * float(haldane_kondo_temperature(impurity.U, impurity.Gamma, impurity.eps_d))
    in_field = diagonalise(dataclasses.replace(impurity, B=B), SETTINGS)
    magnetisation = (in_field.occupation[0] - in_field.occupation[1]) / 2
    assert magnetisation / B == pytest.approx(in_field.spin_susceptibility, rel=0.01)


def test_free_spin_at_high_temperature():
    """A local moment far above T_K follows Curie's law, chi = <S_z^2>/T, and never exceeds it."""
    impurity = Impurity(U=0.4, Gamma=1e-3, eps_d=-0.2, B=0.0, T=0.01)
    solution = solve(impurity, SETTINGS)
    moment = (sum(solution.occupation) - 2 * solution.double_occupation) / 4
    assert 0.98 * moment < impurity.T * solution.spin_susceptibility <= moment


def test_particle_hole_symmetry():
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=0.0, T=1e-4)
    mirrored = dataclasses.replace(impurity, eps_d=-impurity.eps_d - impurity.U)
    left, right = solve(impurity, SETTINGS), solve(mirrored, SETTINGS)
    np.testing.assert_allclose(left.spectral_function, right.spectral_function[:, ::-1], atol=1e-6)
    assert left.occupation[0] + right.occupation[0] == pytest.approx(1.0, abs=1e-10)


def test_spin_flip_symmetry():
    impurity = Impurity(U=0.1, Gamma=0.02, eps_d=-0.03, B=5e-3, T=1e-4)
    flipped = dataclasses.replace(impurity, B=-impurity.B)
    up, down = solve(impurity, SETTINGS), solve(flipped, SETTINGS)
    np.testing.assert_allclose(up.spectral_function, down.spectral_function[::-1], atol=1e-6)
    assert up.occupation == pytest.approx(down.occupation[::-1], abs=1e-10)
    assert up.occupation[0] > up.occupation[1]


def test_stored_value_is_the_average_over_its_cell():
    """A bare level far narrower than the grid's step keeps its weight."""
    impurity = Impurity(U=0.0, Gamma=1e-3, eps_d=0.3, B=0.0, T=1e-5)
    spectrum = solve(impurity, SETTINGS).spectral_function[0]
    assert _weight(spectrum, impurity.Gamma) == pytest.approx(1.0, abs=5e-3)


def _anywhere(rng):
    """A point of the whole box: U may vanish, fields have both signs, temperatures reach 0.1."""
    U = 0.0 if rng.random() < 0.1 else 0.5 * rng.random()
    eps_d = rng.uniform(-1.5, 0.5) * U if U else rng.uniform(-0.2, 0.2)
    B = 0.0 if rng.random() < 0.5 else rng.choice([-1, 1]) * 10 ** rng.uniform(-6, -1)
    Gamma, T = 10 ** rng.uniform(-3, -1), 10 ** rng.uniform(-7, -1)
    return Impurity(U=U, Gamma=Gamma, eps_d=eps_d, B=float(B), T=T)


@pytest.mark.parametrize("seed", range(20))
def test_the_whole_box(seed):
    """Like `whole_box` of `validation.accuracy`, with more points at U = 0 and at B = 0."""
    impurity = _anywhere(np.random.default_rng(seed))
    solution = solve(impurity, SETTINGS)
    spectra = solution.spectral_function
    assert np.isfinite(spectra).all()
    assert spectra.min() >= 0
    assert solution.spectral_weight_error < 1e-12
    assert 0 < solution.T_chi < np.inf
    assert all(0 <= n <= 1 for n in solution.occupation)
    assert 0 <= solution.double_occupation <= min(solution.occupation)


def test_parameters_outside_the_box_are_refused():
    with pytest.raises(InputError) as caught:
        solve(Impurity(U=0.1, Gamma=0.0, eps_d=-0.05, B=0.0, T=1e-6), SETTINGS)
    assert str(caught.value) == (
        "parameters: Gamma = 0.0 is not usable: must be between 0.0001 and 0.2 D"
    )
