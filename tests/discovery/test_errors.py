"""Where an equation holds."""

import dataclasses

import numpy as np
import pytest

from kondoflow.discovery.errors import error_map, errors_by_part
from kondoflow.discovery.judgement.front import jump


def test_errors_by_part_against_a_calculation_of_its_own(samples, targets):
    target = targets[2]
    rng = np.random.default_rng(1)
    formula = target.values + np.where(samples.region, 0.01, 0.5) * rng.normal(size=600)
    found = errors_by_part(formula, target, samples, logarithmic=True)
    inside, test = samples.region, samples.parts["test"]
    masks = {
        "train": inside & samples.parts["train"],
        "validation": inside & samples.parts["validation"],
        "test": inside & test,
        "outside": ~inside,
        "test_outside": ~inside & test,
    }
    assert found.keys() == masks.keys()
    for part, mask in masks.items():
        errors, y = (formula - target.values)[mask], target.values[mask]
        entry = found[part]
        assert entry["n"] == mask.sum()
        assert entry["undefined"] == 0
        assert entry["rms"] == pytest.approx(np.sqrt(np.mean(errors**2)))
        assert entry["largest"] == pytest.approx(np.abs(errors).max())
        assert entry["r2"] == pytest.approx(1 - np.mean(errors**2) / np.var(y))
        assert entry["largest_factor"] == pytest.approx(np.exp(np.abs(errors).max()))


def test_the_interval_of_r2_grows_as_samples_become_fewer(samples, targets):
    target = targets[2]
    rng = np.random.default_rng(1)
    formula = target.values + 0.3 * rng.normal(size=600)
    few = dataclasses.replace(
        samples, parts={**samples.parts, "test": samples.parts["test"] & (np.arange(600) % 4 == 0)}
    )
    widths = []
    for each in (samples, few):
        entry = errors_by_part(formula, target, each, logarithmic=False, seed=3)["test"]
        low, high = entry["r2_interval"]
        assert low < entry["r2"] < high
        widths.append((high - low) / (1 - entry["r2"]))
    assert widths[1] > 1.3 * widths[0]


def test_a_formula_without_values_has_no_errors(samples, targets):
    formula = np.where(samples.region, targets[2].values, np.nan)
    found = errors_by_part(formula, targets[2], samples, logarithmic=False)
    assert found["outside"] == {
        "n": 0,
        "undefined": int((~samples.region).sum()),
        "r2": None,
        "rms": None,
        "largest": None,
    }
    assert found["test"]["rms"] == 0


def test_the_map_finds_where_the_error_is(samples, targets):
    b = samples.inputs["b"]
    rng = np.random.default_rng(1)
    formula = targets[2].values + 0.2 * (b + 0.5) ** 2 * rng.normal(size=600)
    found = error_map(formula, targets[2], samples)
    assert "b" in (found["x"], found["y"])
    cells = np.array(found["rms"], dtype=float)
    along = cells if found["x"] == "b" else cells.T
    profile = np.nanmean(along, axis=0)
    assert profile[[0, -1]].min() > 2 * profile[3:5].max()
    assert np.sum(found["n"]) == 600
    some = dataclasses.replace(
        targets[2], values=np.where(np.arange(600) < 200, targets[2].values, np.nan)
    )
    coarse = error_map(formula, some, samples)
    assert np.isfinite(np.array(coarse["rms"], dtype=float)).mean() > 0.8
    few = dataclasses.replace(targets[2], values=np.where(np.arange(600) < 20, 1.0, np.nan))
    assert error_map(formula, few, samples) is None


def test_the_jump_says_why_an_equation_was_chosen():
    errors = {5: 1e-1, 11: 4e-3, 20: 2e-3, 29: 9e-4}
    front = [
        {"complexity": length, "score_validation": 1 - error} for length, error in errors.items()
    ]
    found = jump(front, 1, 0.1)
    assert found["before"]["gain"] == pytest.approx(25)
    assert found["before"]["asked"] == pytest.approx(np.exp(0.6))
    assert found["after"]["complexity"] == 20
    assert found["after"]["gain"] == pytest.approx(2)
    assert found["after"]["asked"] == pytest.approx(np.exp(0.9))
    assert jump(front, 0, 0.1)["before"] is None
    assert jump(front, 3, 0.1)["after"] is None
