"""A further physical system is one folder: a resonant level goes through the whole pipeline.

The test adds the folder and a configuration to a copy of the workflow and changes no other file.
"""

import json
import sys
from subprocess import run

import numpy as np
import pytest
from running import copy_workflow, snakemake

from kondoflow.files.netcdf import read_dataset
from kondoflow.stage.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.workflow]

FOLDER = "scripts/kondoflow/systems/resonant_level"
DEFINITION = '''
"""A level of energy eps that decays into a wide band at the rate Gamma."""

from pathlib import Path

from kondoflow.files.contract import Variable, per_sample
from kondoflow.systems.interface import Parameter, System

SYSTEM = System(
    folder=Path(__file__).parent,
    title="Spectral functions of a resonant level",
    source="analytic",
    references="",
    parameters={
        "eps": Parameter(-10.0, 10.0, "eV", "energy of the level"),
        "Gamma": Parameter(1e-3, 10.0, "eV", "decay rate of the level"),
    },
    axes={"eps_over_Gamma": (-10.0, 10.0), "Gamma": (1e-3, 10.0)},
    quantities={
        "spectral_function": Variable(("sample", "omega"), "float32", "1", "pi Gamma A(omega)"),
        "omega": Variable(("omega",), "float64", "eV", "energy"),
        "filling": per_sample("1", "filling of the level at T = 0"),
    },
    windows=("filling",),
)
'''
COMPUTATION = '''
"""A Lorentzian."""

import time
from types import SimpleNamespace

import numpy as np

from kondoflow.systems.interface import VALID, Record


def parameters_of(axes):
    """The level stands in units of Gamma."""
    return {"eps": axes["eps_over_Gamma"] * axes["Gamma"], "Gamma": axes["Gamma"]}


def windows_of(parameters):
    """The filling can be restricted."""
    return {"filling": filling(parameters["eps"], parameters["Gamma"])}


def filling(eps, Gamma):
    """The weight of the Lorentzian below 0."""
    return 0.5 - np.arctan2(eps, Gamma) / np.pi


def settings_of(solver, omega):
    """The grid alone."""
    return SimpleNamespace(omega=np.linspace(-omega["max"], omega["max"], omega["n"]))


def prepare():
    """Nothing is compiled."""


def solve(point, settings):
    """One spectrum."""
    started = time.process_time()
    eps, Gamma = point["eps"], point["Gamma"]
    values = {
        "spectral_function": Gamma**2 / ((settings.omega - eps) ** 2 + Gamma**2),
        "filling": filling(eps, Gamma),
        "status": VALID,
    }
    return Record({**values, "cpu_seconds": time.process_time() - started})
'''
KNOWLEDGE = r"""
omega: {n: 81, max: 2.0}
parameters: [eps, Gamma]
descriptors: {log10_Gamma: log10(Gamma), filling: filling}
scale: log10_Gamma
inputs: {x: eps/Gamma, w: Gamma}
with_unit: [w]
targets: {level: eps}
references: {product: eps}
labels: {eps: $\epsilon$, Gamma: $\Gamma$, filling: filling of the level}
"""
SCHEMA = """
type: object
properties:
  accept:
    type: object
    additionalProperties: false
    properties: {filling: {type: array, minItems: 2, maxItems: 2, items: {type: number}}}
  omega:
    type: object
    additionalProperties: false
    required: [n, max]
    properties: {n: {type: integer, minimum: 2}, max: {type: number, exclusiveMinimum: 0}}
"""
USERS = """
ensembles:
  levels:
    system: resonant_level
    n_samples: 40
    chunk_size: 20
    sampling: sobol
    axes:
      eps_over_Gamma: {range: [-3.0, 3.0], scale: linear}
      Gamma: {range: [0.1, 0.5], scale: log}
    accept: {filling: [0.15, 0.85]}
    omega: {n: 61}
    split: {train: 0.8, validation: 0.1, test: 0.1}
autoencoder:
  {hidden: [32], n_latents: 3, epochs: 40, batch_size: 16, restarts: 1, refine_epochs: 10}
runs: [{name: vae, ensemble: levels}]
equations:
  {engines: [operon], max_length: 8, restarts: 2, population: 50, generations: 5, seconds: 20}
"""


