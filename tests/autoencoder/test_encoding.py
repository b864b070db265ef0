"""Latents of a stored model, of many spectra and of few."""

import re

import numpy as np
import pytest
from small_runs import N_OMEGA, SETTINGS, copy_model, two_factors

from kondoflow.autoencoder.encoding import decode, encode, load_model
from kondoflow.autoencoder.storage import read_model
from kondoflow.autoencoder.traversals import STEPS
from kondoflow.files.errors import InputError
from kondoflow.stage.paths import ROOT


@pytest.fixture(scope="module")
def model(trained):
    """The stored model."""
    *_, folder = trained
    return read_model(folder / "w.safetensors", folder / "model.json")


def test_stored_network_reproduces_latents_and_errors(trained, model):
    latents = trained[1]
    spectra = two_factors()[0]
    np.testing.assert_array_equal(encode(model, spectra).mean, latents["mean"])
    decoded = decode(model, latents["mean"].to_numpy())
    squared = ((decoded - spectra).astype(np.float64) ** 2).sum(1)
    np.testing.assert_allclose(latents["reconstruction_error"], squared, rtol=1e-3, atol=1e-6)
    assert float(latents["absolute_error"].mean()) < 0.03
    best, median, worst = latents["example"].to_numpy()
    test = latents["reconstruction_error"].to_numpy()[latents["split"].to_numpy() == 2]
    errors = latents["reconstruction_error"].to_numpy()
    assert (errors[best], errors[worst]) == (test.min(), test.max())
    assert errors[median] == np.sort(test)[len(test) // 2]
    np.testing.assert_array_equal(latents["example_input"][2], spectra[worst])


def test_a_spectrum_has_the_same_latents_in_any_set(model):
    """One-sided sets, whose own signs and order are not those of the training spectra."""
    spectra, wide, narrow = two_factors()
    whole = encode(model, spectra)
    for chosen in (np.argsort(wide)[:40], np.argsort(-narrow)[:40], [17]):
        part = encode(model, spectra[chosen])
        np.testing.assert_allclose(part.mean, whole.mean[chosen], atol=1e-5)
        np.testing.assert_allclose(part.log_variance, whole.log_variance[chosen], atol=1e-5)
        np.testing.assert_allclose(part.reconstruction, whole.reconstruction[chosen], atol=1e-5)


def test_a_folder_with_a_model_is_loaded(trained, model, tmp_path):
    weights, _ = copy_model(trained[-1], tmp_path)
    weights.rename(tmp_path / "weights.safetensors")
    spectra = two_factors()[0][:5]
    loaded = load_model(str(tmp_path))
    np.testing.assert_array_equal(encode(loaded, spectra).mean, encode(model, spectra).mean)


def test_the_lines_of_the_readme_encode_and_decode(trained, model, tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (lines,) = (block for block in blocks if "load_model(" in block)
    (named,) = re.findall(r'load_model\("(.*?)"\)', lines)
    (tmp_path / named).mkdir(parents=True)
    weights, _ = copy_model(trained[-1], tmp_path / named)
    weights.rename(weights.with_name("weights.safetensors"))
    monkeypatch.chdir(tmp_path)
    spectra = two_factors()[0][:5]
    names = {"spectra": spectra, "omega": np.linspace(-4, 4, N_OMEGA)}
    exec(lines, names)  # noqa: S102
    np.testing.assert_allclose(names["latents"], encode(model, spectra).mean, atol=1e-6)
    assert names["decoded"].shape == spectra.shape
    assert np.abs(names["decoded"] - spectra).mean() < 0.03


def test_another_grid_is_interpolated(model):
    """A finer and wider grid gives the latents of the model's own within the interpolation."""
    omega = np.linspace(-4, 4, N_OMEGA)
    fine = np.linspace(-4.5, 4.5, 901)
    shapes = [
        np.stack([np.exp(-(((grid + 1.5) / 1.2) ** 2)), np.exp(-(((grid - 2.2) / 0.6) ** 2))])
        for grid in (omega, fine)
    ]
    heights = np.random.default_rng(1).uniform(0.2, 0.8, (20, 2))
    own, other = encode(model, heights @ shapes[0]), encode(model, heights @ shapes[1], fine)
    np.testing.assert_allclose(other.mean, own.mean, atol=2e-3)
    assert other.reconstruction.shape == (20, N_OMEGA)
    np.testing.assert_array_equal(encode(model, heights @ shapes[0], omega).mean, own.mean)


@pytest.mark.parametrize(
    ("spectra", "omega", "message"),
    [
        (
            np.ones((2, 30)),
            np.linspace(-3, 4, 30),
            "omega = '-3 .. 4' is not usable: must be a grid that covers -4 .. 4 of the model",
        ),
        (
            np.ones((2, 30)),
            np.linspace(5, -5, 30),
            "omega = 'a grid that does not increase' is not usable: must be increasing",
        ),
        (
            np.ones(N_OMEGA),
            None,
            "shape of spectra = (41,) is not usable: must be (sample, 41) with at least one sample",
        ),
        (
            np.full((1, N_OMEGA), np.nan),
            None,
            "spectra = 'NaN or infinity' is not usable: must be finite everywhere",
        ),
    ],
)
def test_spectra_that_do_not_fit_are_refused(model, spectra, omega, message):
    with pytest.raises(InputError) as caught:
        encode(model, spectra, omega)
    assert str(caught.value) == f"encode: {message}"


def test_latents_of_another_number_are_refused(model):
    with pytest.raises(InputError) as caught:
        decode(model, np.zeros((3, 5)))
    assert str(caught.value) == ("decode: shape of z = (3, 5) is not usable: must be (..., 4)")


def test_traversals_stay_within_the_data(trained):
    low, high = two_factors()[0].min(), two_factors()[0].max()
    traversal = trained[1]["traversal"].to_numpy()[trained[1]["active"].to_numpy() == 1]
    assert low - 0.25 * (high - low) < traversal.min()
    assert traversal.max() < high + 0.25 * (high - low)


def test_draws_from_posterior_and_prior_are_spectra_like_the_data(trained, model):
    """The decoder that is kept is a generator, not only exact at the codes of the data."""
    spectra, latents = two_factors()[0], trained[1]
    span, rng = spectra.max() - spectra.min(), np.random.default_rng(5)
    active = latents["active"].to_numpy() == 1
    mean, deviation = latents["mean"].to_numpy(), np.exp(latents["log_variance"].to_numpy() / 2)
    posterior = mean + deviation * rng.normal(size=mean.shape)
    prior = np.clip(rng.normal(size=mean.shape), -2, 2) * active
    variance = ((spectra - spectra.mean(axis=0)) ** 2).sum(axis=1).mean()
    drawn, generated = decode(model, posterior), decode(model, prior)
    # A linear network's posterior costs half the KL weight for each active latent.
    expected = active.sum() * SETTINGS["kl_weight"] / 2
    assert ((drawn - spectra) ** 2).sum(axis=1).mean() < 1.5 * expected * variance
    nearest = ((generated[:, None] - spectra[None]) ** 2).sum(axis=-1).min(axis=1)
    assert nearest.mean() < 0.05 * variance
    for decoded in (drawn, generated):
        assert spectra.min() - 0.25 * span < decoded.min()
        assert decoded.max() < spectra.max() + 0.25 * span


def test_a_traversal_goes_along_quantiles_and_stays_near_training_samples(trained, model):
    latents = trained[1]
    known = latents["mean"].to_numpy()[latents["split"].to_numpy() == 0]
    np.testing.assert_array_equal(latents["step"], STEPS)
    points = latents["traversal_latents"].to_numpy()
    np.testing.assert_allclose(points[1, :, 1], np.quantile(known[:, 1], STEPS), atol=1e-6)
    others = np.delete(points[1, 4], 1)
    assert np.abs(np.delete(known, 1, axis=1) - others).max(axis=1).min() < 0.1
    decoded = decode(model, points[1, 7])
    np.testing.assert_allclose(latents["traversal"][1, 7], decoded, atol=1e-5)
