"""Operon and PySR, each search of its own; where PySR takes part."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
import types

import numpy as np
import pytest
from impurities import SMALL, SYSTEM, problem, write_stage

import regress_pysr
from kondoflow.discovery.engines import pysr_arguments
from kondoflow.discovery.engines.availability import available_engines
from kondoflow.discovery.engines.interface import (
    EngineUnavailableError,
    SearchProblem,
    SearchSettings,
)
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.pysr import PySR, read_hall_of_fame
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Part
from kondoflow.files.atomic import read_json
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import is_nested
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rewriting import tidy
from kondoflow.stage.paths import ROOT


def test_operon_finds_a_planted_formula():
    rng = np.random.default_rng(2)
    X = rng.uniform(0.5, 2.0, (120, 3))
    y = X[:, 0] * X[:, 1] + np.log(X[:, 2])
    inputs = dict(zip("abc", X.T, strict=True))
    settings = SearchSettings(("add", "sub", "mul", "div", "log"), 10, 300, 40, 60.0)
    for objective, target in ((Objective.SQUARED_ERROR, y), (Objective.ISOTONIC, np.exp(3 * y))):
        posed = SearchProblem("planted", tuple("abc"), X, target, objective, settings, 3)
        found = Operon().search(posed)
        assert not found.timed_out
        part = Part(inputs, target)
        polished = [polish(parse(text, "key"), part, objective, 0.1) for text in found.equations]
        assert "a*b + log(c)" in {to_text(item) for item in polished if item}


def test_operons_isotonic_search_sees_only_the_order_of_the_target(samples, targets):
    posed = problem(samples, targets[0])
    mapped = dataclasses.replace(posed, y=np.exp(2 * posed.y) - 3)
    found = Operon().search(posed).equations
    assert found == Operon().search(mapped).equations
    assert found == Operon().search(posed).equations
    assert found != Operon().search(dataclasses.replace(posed, seed=6)).equations


def test_every_symbol_of_the_config_is_known_to_both_engines(samples, targets):
    symbols = ("add", "sub", "mul", "div", "log", "exp", "sqrt", "square")
    settings = SearchSettings(symbols, 12, 100, 5, 60.0)
    posed = problem(samples, targets[2], settings=settings)
    for text in Operon().search(posed).equations:
        assert tidy(parse(text, "key"))
    given = pysr_arguments.keywords(posed, ROOT)
    assert given["binary_operators"] == ["+", "-", "*", "/"]
    assert given["unary_operators"] == ["log", "exp", "sqrt", "square"]


def test_a_search_that_meets_its_time_limit_says_so(samples, targets):
    settings = SearchSettings(("add", "mul"), 20, 2000, 100_000, 1.0)
    for target in (targets[0], targets[2]):  # up to a monotone map, and as it stands
        started = time.monotonic()
        assert Operon().search(problem(samples, target, settings=settings)).timed_out
        assert time.monotonic() - started < 20


def test_pysrs_arguments_exist_in_the_installed_package():
    accepted = pysr_arguments.accepted_keywords()
    assert "niterations" in accepted
    assert "pysr" not in sys.modules
    pysr_arguments.check_keywords(accepted)
    older = ROOT / "tests/discovery/data/pysr_1.5.10.txt"  # arguments of that version
    pysr_arguments.check_keywords(older.read_text(encoding="utf-8").split())
    with pytest.raises(EngineUnavailableError) as caught:
        pysr_arguments.check_keywords(accepted - {"maxsize", "precision"})
    assert str(caught.value) == "this version of PySR lacks maxsize, precision"


def test_pysr_searches_are_deterministic_and_leave_their_files_in_one_place(samples, targets):
    given = pysr_arguments.keywords(problem(samples, targets[0]), ROOT / "results" / "pysr")
    assert (given["deterministic"], given["parallelism"]) == (True, "serial")
    assert given["precision"] == 32  # PySR compiles nothing else ahead
    assert given["random_state"] == 5
    assert given["output_directory"] == str(ROOT / "results" / "pysr")
    assert given["run_id"] == "search"
    assert given["optimizer_algorithm"] == "NelderMead"
    assert given["loss_function"].startswith("function isotonic(")
    assert given["loss_function"].endswith("\nend")
    assert given["loss_function"].count("\nfunction") == 0
    named = pysr_arguments.keywords(problem(samples, targets[2]), ROOT)
    assert named["loss_function"] is None
    pearson = problem(samples, targets[2], objective=Objective.PEARSON)
    assert pysr_arguments.keywords(pearson, ROOT)["loss_function"].startswith("function pearson(")


def test_a_recorded_hall_of_fame_is_read():
    found = read_hall_of_fame(ROOT / "tests/discovery/data/hall_of_fame.csv", ("a", "b", "c", "G"))
    assert found == [
        "G",
        "G - a",
        "log(G) - 0.21",
        "log(G) - a*0.2203421",
        "log(G) + (b + 1.0)*c*1.4189",
        "log(G) + (b + 0.99981)*c/0.6317 + log(a)*0.2",
        "square(a)*(-0.000661431) + (a*0.0471937 + (log(G) + c**2/a*1.5706))",
    ]


def test_a_table_that_is_none_is_named(tmp_path):
    path = tmp_path / "hall_of_fame.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(EngineUnavailableError, match=r"has no column Equation but \['a', 'b'\]$"):
        read_hall_of_fame(path, ("a",))


def test_pysr_is_run_and_read(samples, targets, tmp_path, monkeypatch):
    """The wiring alone: Julia's part is played by a recorded table."""

    class Recorded:
        def __init__(self, **given):
            self.folder = tmp_path / given["run_id"]

        def fit(self, X, y):
            assert X.shape == (y.size, 4)
            self.folder.mkdir()
            shutil.copy(ROOT / "tests/discovery/data/hall_of_fame.csv", self.folder)

    monkeypatch.setitem(sys.modules, "pysr", types.SimpleNamespace(PySRRegressor=Recorded))
    found = PySR(tmp_path).search(problem(samples, targets[0]))
    assert found.equations[0] == "G"
    assert not found.timed_out


