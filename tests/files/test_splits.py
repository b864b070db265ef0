"""Samples that are given several times are in one part of the split."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from stage.refusals import refused

from kondoflow.files.brought.reading import Brought
from kondoflow.files.importing import usable_set
from kondoflow.files.splits import assign_distinct, assign_split
from kondoflow.stage.config import load_config
from kondoflow.systems.anderson.definition import SYSTEM
from kondoflow.systems.collection import complete_set

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_equal_samples_are_in_one_part(repeats):
    rng = np.random.default_rng(0)
    rows = rng.permutation(np.repeat(rng.random((20, 3)), repeats, axis=0))
    split = assign_distinct(rows, FRACTIONS, 1)
    assert set(split) == {0, 1, 2}
    for row in np.unique(rows, axis=0):
        assert len(set(split[(rows == row).all(axis=1)])) == 1
    if repeats == 1:
        assert split.tolist() == assign_split(20, FRACTIONS, 1).tolist()


def test_too_few_different_samples_are_named():
    with refused("spectra", "distinct samples", 2, "at least one for each part of the split"):
        assign_distinct(np.repeat([[0.0], [1.0]], 5, axis=0), FRACTIONS, 1)
    with refused("spectra", "distinct samples", 2, "at least one for each part of the split"):
        assign_distinct(np.array([[-0.0], [0.0], [1.0]]), FRACTIONS, 1)


def test_points_and_spectra_of_users_that_stand_twice(monkeypatch):
    rng = np.random.default_rng(0)
    spectra = np.repeat(rng.random((12, 5)), 2, axis=0)
    dataset = xr.Dataset(
        {"spectral_function": (("sample", "omega"), spectra)}, {"omega": np.linspace(-1, 1, 5)}
    )
    found, _ = usable_set(Brought(dataset, []), {"split": FRACTIONS}, 3, Path("own.nc"))
    assert np.array_equal(found["split"][::2], found["split"][1::2])
    # Solved points: what makes a sample are its parameters.
    monkeypatch.setattr("kondoflow.systems.collection.check", lambda *_: None)
    values = {name: ("sample", np.repeat(rng.random(12), 2)) for name in SYSTEM.parameters}
    own = load_config()["ensembles"]["low_field"]["split"]
    split = complete_set(SYSTEM, dataset.assign(values), own, 3, "set")["split"]
    assert np.array_equal(split[::2], split[1::2])
