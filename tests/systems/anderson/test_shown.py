"""What is said before a run of spectra that the stored grid hides."""

import numpy as np
import pytest

from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.anderson.computation import parameters_of, windows_of
from kondoflow.systems.anderson.shown import lowest_scale
from kondoflow.systems.registry import find_system
from kondoflow.systems.sampling import sample_ensemble

BOX = {
    **load_config()["ensembles"]["low_field"],
    "n_samples": 4096,
    "accept": {},
}


@pytest.mark.parametrize(
    "axes",
    [
        {},
        {"T": 1e-3},
        {"eps_d_over_U": {"range": [-0.4, 0.1], "scale": "linear"}},
        {"eps_d_over_U": 0.3, "B": {"range": [1e-3, 0.1], "scale": "signed_log"}},
    ],
)
def test_lowest_scale_of_a_box(axes):
    """No sample lies below it, and some come near, as they do in its corners."""
    box = {**BOX, "axes": {**BOX["axes"], **axes}}
    points = sample_ensemble(box, 1)
    drawn = {**points, "eps_d_over_U": points["eps_d"] / points["U"]}
    log10_scale = windows_of(parameters_of(drawn))["log10_scale"]
    lowest = np.log10(lowest_scale(box))
    assert lowest <= log10_scale.min()
    assert log10_scale.min() < lowest + 1.5


def test_windows_count():
    assert lowest_scale({**BOX, "accept": {"log10_scale": [-2.5, 0]}}) == pytest.approx(10**-2.5)
    pseudogap = {**BOX, "accept": {"log10_T_K": [-4, -1]}, "solver": {"bath": {"exponent": 0.4}}}
    assert lowest_scale(pseudogap) == BOX["axes"]["T"]


def test_remark():
    remarks = find_system("anderson").meaning.remarks
    assert remarks({**BOX, "accept": {"log10_T_K": [-4, -1]}}) == []
    (line,) = remarks(BOX)
    assert "goes down to 1e-06 D" in line
    assert "begins at 4e-06 D" in line
    assert remarks({**BOX, "omega": {**BOX["omega"], "min": 1e-7}}) == []


@pytest.mark.parametrize("preset", ["full", "fixed", "bethe", "paper"])
def test_no_remark_on_these_presets(preset):
    ensembles = load_config(ROOT / f"workflow/presets/{preset}.yaml")["ensembles"]
    for box in ensembles.values():
        assert find_system("anderson").meaning.remarks(box) == []
