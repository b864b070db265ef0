"""The grids that a configuration is checked against are those on which spectra are stored."""

import numpy as np
import pytest

from kondoflow.stage.config import resolve_system
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.bcs.smearing import linear_grid
from kondoflow.systems.registry import find_system

STORED = {
    "anderson": lambda omega: stored_grid(omega["n_side"], omega["min"], omega["max"]),
    "bcs": lambda omega: linear_grid(omega["n_side"], omega["max"]),
}


@pytest.mark.parametrize("name", STORED)
def test_a_grid_is_that_of_the_spectra(name):
    omega = resolve_system(name, {})["omega"]
    grid = find_system(name).meaning.grid(omega)
    np.testing.assert_allclose(grid, STORED[name](omega), rtol=1e-12)
