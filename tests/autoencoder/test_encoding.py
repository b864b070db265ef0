"""Latents of a stored model, of many spectra and of few."""

import numpy as np
import pytest
from small_runs import two_factors

from kondoflow.autoencoder.encoding import STEPS, decode, encode
from kondoflow.autoencoder.storage import read_model


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


def test_traversal_decodes_the_value_in_step(trained, model):
    latents = trained[1]
    train = latents["split"].to_numpy() == 0
    np.testing.assert_array_equal(latents["step"], STEPS)
    z = np.median(latents["mean"].to_numpy()[train], axis=0)
    z[1] = STEPS[7]
    np.testing.assert_allclose(latents["traversal"][1, 7], decode(model, z), atol=1e-5)
