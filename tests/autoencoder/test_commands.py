"""The commands `encode` and `decode` on files of others."""

import numpy as np
import pytest
import xarray as xr
from small_runs import N_OMEGA, copy_model, two_factors

import decode
import encode
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset

OMEGA = np.linspace(-4, 4, N_OMEGA)


@pytest.fixture
def folder(trained, tmp_path):
    """A folder with a trained model."""
    copy_model(trained[-1], tmp_path)[0].rename(tmp_path / "weights.safetensors")
    return tmp_path


def bring(path, spectra, dims, omega=OMEGA):
    variables = {"spectral_function": (dims, spectra), "omega": ("omega", omega)}
    xr.Dataset(variables).to_netcdf(path)


def test_spectra_of_a_file_have_the_models_latents(folder, trained):
    """One spectrum, several, and several on a finer and wider grid; then the way back."""
    stored, spectra = trained[1], two_factors()[0]
    path, latents, decoded = (folder / name for name in ("mine.nc", "latents.nc", "decoded.nc"))
    bring(path, spectra[17], ("omega",))
    encode.main(model=folder, spectra=path, latents=latents)
    found = read_dataset(latents)
    np.testing.assert_allclose(found["mean"], stored["mean"][[17]], atol=1e-5)
    for name in ("network_latent", "factor", "shift"):
        np.testing.assert_array_equal(found.attrs[name], stored.attrs[name])
    decode.main(model=folder, latents=latents, spectra=decoded)
    difference = read_dataset(decoded)["spectral_function"].to_numpy() - spectra[[17]]
    error = float(found["reconstruction_error"][0])
    assert (difference.astype(np.float64) ** 2).sum() == pytest.approx(error, rel=1e-4)

    fine = np.linspace(-4.5, 4.5, 901)
    shapes = np.exp(-(((fine + 1.5) / 1.2) ** 2)), np.exp(-(((fine - 2.2) / 0.6) ** 2))
    _, wide, narrow = two_factors()
    finer = np.outer(wide[:5], shapes[0]) + np.outer(narrow[:5], shapes[1])
    bring(path, finer, ("sample", "omega"), fine)
    encode.main(model=folder, spectra=path, latents=latents)
    np.testing.assert_allclose(read_dataset(latents)["mean"], stored["mean"][:5], atol=5e-3)


def test_variables_of_a_file_are_guessed_or_named(folder, trained):
    """A single spectrum with its grid; spectra with the samples last; two candidates."""
    stored, spectra = trained[1]["mean"], two_factors()[0][:3]
    path, latents = folder / "mine.nc", folder / "latents.nc"
    whole = xr.DataArray(spectra, {"bias": OMEGA}, ("sample", "bias"), name="dIdV")
    whole.isel(sample=0).to_netcdf(path)
    encode.main(model=folder, spectra=path, latents=latents)
    np.testing.assert_allclose(read_dataset(latents)["mean"], stored[:1], atol=1e-5)
    whole.T.to_dataset().assign(gap=("sample", np.arange(3.0))).to_netcdf(path)
    encode.main(model=folder, spectra=path, latents=latents)
    np.testing.assert_allclose(read_dataset(latents)["mean"], stored[:3], atol=1e-5)
    two = xr.Dataset({"dIdV": whole, "I": 2 * whole})
    two.to_netcdf(path, group="one", engine="netcdf4")
    with pytest.raises(InputError, match="the key spectra may name dIdV, I"):
        encode.main(model=folder, spectra=path, latents=latents, group="one")
    named = {"variable": "dIdV", "axis": "bias", "group": "one"}
    encode.main(model=folder, spectra=path, latents=latents, **named)
    np.testing.assert_allclose(read_dataset(latents)["mean"], stored[:3], atol=1e-5)


def test_latents_that_do_not_fit_are_refused(folder):
    path = folder / "strange.nc"
    xr.Dataset({"mean": (("sample", "latent"), np.zeros((2, 3)))}).to_netcdf(path)
    with pytest.raises(InputError, match="number of latents = 3 is not usable: must be 4"):
        decode.main(model=folder, latents=path, spectra=folder / "decoded.nc")