def sources(folder):
    """Content of all files of a workflow but results, by path."""
    apart = {"results", "logs", "tests", "__pycache__"}
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path: (folder / path).read_bytes()
        for path in (path.relative_to(folder) for path in files)
        if not apart & set(path.parts) and not path.parts[0].startswith(".")
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the workflow with a further system, after a run."""
    target = tmp_path_factory.mktemp("third_system") / "workflow"
    copy_workflow(target, ignored=(".*", "results", "logs", "tests"))
    system = target / FOLDER
    system.mkdir()
    for name, text in (
        ("__init__.py", '"""A resonant level."""\n'),
        ("definition.py", DEFINITION),
        ("computation.py", COMPUTATION),
        ("system.yaml", KNOWLEDGE),
        ("schema.yaml", SCHEMA),
    ):
        (system / name).write_text(text.lstrip("\n"))
    (target / "levels.yaml").write_text(USERS)
    snakemake(target, "--configfile", "levels.yaml")
    return target


def test_no_file_outside_the_folder_is_touched(folder):
    before, after = sources(ROOT), sources(folder)
    own = {path for path in after if path.as_posix().startswith(FOLDER)}
    assert set(after) - own - set(before) == {path for path in after if path.name == "levels.yaml"}
    assert all(after[path] == before[path] for path in set(after) & set(before))


def test_spectra_are_those_of_the_new_system(folder):
    spectra = read_dataset(folder / "results/spectra/levels.nc")
    assert spectra.attrs["system"] == "resonant_level"
    assert spectra["spectral_function"].shape == (40, 61)
    eps, Gamma = spectra["eps"], spectra["Gamma"]
    exact = Gamma**2 / ((spectra["omega"] - eps) ** 2 + Gamma**2)
    np.testing.assert_allclose(spectra["spectral_function"], exact, rtol=1e-6)
    assert ((spectra["filling"] >= 0.15) & (spectra["filling"] <= 0.85)).all()
    assert spectra["Gamma"].attrs["units"] == "eV"


def test_all_stages_read_what_the_folder_says(folder):
    scores = json.loads((folder / "results/latents/levels/vae/scores.json").read_text())
    assert {"log10_Gamma", "filling"} == set(scores["descriptors"])
    found = json.loads((folder / "results/equations/levels/vae/verdict.json").read_text())
    assert "level" in {entry["target"] for entry in found["targets"]}
    page = (folder / "results/report/report.html").read_text()
    assert "Spectral functions of a resonant level" in page
    assert "filling of the level" in page


def test_what_the_schema_of_the_system_forbids_is_refused(folder):
    for change, key in (
        ("axes: {U: 1.0}", "ensembles.levels.axes"),
        ("accept: {gap: [0, 1]}", "ensembles.levels.accept"),
        ("omega: {n: 1}", "ensembles.levels.omega.n"),
        ("solver: {Lambda: 2.0}", "ensembles.levels.solver"),
    ):
        (folder / "wrong.yaml").write_text(f"ensembles: {{levels: {{{change}}}}}\n")
        files = ("--configfile", "levels.yaml", "wrong.yaml")
        refused = snakemake(folder, "-n", *files, check=False)
        assert refused.returncode != 0
        assert key in refused.stdout + refused.stderr


def test_its_points_are_solved_by_hand(folder, tmp_path):
    points, output = tmp_path / "points.csv", tmp_path / "spectra.nc"
    points.write_text("Gamma,eps\n0.2,0.1\n0.3,-0.1\n")
    command = [sys.executable, "scripts/solve_spectra.py", "--config", "levels.yaml"]
    run([*command, "--points", points, "--output", output], cwd=folder, check=True)
    solved = read_dataset(output)
    assert solved["filling"].to_numpy()[0] < 0.5
    assert solved.sizes["omega"] == 61
