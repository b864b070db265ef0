"""The superconductor as a computed system."""

import numpy as np
import pytest

from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.bcs.contract import Status
from kondoflow.systems.registry import find_computation, find_system
from kondoflow.systems.sampling import sample_ensemble
from kondoflow.systems.solving import solve_all

POINT = {"coupling": 0.3, "omega_D": 20.0, "T": 0.1, "dynes": 0.05}
GRID = {"n_side": 200, "max": 6.0}


@pytest.fixture
def bcs():
    return find_computation("bcs")


@pytest.fixture
def ensemble():
    preset = load_config(ROOT / "workflow/presets/bcs.yaml")
    return preset["ensembles"]["tunnelling"]


def test_a_solution_holds_what_the_contract_asks_for(bcs):
    settings = bcs.settings_of({"max_invalid": 0.01}, GRID)
    values = bcs.solve(POINT, settings).values
    assert set(values) == set(find_system("bcs").solved)
    assert values["spectral_function"].shape == settings.omega.shape == (401,)
    assert values["status"] == Status.VALID
    assert values["gap"] < values["gap_0"] == pytest.approx(20 / np.sinh(1 / 0.3), rel=1e-12)
    assert values["gap_ratio"] == pytest.approx(3.532, abs=1e-3)
    assert values["zero_bias"] == pytest.approx(values["spectral_function"][200], abs=1e-3)


def test_a_normal_metal_is_set_apart(bcs):
    values = bcs.solve({**POINT, "T": 2.0}, bcs.settings_of({}, GRID)).values
    assert values["status"] == Status.NORMAL
    assert values["gap"] == 0
    np.testing.assert_allclose(values["spectral_function"], 1.0, atol=1e-12)
    assert values["gap_0"] > 1


def test_solutions_are_the_same_in_any_number_of_processes(bcs):
    settings = bcs.settings_of({}, GRID)
    points = [{**POINT, "T": T} for T in (0.05, 0.1, 0.2)]
    one, two = (dict(solve_all("bcs", points, settings, n)) for n in (1, 2))
    for index in range(3):
        for name, value in one[index].values.items():
            if name != "cpu_seconds":
                np.testing.assert_array_equal(value, two[index].values[name])


def test_the_gap_of_all_accepted_samples_lies_on_the_grid(ensemble, bcs):
    parameters = sample_ensemble(ensemble, 3)
    windows = bcs.windows_of(parameters)
    low, high = ensemble["accept"]["log10_gap"]
    assert (windows["log10_gap"] >= low).all()
    assert (windows["log10_gap"] <= high).all()
    assert (windows["T_over_T_c"] < 1).all()
    assert 10**high < 0.6 * ensemble["omega"]["max"]
    assert 10**low > 10 * ensemble["omega"]["max"] / ensemble["omega"]["n_side"]


def test_gap_and_width_vary_independently_in_the_preset(ensemble, bcs):
    parameters = sample_ensemble(ensemble, 3)
    gap = bcs.windows_of(parameters)["log10_gap"]
    width = np.log10(parameters["dynes"] + 2 * parameters["T"])
    assert abs(np.corrcoef(gap, width)[0, 1]) < 0.1


def test_windows_are_those_of_the_solution(bcs):
    values = bcs.solve(POINT, bcs.settings_of({}, GRID)).values
    windows = bcs.windows_of({name: np.array([value]) for name, value in POINT.items()})
    assert windows["log10_gap"][0] == pytest.approx(np.log10(values["gap"]), rel=1e-12)
    assert windows["T_over_T_c"][0] == pytest.approx(POINT["T"] / values["T_c"], rel=1e-12)
