"""Equations: searches, selection, refitting and judgement, on tables whose formula is known."""

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import types

import numpy as np
import pytest
import xarray as xr

import judge_equations
import regress_pysr
from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.engines import pysr as pysr_engine
from kondoflow.discovery.engines.availability import available_engines
from kondoflow.discovery.engines.interface import (
    EngineUnavailableError,
    SearchProblem,
    SearchSettings,
)
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.pysr import PySR, read_hall_of_fame
from kondoflow.discovery.fitting import refit
from kondoflow.discovery.headline import write_headline
from kondoflow.discovery.judgement import Thresholds, count_recovered, judge, read_references
from kondoflow.discovery.objectives import Objective, fit_map, loss
from kondoflow.discovery.polishing import polish
from kondoflow.discovery.regression import regress
from kondoflow.discovery.searches import plan
from kondoflow.discovery.selection import Candidate, Part, assess, pareto_front, select
from kondoflow.discovery.targets import (
    latent_targets,
    read_samples,
    read_targets,
    reason_to_skip,
    shuffled,
)
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.splits import assign_split
from kondoflow.formulas.algebra import constants_of, is_nested, tidy
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.expressions import parse, to_text
from kondoflow.formulas.units import FACTOR, is_homogeneous
from kondoflow.stage.config import ROOT, load_config

CONFIG = load_config()
SYSTEM = CONFIG["systems"]["anderson"]
SMALL = {
    **CONFIG["equations"],
    "restarts": 2,
    "n_points": 150,
    "population": 100,
    "generations": 20,
    "max_length": 12,
}


def impurities(n=600, seed=1):
    """A table of impurities with T_chi = Haldane's T_K times exp(pi Gamma/(2 U))."""
    rng = np.random.default_rng(seed)
    U, Gamma = 0.02 * 20 ** rng.random(5 * n), 0.005 * 10 ** rng.random(5 * n)
    eps_d = U * rng.uniform(-1.0, 0.0, 5 * n)
    log_T = np.log(U * Gamma / 2) / 2 + np.pi * eps_d * (eps_d + U) / (2 * U * Gamma)
    kept = np.flatnonzero((log_T > np.log(1e-4)) & (log_T < np.log(1e-1)))[:n]
    U, Gamma, eps_d, log_T = (values[kept] for values in (U, Gamma, eps_d, log_T))
    dims = "sample"
    split = assign_split(n, {"train": 0.7, "validation": 0.15, "test": 0.15}, seed)
    return xr.Dataset(
        {
            "U": (dims, U),
            "Gamma": (dims, Gamma),
            "eps_d": (dims, eps_d),
            "T_chi": (dims, np.exp(log_T + np.pi * Gamma / (2 * U))),
            "split": (dims, split),
        }
    )


def encoded(mean, split):
    """Latents of some samples, all but the last active."""
    n, n_latents = mean.shape
    values = {
        "mean": mean,
        "log_variance": np.zeros((n, n_latents)),
        "kl": np.arange(n_latents, 0, -1.0),
        "active": np.r_[np.ones(n_latents - 1), 0],
        "reconstruction_error": np.ones(n),
        "absolute_error": np.ones(n),
        "split": split,
        "omega": np.linspace(-1, 1, 5),
        "step": [0.0],
        "traversal": np.zeros((n_latents, 1, 5)),
        "example": [0],
        "example_input": np.zeros((1, 5)),
        "example_reconstruction": np.zeros((1, 5)),
    }
    return assemble(values, LATENTS, {"title": "test"})


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


# What is asked.


def test_targets_are_the_active_latents_and_those_of_the_system(targets):
    assert [(target.name, target.objective) for target in targets] == [
        ("latent_0", Objective.ISOTONIC),
        ("latent_1", Objective.ISOTONIC),
        ("log_T_chi", Objective.SQUARED_ERROR),
    ]


