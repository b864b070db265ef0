"""The whole procedure on spectra whose factors are known."""

import numpy as np
import pytest
from flax import nnx
from scipy.stats import spearmanr
from small_runs import SETTINGS, linear_network, run, two_factors

from kondoflow.autoencoder.consensus import Choice
from kondoflow.autoencoder.model import structure
from kondoflow.autoencoder.procedure import Candidate, finish
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.training import Trainer


def test_the_finished_network_has_the_chosen_axes():
    architecture, weights, spectra = linear_network(0.0, 0.0)
    settings = {**SETTINGS, "refine_epochs": 0, "hidden": [2], "n_latents": 3, "kl_weight": 1.0}
    whole = Trainer(architecture, Schedule.from_settings(settings), 100, spectra, spectra)
    active = np.array([True, True, False])
    codes = np.asarray(nnx.merge(structure(architecture)[0], weights).encode(spectra.values)[0])
    candidates = [Candidate(weights, active, codes[:, :2], 1.0, 0.0)]
    M = np.array([[1.0, 0.02], [-0.02, 1.0]])
    for group, turned in (((0,), False), ((0, 1), True)):
        final, found = finish(whole, candidates, Choice(0, group, M), settings, 1)
        assert found == turned
    found = nnx.merge(structure(architecture)[0], final).encode(spectra.values)[0]
    np.testing.assert_allclose(found[:, :2], codes[:, :2] @ M, rtol=1e-4, atol=1e-4)


def test_two_factors_give_two_active_latents(trained):
    _, latents, *_ = trained
    _, wide, narrow = two_factors()
    assert latents["active"].to_numpy().tolist() == [1, 1, 0, 0]
    assert np.all(np.diff(latents["kl"]) <= 0)
    mean = latents["mean"].to_numpy()
    table = [[abs(spearmanr(mean[:, k], f)[0]) for f in (wide, narrow)] for k in (0, 1)]
    assert max(min(table[0][0], table[1][1]), min(table[0][1], table[1][0])) > 0.95


@pytest.mark.slow
def test_unit_and_offset_of_the_spectra_do_not_matter(trained, tmp_path):
    _, latents, weights, _, _ = trained
    spectra = two_factors()[0]
    _, double, same_weights, _ = run(tmp_path / "2^10", spectra * np.float32(1024))
    assert same_weights == weights
    np.testing.assert_array_equal(double["mean"], latents["mean"])
    factor = 1024.0**2
    np.testing.assert_allclose(
        double["reconstruction_error"], factor * latents["reconstruction_error"], rtol=1e-6
    )
    _, other, _, _ = run(tmp_path / "other", spectra * np.float32(1000) + np.float32(500))
    for k in (0, 1):
        assert abs(spearmanr(other["mean"][:, k], latents["mean"][:, k])[0]) > 0.98


@pytest.mark.slow
def test_a_spectrum_with_a_spike_does_not_spoil_the_training(tmp_path):
    """120 spectra of order one, of which one of those trained on has a spike of 3,000."""
    spectra = two_factors(120)[0]
    settings = {**SETTINGS, "epochs": 1200}
    _, clean, _, _ = run(tmp_path / "clean", spectra, settings)
    spoiled = spectra.copy()
    chosen = int(np.flatnonzero(clean["split"] == 0)[11])
    spoiled[chosen, 20] = 3e3
    _, found, _, description = run(tmp_path / "spoiled", spoiled, settings)
    assert description["left_out"] == [chosen]
    others = np.arange(120) != chosen
    assert found["active"].sum() >= 2
    error = found["absolute_error"].to_numpy()[others].mean()
    assert error < 2 * clean["absolute_error"].to_numpy()[others].mean()


@pytest.mark.slow
def test_plain_autoencoder_in_a_single_batch(tmp_path):
    """The batch, larger than the training set, is cut to it."""
    changes = {"kl_weight": 0.0, "n_latents": 3, "active_above": 0.01, "batch_size": 4096}
    settings = {**SETTINGS, **changes, "epochs": 1000, "restarts": 1}
    history, latents, _, description = run(tmp_path / "plain", two_factors()[0], settings)
    assert description["steps_per_epoch"] == 1
    assert not history["kl"].any()
    assert not latents["kl"].any()
    assert latents["log_variance"].isnull().all()
    relevance = latents.attrs["relevance"]
    assert np.all(np.diff(relevance) <= 0)
    np.testing.assert_array_equal(latents["active"], relevance > 0.01)
    assert latents["active"].sum() >= 2
    train = latents["mean"].to_numpy()[latents["split"].to_numpy() == 0].astype(np.float64)
    np.testing.assert_allclose(train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(train.std(0), 1, rtol=1e-4)
    assert float(latents["absolute_error"].mean()) < 0.02
