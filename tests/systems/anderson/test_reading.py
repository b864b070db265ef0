"""What is read off spectra against exact results and against the NRG's own susceptibility."""

import numpy as np
import pytest
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.exact import bethe_ansatz_susceptibility, resonant_level
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.reading import read_off
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.solver import solve

LOW_FIELD = load_config()["ensembles"]["low_field"]


def as_set(omega, spectra, **parameters):
    """A set of spectra, all of them training samples."""
    n = len(spectra)
    columns = {name: ("sample", np.broadcast_to(x, n)) for name, x in parameters.items()}
    return xr.Dataset(
        {
            "spectral_function": (("sample", "omega"), np.array(spectra)),
            "omega": ("omega", omega),
            "split": ("sample", np.zeros(n, dtype=np.int8)),
            **columns,
        }
    )


def test_without_interaction_it_is_the_resonant_level():
    omega, Gamma = stored_grid(300, 1e-6, 0.999), 0.01
    eps_d = np.linspace(-0.03, 0.03, 41)
    # To second order in Gamma/D the orbital's charge follows from the pole's weight z alone.
    z = 1 / (1 - 2 * Gamma / np.pi)
    expected = np.pi * Gamma * (1 + (eps_d / Gamma) ** 2) / (2 * z)
    spectra = [resonant_level(omega, each, Gamma) for each in eps_d]
    found = read_off(as_set(omega, spectra, U=1e-9, Gamma=Gamma, eps_d=eps_d))
    np.testing.assert_allclose(found["T_FL"], expected, rtol=0.01)
    np.testing.assert_allclose(found["wilson_ratio"], 1, atol=0.01)


@pytest.fixture(scope="module")
def solved():
    """A level that moves through a Kondo impurity, U/Gamma = 8."""
    settings = Settings.from_config(LOW_FIELD["solver"], LOW_FIELD["omega"])
    points = [
        Impurity(U=0.04, Gamma=0.005, eps_d=0.04 * level, B=0.0, T=1e-6)
        for level in np.linspace(-0.95, 0.05, 21)
    ]
    return settings.omega, points, [solve(point, settings) for point in points]


def test_spectra_say_the_spin_susceptibility_of_the_thermodynamics(solved):
    omega, points, solutions = solved
    spectra = [solution.spectral_function[0] for solution in solutions]
    eps_d = np.array([point.eps_d for point in points])
    found = read_off(as_set(omega, spectra, U=0.04, Gamma=0.005, eps_d=eps_d, T=1e-6, B=0.0))
    T_chi = np.array([solution.T_chi for solution in solutions])
    error = np.log(found["T_FL"] / T_chi)
    assert np.sqrt(np.mean(error**2)) < 0.02
    assert np.abs(error).max() < 0.05
    # The Bethe ansatz of a wide band knows both at half filling.
    half = np.abs(eps_d + 0.02) < 0.001
    assert half.sum() == 1
    exact = 1 / (4 * bethe_ansatz_susceptibility(0.04, 0.005))
    np.testing.assert_allclose(found["T_FL"][half], exact, rtol=0.02)
    np.testing.assert_allclose(found["wilson_ratio"][half], 1.9863, atol=0.01)


def test_nothing_is_read_where_temperature_or_field_counts(solved):
    omega, points, solutions = solved
    spectra = [solution.spectral_function[0] for solution in solutions]
    eps_d = np.array([point.eps_d for point in points])
    T, B = np.where(eps_d < -0.02, 1e-3, 1e-6), np.where(eps_d > -0.01, 1e-3, 0.0)
    found = read_off(as_set(omega, spectra, U=0.04, Gamma=0.005, eps_d=eps_d, T=T, B=B))["T_FL"]
    np.testing.assert_array_equal(np.isfinite(found), (eps_d > -0.02) & (eps_d < -0.01))
    bath = as_set(omega, spectra, U=0.04, Gamma=0.005, eps_d=eps_d).assign_attrs(bath="r = 0.5")
    assert np.isnan(read_off(bath)["T_FL"]).all()


def test_what_a_set_lacks_is_named(solved):
    omega, _, solutions = solved
    spectra = [solution.spectral_function[0] for solution in solutions]
    with pytest.raises(InputError, match="spectra: eps_d = None"):
        read_off(as_set(omega, spectra, U=0.04, Gamma=0.005))
    few = as_set(omega, spectra[:4], U=0.04, Gamma=0.005, eps_d=-0.01)
    assert np.isnan(read_off(few)["T_FL"]).all()