def test_the_configuration_may_choose_among_the_active_latents(table, samples, targets):
    columns = np.stack([target.values for target in targets], axis=1)
    latents = encoded(columns, table["split"].to_numpy())
    chosen = latent_targets(latents, samples, {**SMALL, "latents": [1, 2, 7]})
    assert [target.name for target in chosen] == ["latent_1"]
    assert latent_targets(latents, samples, {**SMALL, "latents": []}) == []


def test_without_inputs_the_parameters_are_used(table):
    samples = read_samples(table, {"parameters": ["U", "eps_d"], "descriptors": {"U": "U"}})
    assert list(samples.inputs) == ["U", "eps_d"]
    assert samples.region.all()
    np.testing.assert_array_equal(samples.inputs["eps_d"], table["eps_d"])


def test_a_parameter_that_the_data_lack_is_named(table):
    with pytest.raises(InputError) as caught:
        read_samples(table, {"parameters": ["U", "J"], "descriptors": {"U": "U"}})
    assert str(caught.value) == (
        "config: parameters.J = 'J' is not usable: must be a formula over Gamma, T_chi, U, eps_d; "
        "unknown: J"
    )


def test_latents_of_other_samples_are_refused(table, samples):
    latents = encoded(np.zeros((9, 2)), table["split"].to_numpy()[:9])
    with pytest.raises(InputError, match=r"latents: number of samples = 9 is not usable: must be"):
        read_targets(latents, samples, SYSTEM, SMALL)


def test_hopeless_targets_are_skipped_with_a_reason(targets, samples):
    constant = dataclasses.replace(targets[0], values=np.ones(600))
    assert reason_to_skip(constant, samples) == "the target does not vary in the region"
    rare = dataclasses.replace(targets[0], values=np.where(np.arange(600) < 30, 1.0, np.nan))
    reason = reason_to_skip(rare, samples)
    assert reason.endswith("samples in the region, at least 20 and 3 are needed")
    assert reason_to_skip(targets[0], samples) is None


# Losses, refitting, selection.


@pytest.mark.parametrize("objective", Objective)
def test_a_loss_is_blind_to_the_maps_of_its_family(target, objective):
    f = target + 0.1 * np.sin(40 * target)
    expected = loss(objective, f, target)
    maps = {
        Objective.ISOTONIC: [np.exp, lambda x: -(x**3), lambda x: 2 - 3 * x],
        Objective.PEARSON: [lambda x: 2 - 3 * x],
        Objective.SQUARED_ERROR: [lambda x: x],
    }
    assert 1e-5 < expected < 0.1
    for change in maps[objective]:
        assert loss(objective, change(f), target) == pytest.approx(expected, rel=1e-9)
    if objective is not Objective.ISOTONIC:
        assert loss(objective, np.exp(f), target) > 10 * expected
    assert loss(objective, np.where(f > f.mean(), np.nan, f), target) == np.inf
    assert fit_map(objective, target, target)(target) == pytest.approx(target)


@pytest.mark.parametrize(
    ("objective", "distort"),
    [
        (Objective.SQUARED_ERROR, lambda x: x),
        (Objective.PEARSON, lambda x: 5 - 2 * x),
        (Objective.ISOTONIC, lambda x: np.tanh(0.4 * (x + 5))),
    ],
)
def test_constants_are_found_again(samples, target, objective, distort):
    values = samples.select(samples.region)
    text = "log(G) + 0.3*log(a) + 1.3*c*(b + 1) + 1.0/a"
    if objective is Objective.SQUARED_ERROR:
        text += " - 0.5"
    found = refit(parse(text, "key"), values, distort(target[samples.region]), objective)
    prefactor, exponent, factor = constants_of(found)[:3]
    tolerance = 0.02 if objective is Objective.ISOTONIC else 1e-4
    assert prefactor == pytest.approx(0.5, abs=2 * tolerance)
    assert exponent == pytest.approx(np.pi / 2, abs=tolerance)
    assert factor == pytest.approx(np.pi / 2, abs=20 * tolerance)


