"""The factorisation gap in closed form, and the correction of axes."""

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.stats import spearmanr
from small_runs import equal_weights, linear_network, same_bits

from kondoflow.autoencoder.alignment import align_axes, factorisation_gap, turn_axes
from kondoflow.autoencoder.loss import Spectra
from kondoflow.autoencoder.model import Architecture, Autoencoder, structure


def linear_decoder(columns):
    """A network that decodes z linearly with the given columns."""
    columns = np.asarray(columns, np.float32)
    architecture = Architecture(columns.shape[0], (columns.shape[1],), columns.shape[1], "relu")
    network = Autoencoder(architecture, nnx.Rngs(0))
    first, last = network.decoder.layers
    first.kernel[...] = jnp.eye(columns.shape[1])
    first.bias[...] = jnp.full(columns.shape[1], 30.0)  # in the linear part of relu
    last.kernel[...] = jnp.asarray(columns.T)
    last.bias[...] = jnp.zeros(columns.shape[0])
    return architecture, nnx.split(network)[1]


@pytest.mark.parametrize("kl_weight", [0.5, 2.0])
def test_factorisation_gap_of_a_linear_decoder(kl_weight):
    """Against the entropies of the posterior and of its best product, in closed form."""
    rng = np.random.default_rng(5)
    point_weights = rng.uniform(0.5, 2.0, (1, 6))
    spectra = Spectra(jnp.asarray(rng.random((3, 6))), jnp.asarray(point_weights))
    J = rng.normal(size=(6, 2))
    H = np.eye(2) + 2 / kl_weight * J.T @ np.diag(point_weights[0]) @ J
    expected = 0.5 * np.log(H[0, 0] * H[1, 1] / np.linalg.det(H))
    found = factorisation_gap(*linear_decoder(J), spectra, kl_weight)
    assert found == pytest.approx(expected, rel=1e-4)
    Q, _ = np.linalg.qr(J)
    orthogonal = factorisation_gap(
        *linear_decoder(Q / np.sqrt(point_weights.T) * [3.0, 0.5]), spectra, kl_weight
    )
    assert orthogonal == pytest.approx(0.0, abs=1e-5)


def test_tilted_axes_are_corrected():
    architecture, weights, spectra = linear_network(0.05, 0.0)
    active = np.array([True, True, False])
    aligned, is_made = align_axes(architecture, weights, spectra, 1.0, active)
    assert is_made
    networks = [nnx.merge(structure(architecture)[0], each) for each in (weights, aligned)]
    means = [np.asarray(network.encode(spectra.values)[0]) for network in networks]
    before, after = (spearmanr(mean[:, 0], mean[:, 1])[0] for mean in means)
    assert abs(before) > 0.05
    assert abs(after) < 2e-3
    for k in (0, 1):  # each goes back to its own factor
        before, after = (spearmanr(mean[:, k], spectra.values[:, k])[0] for mean in means)
        assert after > max(before, 0.999)
    for network, mean in zip(networks, means, strict=True):
        np.testing.assert_allclose(network.decode(mean), spectra.values, atol=1e-3)


def test_a_map_of_the_latents_that_costs_much_is_not_made():
    active = np.array([True, True, False])
    for shear, is_made in ((1e-3, True), (1.5, False)):
        architecture, weights, spectra = linear_network(0.0, 0.0)
        M = np.array([[1.0, shear], [0.0, 1.0]])
        found, done = turn_axes(architecture, weights, spectra, 1.0, active, M)
        codes = nnx.merge(structure(architecture)[0], found).encode(spectra.values)[0]
        before = linear_network(0.0, 0.0)[1]
        old = nnx.merge(structure(architecture)[0], before).encode(spectra.values)[0]
        expected = np.asarray(old)[:, :2] @ (M if is_made else np.eye(2))
        np.testing.assert_allclose(codes[:, :2], expected, rtol=1e-4, atol=1e-4)
        assert done == is_made
        assert same_bits(found, before) != is_made


def test_axes_of_a_constant_latent_are_left():
    architecture, weights, spectra = linear_network(0.05, 0.0)
    same = equal_weights(np.broadcast_to(spectra.values[:1], spectra.values.shape))
    found, is_made = align_axes(architecture, weights, same, 1.0, np.array([True, True, False]))
    assert not is_made
    assert same_bits(found, linear_network(0.05, 0.0)[1])


def test_axes_of_dependent_factors_are_left():
    architecture, weights, spectra = linear_network(0.0, 0.8)
    both, one = np.array([True, True, False]), np.array([True, False, False])
    untouched = linear_network(0.0, 0.8)[1]
    for active in (both, one):
        found, is_made = align_axes(architecture, weights, spectra, 1.0, active)
        assert not is_made
        assert same_bits(found, untouched)
