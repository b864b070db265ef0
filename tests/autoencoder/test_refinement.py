"""The refinement of the decoder sharpens it and keeps it a generator."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from small_runs import SMALL, equal_weights, same_bits, trainer, two_factors

from kondoflow.autoencoder.model import structure
from kondoflow.autoencoder.refinement import refine_decoder

SETTINGS = {"epochs": 200, "batch_size": 50, "learning_rate": 5e-3, "seed": 1}
ACTIVE = np.array([True, True, True, False])


@pytest.fixture(scope="module")
def spectra():
    return equal_weights(two_factors()[0])


@pytest.fixture(scope="module")
def unrefined():
    """Weights whose decoder is blurred by wide posteriors."""
    return trainer(500, epochs=100, kl_weight=0.3, rate=(5e-3, 1e-3)).run(3).weights


def merged(weights):
    return nnx.merge(structure(SMALL)[0], weights)


def error(network, z, spectra):
    return float(jnp.mean(jnp.sum((network.decode(z) - spectra.values) ** 2, axis=-1)))


def draws(network, spectra):
    """Latents drawn from the posterior of every spectrum, the inactive one 0."""
    mean, log_variance = network.encode(spectra.values)
    noise = jax.random.normal(jax.random.key(7), mean.shape)
    return (mean + jnp.exp(log_variance / 2) * noise) * ACTIVE[None, :]


def test_refinement_sharpens_and_leaves_the_codes(spectra, unrefined):
    refined = refine_decoder(SMALL, unrefined, spectra, ACTIVE, **SETTINGS)
    assert same_bits(refined, refine_decoder(SMALL, unrefined, spectra, ACTIVE, **SETTINGS))
    before, after = merged(unrefined), merged(refined)
    codes = before.encode(spectra.values)[0]
    np.testing.assert_array_equal(codes, after.encode(spectra.values)[0])
    assert error(after, codes, spectra) < 0.5 * error(before, codes, spectra)
    moved = codes.at[:, 3].add(1.0)
    np.testing.assert_array_equal(after.decode(codes), after.decode(moved))


def test_a_refined_decoder_is_still_a_generator(spectra, unrefined):
    """Draws from posterior and prior are decoded as before; without the anchor they are not."""
    silenced = refine_decoder(SMALL, unrefined, spectra, ACTIVE, **SETTINGS | {"epochs": 0})
    anchored = refine_decoder(SMALL, unrefined, spectra, ACTIVE, **SETTINGS)
    free = refine_decoder(SMALL, unrefined, spectra, ACTIVE, **SETTINGS, anchor=0.0)
    before, after, without = (merged(weights) for weights in (silenced, anchored, free))
    posterior = draws(before, spectra)
    prior = jax.random.normal(jax.random.key(8), posterior.shape) * ACTIVE[None, :]
    old, new, bad = (error(each, posterior, spectra) for each in (before, after, without))
    assert new < 1.2 * old
    assert bad > 1.2 * new

    def distances(network):
        """Squared distance of each spectrum drawn from the prior to the nearest one of the data."""
        decoded = np.asarray(network.decode(prior))[:, None]
        return ((decoded - np.asarray(spectra.values)[None]) ** 2).sum(axis=-1).min(axis=1)

    assert distances(after).mean() < 1.5 * distances(before).mean()
    usual = prior[jnp.all(jnp.abs(prior) < 2, axis=1)]  # the range of a traversal
    for z in (posterior, usual):
        low, high = (float(each(before.decode(z))) for each in (jnp.min, jnp.max))
        slack = 0.2 * (high - low)
        assert low - slack < after.decode(z).min()
        assert after.decode(z).max() < high + slack