def test_polishing_finds_integers_and_drops_what_says_nothing(samples):
    region = samples.region
    y = (np.log(samples.inputs["G"]) + 1.5 * samples.inputs["b"])[region]
    part = Part(samples.select(region), y)
    evolved = parse("1.02*log(950.0*G) + 1.4*(b + 0.003*a) - 6.7", "key")
    found = polish(evolved, part, Objective.SQUARED_ERROR, 0.1)
    assert to_text(found) in ("1.5*b + log(G)", "log(G) + 1.5*b")
    assert polish(parse("log(-2.0)*a", "key"), part, Objective.SQUARED_ERROR, 0.1) is None
    isotonic = polish(evolved, Part(part.inputs, np.exp(y)), Objective.ISOTONIC, 0.1)
    assert re.fullmatch(r"1\.\d+\*b \+ log\(G\)", to_text(isotonic))
    assert constants_of(isotonic) == pytest.approx([1.5], abs=0.02)


def test_candidates_are_scored_on_each_part(samples, targets):
    target = targets[2]
    parts = {
        name: Part(samples.select(mask & samples.region), target.values[mask & samples.region])
        for name, mask in samples.parts.items()
    }
    good = assess(parse("log(G) + 1.57*c*(b + 1) + 0.7", "key"), parts, Objective.PEARSON)
    assert good.complexity == 14
    assert 0 < good.train < 0.02
    assert good.validation == pytest.approx(good.train, rel=1.0)
    assert good.test == pytest.approx(good.train, rel=1.0)
    assert assess(parse("log(b)", "key"), parts, Objective.PEARSON) is None


def candidate(length, validation):
    return Candidate(parse(f"x + {float(length)}", "key"), length, validation, validation, 0.0)


def test_selection_weighs_error_against_length():
    pooled = [candidate(*pair) for pair in [(1, 0.5), (5, 0.2), (5, 0.1), (7, 0.3), (9, 0.0999)]]
    front = pareto_front(pooled)
    assert [(item.complexity, item.validation) for item in front] == [(1, 0.5), (5, 0.1)]
    steps = [candidate(*pair) for pair in [(1, 0.5), (5, 0.1), (9, 0.01), (20, 0.009)]]
    assert select(steps, 0.1) == 2
    assert select(steps, 1.0) == 0
    assert select(steps, 0.0) == 3


# Engines.


def problem(samples, target, **changes):
    train = samples.usable(target) & samples.parts["train"]
    names = tuple(samples.inputs)
    given = {
        "label": "search",
        "names": names,
        "X": np.column_stack([samples.inputs[name][train] for name in names]),
        "y": target.values[train],
        "objective": target.objective,
        "settings": SearchSettings.from_config(SMALL),
        "seed": 5,
    }
    return SearchProblem(**{**given, **changes})


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
    given = pysr_engine.keywords(posed, ROOT)
    assert given["binary_operators"] == ["+", "-", "*", "/"]
    assert given["unary_operators"] == ["log", "exp", "sqrt", "square"]


def test_a_search_that_meets_its_time_limit_says_so(samples, targets):
    settings = SearchSettings(("add", "mul"), 20, 2000, 100_000, 1.0)
    for target in (targets[0], targets[2]):
        assert Operon().search(problem(samples, target, settings=settings)).timed_out


def test_pysrs_arguments_exist_in_the_installed_package():
    accepted = pysr_engine.accepted_keywords()
    assert "niterations" in accepted
    assert "pysr" not in sys.modules
    pysr_engine.check_keywords(accepted)
    with pytest.raises(EngineUnavailableError) as caught:
        pysr_engine.check_keywords(accepted - {"maxsize", "precision"})
    assert str(caught.value) == "this version of PySR lacks maxsize, precision"


