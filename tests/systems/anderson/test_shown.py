"""What is said before a run of spectra that the stored grid hides."""

import logging
import re

import numpy as np
import pytest

import solve_spectra
from kondoflow import solve
from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.anderson.computation import parameters_of, windows_of
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.settings import Settings
from kondoflow.systems.anderson.shown import LEAST_ENERGY, lowest_scale
from kondoflow.systems.anderson.z_average import diagonalise
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


@pytest.mark.parametrize(("Lambda", "n_keep"), [(7.0, 30), (3.0, 80), (2.0, 100)])
def test_few_states_are_told_before_and_after(Lambda, n_keep):
    meaning = find_system("anderson").meaning
    solver = {**BOX["solver"], "Lambda": Lambda, "n_keep": n_keep, "n_z": 2}
    box = {**BOX, "accept": {"log10_T_K": [-4, -1]}, "solver": solver}
    (line,) = meaning.remarks(box)
    assert line.startswith(f"solver.n_keep = {n_keep} with Lambda = {Lambda:g} is few: ")
    point = {"U": 0.1, "Gamma": 0.02, "eps_d": -0.05, "T": 1e-3, "omega": {"n_side": 12}}
    with pytest.warns(UserWarning, match="too few: states were discarded from") as told:
        solve(**point, Lambda=Lambda, n_keep=n_keep)
    advised = int(re.search("Choose n_keep: ([0-9]+) or more", str(told[0].message))[1])
    assert meaning.remarks({**box, "solver": {**solver, "n_keep": advised}}) == []
    enough = solve(**point, Lambda=Lambda, n_keep=advised, n_z=2)
    assert enough["truncation_energy"] > 6


def test_more_chains_are_no_harder_truncation():
    """One chain of many may discard low states without harm to the average."""
    point = {"U": 0.1, "Gamma": 0.02, "eps_d": -0.05, "T": 1e-2, "omega": {"n_side": 12}}
    energies = [float(solve(**point, n_z=n_z)["truncation_energy"][0]) for n_z in (4, 8)]
    assert min(energies) > 5.5


def test_the_energy_of_discarded_states():
    """Where no state is discarded there is none; the more are kept, the larger it is."""
    energies = []
    for n_keep in (40, 80, 200, 4096):
        settings = Settings.from_config({**BOX["solver"], "n_keep": n_keep}, BOX["omega"])
        raw = diagonalise(Impurity(U=0.1, Gamma=0.02, eps_d=-0.05, B=0.0, T=1.0), settings)
        energies.append(raw.truncation_energy)
    assert energies[:3] == sorted(energies[:3])
    assert energies[0] > LEAST_ENERGY
    assert np.isnan(energies[3])
    assert find_system("anderson").meaning.doubts({"truncation_energy": energies}, {}) == []


def test_a_job_tells_of_few_states(tmp_path, caplog):
    table = tmp_path / "points.csv"
    table.write_text("U,Gamma,eps_d,B,T\n0.1,0.02,-0.05,0,1e-3\n0.1,0.02,-0.04,0,1e-3\n")
    solver, omega = {**BOX["solver"], "n_keep": 30}, {**BOX["omega"], "n_side": 12}
    with caplog.at_level(logging.WARNING, "kondoflow"):
        solve_spectra.main(
            **{"points": table, "output": tmp_path / "spectra.nc", "threads": 1},
            **{"system": "anderson", "solver": solver, "omega": omega},
        )
    assert caplog.text.count("solver.n_keep = 30 with Lambda = 7 is too few") == 1


@pytest.mark.parametrize("preset", ["full", "fixed", "bethe", "paper"])
def test_no_remark_on_these_presets(preset):
    ensembles = load_config(ROOT / f"workflow/presets/{preset}.yaml")["ensembles"]
    for box in ensembles.values():
        assert find_system("anderson").meaning.remarks(box) == []
