"""The loss against its formula in float64 and against Monte Carlo."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from small_runs import N_OMEGA, SMALL, equal_weights, two_factors

from kondoflow.autoencoder.loss import Spectra, kl_divergence, loss_parts
from kondoflow.autoencoder.model import Autoencoder


def dense(x, layers):
    """A perceptron with SiLU in float64 numpy."""
    for index, layer in enumerate(layers):
        x = x @ np.asarray(layer.kernel[...], np.float64) + np.asarray(layer.bias[...], np.float64)
        if index < len(layers) - 1:
            x = x / (1 + np.exp(-x))
    return x


@pytest.mark.parametrize("output", ["linear", "softplus"])
def test_loss_is_the_formula(output):
    network = Autoencoder(replace(SMALL, output=output), nnx.Rngs(1))
    spectra = two_factors(7)[0]
    noise = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    mean, free = np.split(dense(spectra.astype(np.float64), network.encoder.layers), 2, 1)
    log_variance = 20 * np.tanh(free / 20)
    decoded = dense(mean + np.exp(log_variance / 2) * noise, network.decoder.layers)
    if output == "softplus":
        decoded = np.log1p(np.exp(decoded))
    kl = 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)
    weights = np.random.default_rng(1).random((7, N_OMEGA)).astype(np.float32)
    expected = np.mean((weights * (decoded - spectra) ** 2).sum(1) + 1.7 * kl.sum(1))
    parts = loss_parts(network, Spectra(spectra, weights), noise, variational=True)
    assert float(parts.total(1.7)) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(parts.kl, kl.mean(0), rtol=1e-4, atol=1e-7)


def test_kl_agrees_with_monte_carlo():
    rng = np.random.default_rng(4)
    mean, log_variance = np.array([0.0, 0.7, -2.0]), np.array([-1.0, 0.5, -4.0])
    n = 400_000
    noise = rng.normal(size=(n, 3))
    z = mean + np.exp(log_variance / 2) * noise
    samples = 0.5 * (z**2 - noise**2 - log_variance)  # log q(z) - log p(z)
    exact = np.asarray(kl_divergence(jnp.asarray(mean), jnp.asarray(log_variance)))
    assert np.all(np.abs(samples.mean(0) - exact) < 5 * samples.std(0) / np.sqrt(n))


def test_kl_of_an_idle_latent_keeps_its_digits():
    value = float(kl_divergence(jnp.float32(0), jnp.float32(1e-3)))
    assert value == pytest.approx((np.expm1(1e-3) - 1e-3) / 2, rel=1e-3)


def test_plain_autoencoder_ignores_noise_and_log_variance():
    network = Autoencoder(SMALL, nnx.Rngs(1))
    spectra = two_factors(5)[0]
    noise = np.ones((5, 4), np.float32)
    parts = loss_parts(network, equal_weights(spectra), noise, variational=False)
    mean, _ = network.encode(spectra)
    expected = np.square(np.asarray(network.decode(mean)) - spectra).sum(1).mean()
    assert float(parts.reconstruction) == pytest.approx(expected, rel=1e-6)
    assert not np.asarray(parts.kl).any()


def test_a_log_variance_that_would_overflow_has_a_finite_loss():
    network = Autoencoder(SMALL, nnx.Rngs(1))
    bias = network.encoder.layers[-1].bias
    bias[...] = bias[...].at[4:].set(jnp.array([200.0, -200.0, 1e4, 0.0]))
    noise = np.ones((5, 4), np.float32)

    def loss(network):
        spectra = equal_weights(two_factors(5)[0])
        return loss_parts(network, spectra, noise, variational=True).total(1.0)

    value, gradient = nnx.value_and_grad(loss)(network)
    assert np.isfinite(value)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))