def test_pysr_searches_are_deterministic_and_leave_their_files_in_one_place(samples, targets):
    given = pysr_engine.keywords(problem(samples, targets[0]), ROOT / "results" / "pysr")
    assert (given["deterministic"], given["parallelism"]) == (True, "serial")
    assert given["random_state"] == 5
    assert given["output_directory"] == str(ROOT / "results" / "pysr")
    assert given["run_id"] == "search"
    assert given["optimizer_algorithm"] == "NelderMead"
    assert given["loss_function"].startswith("function isotonic(")
    assert given["loss_function"].endswith("\nend")
    assert given["loss_function"].count("\nfunction") == 0
    named = pysr_engine.keywords(problem(samples, targets[2]), ROOT)
    assert named["loss_function"] is None
    pearson = problem(samples, targets[2], objective=Objective.PEARSON)
    assert pysr_engine.keywords(pearson, ROOT)["loss_function"].startswith("function pearson(")


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
    assert json.loads((tmp_path / "pysr.json").read_text()) == {
        "engine": "pysr",
        "available": False,
        "reason": "PYTHON_JULIACALL_EXE is set without PYTHON_JULIACALL_PROJECT; set both, or "
        "PYTHON_JULIAPKG_EXE alone",
        "targets": [],
        "attempt": 1,
    }


# Ensembles of searches.


def write_stage(folder, table, mean):
    spectra = table.assign(
        spectral_function=(("sample", "omega"), np.ones((600, 5), np.float32)),
        omega=("omega", np.linspace(-1, 1, 5)),
    )
    write_dataset(folder / "spectra.nc", spectra)
    write_dataset(folder / "latents.nc", encoded(mean, table["split"].to_numpy()))
    return {"spectra": folder / "spectra.nc", "latents": folder / "latents.nc"}


def test_nested_functions_are_told_from_repeated_ones():
    assert is_nested(parse("log(a + log(b))", "test"))
    assert is_nested(parse("a*exp(b/log(a))", "test"))
    assert not is_nested(parse("log(a) + c*log(b)*exp(a)", "test"))


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log(G) + 1.2*c*(b + 1)", True),
        ("0.9*log(G) - a", True),
        ("G*(a + b**2)", True),
        ("a*b/c", True),
        ("c*(b + 1)/G**2", True),
        ("log(G + 0.003) + c", False),
        ("G + a", False),
        ("log(G) + 1e-2*G*a", False),
        ("(G + 0.06)*(log(G) + c)", False),
    ],
)
def test_equations_are_held_to_their_units(samples, text, expected):
    equation = parse(text, "test")
    scaled = {**samples.inputs, "G": FACTOR * samples.inputs["G"]}
    assert (
        is_homogeneous(evaluate(equation, samples.inputs), evaluate(equation, scaled)) == expected
    )


def test_shuffling_permutes_the_values_of_each_part(samples, targets):
    target = targets[2]
    null = shuffled(target, samples, 5)
    usable = samples.usable(target)
    for part in samples.parts.values():
        kept = np.sort(target.values[usable & part])
        np.testing.assert_array_equal(np.sort(null.values[usable & part]), kept)
    assert abs(np.corrcoef(target.values[usable], null.values[usable])[0, 1]) < 0.2
    np.testing.assert_array_equal(null.values, shuffled(target, samples, 5).values)
    assert (null.values != shuffled(target, samples, 6).values).any()


def test_the_budget_of_a_target_is_shared_by_its_searches(samples, targets):
    equations = {**SMALL, "seconds": 30, "restarts": 4, "null_restarts": 2}
    tasks = plan(targets[0], samples, equations, 1) + plan(
        targets[0], samples, equations, 1, null=True
    )
    assert [task.problem.settings.seconds for task in tasks] == [5.0] * 6
    assert len({task.problem.seed for task in tasks}) == 6