def test_pysr_is_handed_the_dimensions_that_it_can_use(samples, targets):
    named = problem(samples, targets[2], dimensions=({}, {"energy": 1}, {"time": -2, "energy": 1}))
    assert pysr_arguments.units(named) == {"X_units": ["", "kg^(1)", "m^(-2)*kg^(1)"]}
    assert pysr_arguments.keywords(named, ROOT)["dimensional_constraint_penalty"] == 1000
    for other in (
        problem(samples, targets[2]),
        dataclasses.replace(named, objective=Objective.PEARSON),
        dataclasses.replace(named, dimensions=({"energy": 0.5},)),
    ):
        assert pysr_arguments.units(other) == {}
        assert pysr_arguments.keywords(other, ROOT)["dimensional_constraint_penalty"] is None


def test_pysr_searches_a_target_up_to_a_map_over_numbers_where_a_unit_fixes_the_map(
    tmp_path, monkeypatch
):
    class Recorded:
        def __init__(self, **given):
            self.folder = tmp_path / given["run_id"]
            assert given["loss_function"] is None

        def fit(self, X, y):
            assert X.shape == (y.size, 1)
            assert np.corrcoef(1 / X[:, 0], y)[0, 1] < -0.99
            self.folder.mkdir()
            table = "Complexity,Loss,Equation\n3,0.1,-1.0 / x0\n5,0.01,log(x0)*2.0\n"
            (self.folder / "hall_of_fame.csv").write_text(table)

    monkeypatch.setitem(sys.modules, "pysr", types.SimpleNamespace(PySRRegressor=Recorded))
    rng = np.random.default_rng(1)
    W, c = np.exp(rng.uniform(0, 4, 300)), rng.uniform(0.2, 1, 300)
    posed = SearchProblem(
        "gap",
        ("W", "c"),
        np.column_stack([W, c]),
        np.tanh(0.2 * np.log(W * np.exp(-1 / c))),
        Objective.ISOTONIC,
        SearchSettings(("add", "sub", "mul", "div", "log"), 10, 100, 1, 60.0),
        3,
        dimensions=({"energy": 1.0}, {}),
    )
    found = ("log(W) + -1.0/c", "W * (c)**(2.0)")
    assert PySR(tmp_path).search(posed).equations == found
    assert PySR(tmp_path).remains(posed).equations == found


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (
            RuntimeError("MethodError: no method\nStacktrace"),
            "RuntimeError: MethodError: no method",
        ),
        (None, "PySR left no hall_of_fame.csv"),
    ],
)
def test_a_search_in_which_julia_fails_is_no_result(
    raised, reason, samples, targets, tmp_path, monkeypatch
):
    class Failing:
        def __init__(self, **given):
            pass

        def fit(self, *_):
            if raised:
                raise raised

    monkeypatch.setitem(sys.modules, "pysr", types.SimpleNamespace(PySRRegressor=Failing))
    posed = problem(samples, targets[0])
    with pytest.raises(EngineUnavailableError) as refusal:
        PySR(tmp_path).search(posed)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("in_conda", "julia", "engines"),
    [(False, None, ["operon"]), (True, None, ["operon", "pysr"]), (False, "j", ["operon", "pysr"])],
)
def test_pysr_takes_part_where_there_is_a_julia(in_conda, julia, engines):
    found, message = available_engines(
        ["operon", "pysr"],
        in_conda=in_conda,
        environment={},
        which=lambda name: julia if name == "julia" else None,
        version=lambda _: (1, 10, 8),
    )
    assert found == engines
    assert (message is None) == ("pysr" in engines)
    assert available_engines(["operon"], in_conda=False, environment={}) == (["operon"], None)


