"""The shapes of the network."""

from itertools import pairwise

import jax

from kondoflow.autoencoder.model import Architecture, structure


def test_network_has_the_paper_s_layers():
    _, shapes = structure(Architecture(333, (240, 160, 80, 60), 10, "relu"))
    encoder, decoder = (333, 240, 160, 80, 60, 20), (10, 60, 80, 160, 240, 333)
    layers = [pair for widths in (encoder, decoder) for pair in pairwise(widths)]
    expected = sum((n_in + 1) * n_out for n_in, n_out in layers)
    assert sum(leaf.size for leaf in jax.tree.leaves(shapes)) == expected == 275_073