@pytest.mark.slow
def test_a_search_on_shuffled_targets_recovers_nothing(samples, targets):
    """The whole procedure where there is nothing to be found, beside the same where there is."""
    equations = {**SMALL, "restarts": 1, "generations": 40}
    found = regress(Operon(), [targets[0]], samples, equations, 3, 2)["targets"][0]
    real = found["front"][found["selected"]]
    null = found["null"]["front"][found["null"]["selected"]]
    assert real["score_validation"] > 0.7
    assert null["score_validation"] < 0.2
    recovered = count_recovered(
        [null], read_references(SYSTEM, samples), targets[0], samples, Thresholds(0.005, 0.1)
    )
    assert set(recovered.values()) == {0}


@pytest.mark.slow
def test_the_number_of_processes_changes_nothing(samples, targets):
    constant = dataclasses.replace(targets[1], values=np.ones(600))
    asked = [targets[0], constant, targets[2]]
    found = [regress(Operon(), asked, samples, SMALL, 11, processes) for processes in (1, 2)]
    for result in found:
        for entry in result["targets"]:
            entry.pop("seconds")
            null = entry["null"] or {"restarts": []}
            null.pop("seconds", None)
            for restart in entry["restarts"] + null["restarts"]:
                restart.pop("seconds")
    assert found[0] == found[1]

    latent, skipped, named = found[0]["targets"]
    assert skipped["skipped"] == "the target does not vary in the region"
    assert (skipped["front"], skipped["selected"], skipped["restarts"]) == ([], None, [])
    for entry in (latent, named):
        assert len({restart["seed"] for restart in entry["restarts"]}) == 2
        assert entry["versions"]["pyoperon"]
        chosen = entry["front"][entry["selected"]]
        assert set(chosen) >= {
            "equation",
            "equation_inputs",
            "complexity",
            "score_train",
            "score_validation",
        }
        assert chosen["score_validation"] > 0.7
        complexities = [item["complexity"] for item in entry["front"]]
        assert complexities == sorted(complexities)


# Judgement.

TRUE = "log(G) + log(a)/2 + 1.5708*c*(b + 1) + 1.5708/a"
CASES = {
    TRUE: {"haldane", "haldane_bethe"},
    "log(G) + log(a)/2 + 1.5708*c*(b + 1)": {"haldane", "haldane_bethe"},
    "log(G) + 0.2*log(a) + 1.58*c*(b + 1)": {"haldane_bethe"},
    "log(G) + log(a)/2 + 1.4*c*(b + 1)": set(),  # close in value, the coefficient is 11 % off
    "log(G) + 1.2*c*(b + 1)": set(),  # another prefactor, half made up for by the coefficient
    "log(G) + 2.0*c*(b + 1)": set(),
    "1.57*c*(b + 1)": {"exponent"},  # the original study's formula: no prefactor
    "log(G) - 0.22*a": set(),
    "a + 2*c": {"asymmetry"},
}


@pytest.mark.parametrize("objective", [Objective.ISOTONIC, Objective.SQUARED_ERROR])
@pytest.mark.parametrize("text", CASES)
def test_hand_made_equations_are_judged(samples, targets, text, objective):
    target = dataclasses.replace(targets[2], objective=objective)
    thresholds = Thresholds(residual=0.003, constants=0.08)
    if objective is Objective.SQUARED_ERROR:
        text = text.replace("log(G) +", "log(G) - 0.34657 +")
    equation = {"equation": "U", "equation_inputs": text, "score_validation": 0.9}
    found = judge(target, equation, read_references(SYSTEM, samples), samples, thresholds, {}, 3)[
        "references"
    ]
    absolute = objective is Objective.SQUARED_ERROR
    expected = CASES[text.replace("log(G) - 0.34657 +", "log(G) +")]
    if absolute:
        # A coefficient of its own must be right as well: 1.57 q is no q.
        expected = expected - {"exponent"}
    assert {name for name, item in found.items() if item["recovered"]} == expected
    for item in found.values():
        assert item["recovered_below"] == 0.003
        assert item["residual"]["map"] == ("affine" if absolute else "monotone")
        assert item["residual"]["monotone"]["inside"] <= item["residual"]["affine"]["inside"] + 1e-9
    if text.endswith("1.5708/a"):
        exact = found["haldane_bethe"]
        assert exact["residual"]["inside"] < 1e-8
        assert exact["residual"]["outside"] < 1e-8
        assert exact["isotonic_r2"] > 0.999
        for term in exact["constants"]:
            assert term["in_equation"] == pytest.approx(1, abs=0.02)
            assert term["in_target"] == pytest.approx(1, abs=0.02)


