"""The files of both stages keep the contract and agree with each other."""

import numpy as np
import pytest
import xarray as xr
from small_runs import N_OMEGA, SETTINGS, copy_model, two_factors, write_spectra

from encode_spectra import main as encode_spectra
from kondoflow.autoencoder.contract import HISTORY, LATENTS
from kondoflow.autoencoder.latents import encode_dataset
from kondoflow.autoencoder.storage import read_model
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import read_spectra


def test_files_keep_the_contract(trained):
    history, latents, _, description, _ = trained
    check(history, HISTORY, "history")
    check(latents, LATENTS, "latents")
    assert history.sizes["epoch"] == 60  # one evaluation every five epochs
    loss = history["reconstruction"] + SETTINGS["kl_weight"] * history["kl"].sum("latent")
    np.testing.assert_allclose(history["loss"], loss, rtol=1e-12)
    restarts, group = description["restarts"], description["group"]
    assert description["chosen_restart"] in group
    lowest = min(each["loss"] for each in restarts)
    near = {k: each for k, each in enumerate(restarts) if each["loss"] <= 1.02 * lowest}
    assert set(group) <= set(near)
    assert min(near, key=lambda k: near[k]["factorisation_gap"]) in group
    chosen = restarts[description["chosen_restart"]]
    lowest = float(history["loss"].sel(part="validation").min())
    assert chosen["validation_loss"] == pytest.approx(lowest, rel=1e-6)
    kept = history["loss"].sel(epoch=chosen["epoch"])
    assert chosen["loss"] == pytest.approx(np.average(kept, weights=[400, 50]), rel=1e-6)
    assert set(description["versions"]) == {"jax", "jaxlib", "flax", "optax", "numpy", "device"}


def test_history_and_latents_agree_on_the_order(trained):
    history, latents, _, description, _ = trained
    chosen = description["restarts"][description["chosen_restart"]]
    kept = history.sel(epoch=chosen["epoch"], part="train")
    # The last correction of the axes changes the KL in second order.
    np.testing.assert_allclose(kept["kl"], latents["kl"], rtol=0.02, atol=1e-6)


def test_latents_are_listed_as_the_model_says(trained):
    _, latents, _, description, _ = trained
    assert latents.attrs["network_latent"].tolist() == description["order"]
    listed = np.isin(description["order"], description["active"])
    np.testing.assert_array_equal(latents["active"], listed)
    assert description["active"] == description["order"][: listed.sum()]
    assert isinstance(description["axes_corrected"], bool)
    for name in ("kl", "relevance"):
        stored = latents[name] if name in latents else latents.attrs[name]
        np.testing.assert_array_equal(stored, description[name])


def test_portions_do_not_matter(trained, tmp_path, monkeypatch):
    """But for rounding: products of matrices of another height may round differently."""
    weights, model = copy_model(trained[-1], tmp_path)
    read, source = read_model(weights, model), tmp_path / "data.nc"
    write_spectra(source, two_factors(101)[0])
    dataset = read_spectra(source)
    whole = encode_dataset(read, dataset, source)
    monkeypatch.setattr("kondoflow.autoencoder.latents.PORTION", 13)
    xr.testing.assert_allclose(encode_dataset(read, dataset, source), whole, rtol=1e-4, atol=1e-4)


def test_a_grid_that_does_not_cover_the_model_s_is_refused(trained, tmp_path):
    weights, model = copy_model(trained[-1], tmp_path)
    data = tmp_path / "other.nc"
    write_spectra(data, two_factors(30)[0][:, 5:])
    dataset = read_dataset(data)
    write_dataset(data, dataset.assign(omega=np.linspace(-3, 4, N_OMEGA - 5)))
    with pytest.raises(InputError) as caught:
        encode_spectra(spectra=data, weights=weights, model=model, latents=tmp_path / "l.nc")
    assert str(caught.value) == (
        f"{data}: omega = '-3 .. 4' is not usable: must be a grid that covers -4 .. 4 of the model"
    )
