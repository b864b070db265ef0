"""Order, sign and unit of latents."""

import json

import numpy as np
from flax import nnx
from small_runs import N_OMEGA, SMALL, equal_weights, two_factors

from kondoflow.autoencoder.conventions import Conventions
from kondoflow.autoencoder.deciding import decide, signs
from kondoflow.autoencoder.model import Autoencoder


def test_signs_follow_the_upper_half_of_the_grid():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(100, 2))
    even, odd = np.ones(N_OMEGA), np.sign(np.arange(N_OMEGA) - N_OMEGA // 2)
    spectra = np.outer(z[:, 0], even) + np.outer(z[:, 1], odd)
    np.testing.assert_array_equal(signs(z * [1, -1], spectra), [1, -1])
    np.testing.assert_array_equal(signs(z * [-1, 1], spectra), [-1, 1])


def test_active_latents_come_first_then_those_with_the_larger_kl():
    network, spectra = Autoencoder(SMALL, nnx.Rngs(3)), equal_weights(two_factors()[0])
    by_kl = decide(network, spectra, active=np.ones(4, bool), active_above=0.0)
    assert np.all(np.diff(by_kl.kl) < 0)
    last = by_kl.order[-1]
    conventions = decide(network, spectra, active=np.arange(4) == last, active_above=0.0)
    assert conventions.order.tolist() == [last, *by_kl.order[:-1]]
    assert conventions.active.tolist() == [True, False, False, False]


def test_conventions_are_undone_exactly_and_survive_a_file():
    network, spectra = Autoencoder(SMALL, nnx.Rngs(3)), equal_weights(two_factors()[0])
    codes = np.asarray(network.encode(spectra.values)[0])
    for active in (np.array([True, False, True, False]), None):  # None: a plain autoencoder
        conventions = decide(network, spectra, active=active, active_above=1e-3)
        stored = Conventions.from_json(json.loads(json.dumps(conventions.as_json())))
        for name, value in vars(conventions).items():
            np.testing.assert_array_equal(getattr(stored, name), value)
        listed = stored.from_network(codes)
        np.testing.assert_allclose(stored.in_network(listed), codes, atol=1e-6)
        np.testing.assert_array_equal(np.median(listed, axis=0), stored.median)
        assert np.all(signs(listed, np.asarray(spectra.values)) == 1)
    np.testing.assert_allclose(listed.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(listed.std(axis=0), 1, atol=1e-5)
