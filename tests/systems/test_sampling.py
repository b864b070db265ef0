"""Sampling: ranges, acceptance windows, reproducibility, coverage."""

import copy

import numpy as np
import pytest

from kondoflow.files.errors import InputError
from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.anderson.kondo_scale import haldane_kondo_temperature, log_kondo_scale
from kondoflow.systems.sampling import furthest_points, sample_ensemble

LOW_FIELD = {**load_config()["ensembles"]["low_field"], "n_samples": 300}
FULL = {
    **load_config(ROOT / "workflow/presets/full.yaml")["ensembles"]["full"],
    "n_samples": 300,
}


def test_low_field_keeps_its_promises():
    points = sample_ensemble(LOW_FIELD, seed=1)
    U, Gamma, eps_d = (points[name] for name in ("U", "Gamma", "eps_d"))
    assert all(len(column) == 300 for column in points.values())
    assert U.min() >= 0.01
    assert U.max() <= 0.4
    assert Gamma.min() >= 0.005
    assert Gamma.max() <= 0.05
    log10_T_K = log_kondo_scale(U, Gamma, eps_d) / np.log(10)
    assert log10_T_K.min() >= -4
    assert log10_T_K.max() <= -1
    assert (points["B"] == 0).all()
    assert (points["T"] < 0.02 * 10**log10_T_K).all()
    asymmetry = U + 2 * eps_d
    assert 0.3 < np.mean(asymmetry > 0) < 0.7


def test_a_larger_ensemble_begins_with_the_smaller_one():
    small, large = (sample_ensemble({**LOW_FIELD, "n_samples": n}, seed=3) for n in (100, 5000))
    for name in small:
        np.testing.assert_array_equal(small[name], large[name][:100])


def test_the_seed_decides():
    first, again, other = (sample_ensemble(LOW_FIELD, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first["U"], again["U"])
    assert not np.array_equal(first["U"], other["U"])


def test_signed_fields_and_scale_window():
    points = sample_ensemble(FULL, seed=1)
    assert (points["B"] < 0).any()
    assert (points["B"] > 0).any()
    magnitude = np.abs(points["B"])
    assert magnitude.min() >= 1e-6
    assert magnitude.max() <= 0.1
    T_K = np.exp(log_kondo_scale(points["U"], points["Gamma"], points["eps_d"]))
    scale = np.maximum.reduce([T_K, points["T"], magnitude])
    assert scale.min() >= 1e-4
    assert scale.max() <= 0.1


def test_furthest_points_cover_better_than_chance():
    pool = np.random.default_rng(0).random((2000, 2))
    picked = pool[furthest_points(pool, 50)]
    chance = pool[:50]

    def hole(points):
        return np.min(np.linalg.norm(pool[:, None] - points[None], axis=2), axis=1).max()

    assert hole(picked) < 0.7 * hole(chance)
    assert len(np.unique(picked, axis=0)) == 50


def test_furthest_point_ensemble():
    points = sample_ensemble({**LOW_FIELD, "sampling": "furthest_point"}, seed=1)
    assert len(np.unique(points["U"])) == 300


def test_an_impossible_window_is_named():
    ensemble = copy.deepcopy(LOW_FIELD)
    ensemble["accept"] = {"log10_T_K": [-40.0, -30.0]}
    with pytest.raises(InputError) as caught:
        sample_ensemble(ensemble, seed=1)
    assert str(caught.value) == (
        "ensemble: accept = {'log10_T_K': [-40.0, -30.0]} is not usable: must be met by some of "
        "the box (it was met by 0 of 8192 points)"
    )


def test_haldane_is_undefined_outside_the_kondo_regime():
    T_K = haldane_kondo_temperature(0.1, 0.01, np.array([-0.11, -0.05, 0.0, 0.02]))
    assert np.isnan(T_K).tolist() == [True, False, True, True]
    assert T_K[1] == pytest.approx(np.sqrt(0.0005) * np.exp(-np.pi * 0.1 / 0.08))