def test_without_julia_the_result_says_why(table, tmp_path, monkeypatch):
    written = write_stage(tmp_path, table, np.zeros((600, 2)))
    monkeypatch.setenv("PYTHON_JULIACALL_EXE", "/opt/julia")
    monkeypatch.delenv("PYTHON_JULIACALL_PROJECT", raising=False)
    regress_pysr.main(
        spectra=written["spectra"],
        latents=[written["latents"]],
        found=tmp_path / "pysr.json",
        searches=tmp_path / "pysr",
        system=SYSTEM,
        equations=SMALL,
        seed=1,
        threads=1,
    )
    assert read_json(tmp_path / "pysr.json") == {
        "engine": "pysr",
        "available": False,
        "reason": "PYTHON_JULIACALL_EXE is set without PYTHON_JULIACALL_PROJECT; set both, or "
        "PYTHON_JULIAPKG_EXE alone",
        "targets": [],
        "attempt": 1,
    }


def test_operon_returns_nothing_nested(samples, targets):
    names = tuple(samples.inputs)
    X = np.column_stack([samples.inputs[name] for name in names])[:150]
    settings = SearchSettings(("add", "mul", "log"), 14, 100, 20, 60.0)
    problem = SearchProblem(
        "nested", names, X, targets[0].values[:150], Objective.ISOTONIC, settings, 1
    )
    found = [parse(text, "equation") for text in Operon().search(problem).equations]
    assert found
    assert not any(is_nested(equation) for equation in found)


@pytest.mark.slow
@pytest.mark.workflow
def test_a_run_says_once_that_pysr_is_missing_and_a_plan_does_not(tmp_path, table):
    if shutil.which("julia"):
        pytest.skip("this machine has a Julia")
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("scripts", "workflow", "envs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__py*"))
    folder = tmp_path / "results/models/own/vae"
    folder.mkdir(parents=True)
    (tmp_path / "results/spectra").mkdir()
    written = write_stage(tmp_path, table, np.zeros((600, 2)))
    shutil.move(written["spectra"], tmp_path / "results/spectra/own.nc")
    shutil.move(written["latents"], folder / "latents.nc")
    shutil.copy(tmp_path / "results/spectra/own.nc", tmp_path / "brought.nc")
    split = {"train": 0.8, "validation": 0.1, "test": 0.1}
    own = {"source": "file", "system": "small", "path": "brought.nc", "split": split}
    config = {
        "ensembles": {"own": own},
        "systems": {"small": {"parameters": ["U"], "descriptors": {"U": "U"}}},
        "runs": [{"name": "vae", "ensemble": "own"}],
    }
    (tmp_path / "small.yaml").write_text(json.dumps(config))
    target = "results/latents/own/vae/scores.json"
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "small.yaml"]
    command += ["--allowed-rules", "score_latents"]
    environment = {key: value for key, value in os.environ.items() if "JULIA" not in key}
    options = {"cwd": tmp_path, "env": environment, "text": True, "capture_output": True}
    planned = subprocess.run([*command, "-n", "--", target], check=True, **options)
    assert "PySR" not in planned.stdout + planned.stderr
    run = subprocess.run([*command, "--", target], check=False, **options)
    assert run.returncode == 0, run.stderr
    assert (run.stdout + run.stderr).count("PySR does not take part: no Julia found") == 1