def test_a_formula_of_noise_recovers_nothing(samples, targets):
    noise = np.random.default_rng(0).normal(size=600)
    target = dataclasses.replace(targets[0], values=noise)
    equation = {"equation": "U", "equation_inputs": TRUE, "score_validation": -0.1}
    thresholds = Thresholds(residual=0.003, constants=0.08)
    references = read_references(SYSTEM, samples)
    found = judge(target, equation, references, samples, thresholds, {}, 3)["references"]
    assert not any(item["recovered"] for item in found.values())
    assert found["haldane_bethe"]["isotonic_r2"] < 0.2


SCORES = {
    "active_latents": [0, 1],
    "descriptors": {
        "log10_T_chi": {
            "0": {"pearson": 0.97, "spearman": 0.999, "isotonic_r2": 0.998, "n": 90},
            "1": {"pearson": 0.1, "spearman": -0.2, "isotonic_r2": None, "n": 90},
        }
    },
}


def judged(tmp_path, table, system, entries):
    log_T = np.log(table["T_chi"].to_numpy())
    written = write_stage(tmp_path, table, np.stack([np.tanh(log_T + 5), 0 * log_T], axis=1))
    (tmp_path / "scores.json").write_text(json.dumps(SCORES))
    engine = {"engine": "operon", "available": True, "reason": None, "targets": entries}
    (tmp_path / "operon.json").write_text(json.dumps(engine))
    judge_equations.main(
        **written,
        scores=tmp_path / "scores.json",
        found=[tmp_path / "operon.json"],
        verdict=tmp_path / "verdict.json",
        system=system,
        equations=SMALL,
        seed=1,
    )
    return json.loads((tmp_path / "verdict.json").read_text())


def entry_of(target, equation, equation_inputs, skipped=None):
    scores = {"score_train": 0.999, "score_validation": 0.998, "score_test": 0.997}
    found = {
        "equation": equation,
        "equation_inputs": equation_inputs,
        "complexity": 11,
        **scores,
    }
    front, selected = ([], None) if skipped else ([found], 0)
    alone = [
        {"equation_inputs": equation_inputs, "score_validation": 0.998},
        {"equation_inputs": "log(G) - 0.22*a", "score_validation": 0.8},
        None,
    ]
    noise = {"equation_inputs": "log(G)", "score_validation": -0.1}
    return {
        "target": target,
        "engine": "operon",
        "skipped": skipped,
        "front": front,
        "selected": selected,
        "restarts": [] if skipped else [{"alone": item} for item in alone],
        "null": None if skipped else {"restarts": [{"alone": noise}, {"alone": None}]},
    }


