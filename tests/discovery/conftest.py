"""The table of impurities and what is asked of it."""

import numpy as np
import pytest
from impurities import SMALL, SYSTEM, encoded, impurities

from kondoflow.discovery.targets import read_samples, read_targets


@pytest.fixture(scope="module")
def table():
    return impurities()


@pytest.fixture(scope="module")
def samples(table):
    return read_samples(table, SYSTEM)


@pytest.fixture(scope="module")
def target(table):
    """The logarithm of T_chi."""
    return np.log(table["T_chi"].to_numpy())


@pytest.fixture(scope="module")
def targets(table, samples, target):
    """latent_0: a saturating function of log T_chi; latent_1: the asymmetry; log_T_chi itself."""
    asymmetry = (table["U"] + 2 * table["eps_d"]).to_numpy() / table["Gamma"].to_numpy()
    columns = [np.tanh(0.5 * (target - target.mean())), np.tanh(asymmetry / 10), 0 * target]
    latents = encoded(np.stack(columns, axis=1), table["split"].to_numpy())
    return read_targets(latents, samples, SYSTEM, SMALL)
