"""The shapes of the network."""

from itertools import pairwise

import jax
import numpy as np

from kondoflow.autoencoder.model import Architecture, initialise, starting_at, structure


def test_network_has_the_paper_s_layers():
    _, shapes = structure(Architecture(333, (240, 160, 80, 60), 10, "relu"))
    encoder, decoder = (333, 240, 160, 80, 60, 20), (10, 60, 80, 160, 240, 333)
    layers = [pair for widths in (encoder, decoder) for pair in pairwise(widths)]
    expected = sum((n_in + 1) * n_out for n_in, n_out in layers)
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes)) == expected == 275_073


def test_a_first_output_lies_about_any_spectrum():
    spectrum = np.array([0.1, 1.0, 50.0, 1000.0])
    architecture = Architecture(4, (3,), 1, "silu", "softplus")
    weights = starting_at(architecture, initialise(architecture, 0)[1], spectrum)
    bias = next(leaf for leaf in jax.tree.leaves(weights) if leaf.shape == (4,))
    np.testing.assert_allclose(jax.nn.softplus(bias), spectrum, rtol=1e-6)