def test_the_verdict_of_a_run(tmp_path, table):
    bare = "log(U*Gamma)/2 + 1.6*eps_d*(U + eps_d)/(U*Gamma)"
    entries = [
        entry_of("latent_0", bare, "log(G) + log(a)/2 + 1.6*c*(b + 1)"),
        entry_of("log_T_chi", "", "", skipped="the target does not vary in the region"),
    ]
    verdict = judged(tmp_path, table, SYSTEM, entries)
    assert verdict["headline"] == [
        "log_T_chi: no equation, the target does not vary in the region.",
        "latent_0, of 2 active, follows log10_T_chi: Pearson 0.970, Spearman 0.999, "
        "isotonic R^2 0.998.",
        f"g(latent_0) = {bare} (held-out R^2 0.99800, on permuted values -0.10); recovers haldane "
        "(1 - R^2 = 1.2e-05), haldane_bethe (1 - R^2 = 8.1e-04).",
    ]
    assert verdict["engines"] == [{"engine": "operon", "available": True, "reason": None}]
    latent, named = verdict["targets"]
    assert named["equation"] is None
    assert named["references"] == {}
    assert latent["latex"] == (
        r"\frac{\ln{\left(\Gamma U \right)}}{2} + "
        r"\frac{1.6 \epsilon_d \left(U + \epsilon_d\right)}{\Gamma U}"
    )
    assert latent["engine"] == "operon"
    assert latent["isotonic_r2"] > 0.98
    haldane = latent["references"]["haldane"]
    assert haldane["expression"] == SYSTEM["references"]["haldane"]
    assert haldane["n"]["inside"] + haldane["n"]["outside"] == 600
    assert [term["term"] for term in haldane["constants"]] == [
        "log(U*Gamma/2)/2",
        "pi*eps_d*(eps_d + U)/(2*U*Gamma)",
    ]
    assert all(term["uncertainty"] >= 0 for term in haldane["constants"])
    assert [item["value"] for item in latent["constants"]] == [1.6]
    assert 0 < latent["constants"][0]["uncertainty"] < 0.05
    assert latent["searches"]["n"] == 3
    assert latent["searches"]["recovered"]["haldane"] == 1
    assert latent["null"]["n"] == 2
    assert latent["null"]["score_validation"] == -0.1
    assert set(latent["null"]["recovered"].values()) == {0}


def test_a_system_without_references_is_judged_without_them(tmp_path, table):
    system = {"parameters": ["U", "Gamma"], "descriptors": {"U": "U"}}
    verdict = judged(tmp_path, table, system, [entry_of("latent_0", "log(U)", "log(U)")])
    assert [entry["references"] for entry in verdict["targets"]] == [{}]
    assert verdict["headline"] == [
        "g(latent_0) = log(U) (held-out R^2 0.99800, on permuted values -0.10)."
    ]


def test_the_headline_without_active_latents():
    assert write_headline([], {"active_latents": [], "descriptors": {}}, None) == [
        "No latent is active."
    ]


@pytest.mark.slow
@pytest.mark.workflow
def test_a_run_says_once_that_pysr_is_missing_and_a_plan_does_not(tmp_path, table):
    if shutil.which("julia"):
        pytest.skip("this machine has a Julia")
    for name in ("Snakefile", "config.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("scripts", "workflow", "envs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__py*"))
    folder = tmp_path / "results/models/low_field/vae"
    folder.mkdir(parents=True)
    (tmp_path / "results/spectra").mkdir()
    written = write_stage(tmp_path, table, np.zeros((600, 2)))
    shutil.move(written["spectra"], tmp_path / "results/spectra/low_field.nc")
    shutil.move(written["latents"], folder / "latents.nc")
    system = {"parameters": ["U"], "descriptors": {"U": "U"}}
    (tmp_path / "small.yaml").write_text(
        json.dumps({"systems": {"small": system}, "ensembles": {"low_field": {"system": "small"}}})
    )
    target = "results/latents/low_field/vae/scores.json"
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--configfile", "small.yaml"]
    command += ["--allowed-rules", "score_latents"]
    environment = {key: value for key, value in os.environ.items() if "JULIA" not in key}
    options = {"cwd": tmp_path, "env": environment, "text": True, "capture_output": True}
    planned = subprocess.run([*command, "-n", "--", target], check=True, **options)
    assert "PySR" not in planned.stdout + planned.stderr
    run = subprocess.run([*command, "--", target], check=False, **options)
    assert run.returncode == 0, run.stderr
    assert (run.stdout + run.stderr).count("PySR does not take part: no Julia found") == 1
