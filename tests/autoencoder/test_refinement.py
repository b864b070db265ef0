"""The refinement of the decoder."""

import jax.numpy as jnp
import numpy as np
from flax import nnx
from small_runs import SMALL, same_bits, trainer, two_factors

from kondoflow.autoencoder.model import structure
from kondoflow.autoencoder.refinement import refine_decoder


def test_refinement_sharpens_and_leaves_the_codes():
    spectra = jnp.asarray(two_factors()[0])
    settings = {"epochs": 40, "batch_size": 50, "learning_rate": 5e-3, "seed": 1}
    weights = trainer().run(3).weights
    active = np.array([True, True, True, False])
    refined = refine_decoder(SMALL, weights, spectra, active, **settings)
    again = refine_decoder(SMALL, weights, spectra, active, **settings)
    assert same_bits(refined, again)
    graph, _ = structure(SMALL)
    before, after = (nnx.merge(graph, each) for each in (weights, refined))
    codes = before.encode(spectra)[0]
    np.testing.assert_array_equal(codes, after.encode(spectra)[0])
    errors = [float(jnp.mean((m.decode(codes) - spectra) ** 2)) for m in (before, after)]
    assert errors[1] < 0.5 * errors[0]
    moved = codes.at[:, 3].add(1.0)
    np.testing.assert_array_equal(after.decode(codes), after.decode(moved))
