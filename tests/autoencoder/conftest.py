"""A trained model and a short training, made once for all tests of the autoencoder."""

import jax
import pytest
from small_runs import run, trainer, two_factors


@pytest.fixture(autouse=True)
def strict_shapes():
    with jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A run on spectra of two factors, and its folder."""
    folder = tmp_path_factory.mktemp("vae")
    return *run(folder, two_factors()[0]), folder


@pytest.fixture(scope="session")
def short():
    """A trainer of ten epochs, compiled once."""
    return trainer()
