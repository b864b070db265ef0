"""Tools that are compared: their equations, what these reach, and the ratios."""

import dataclasses
import sys

import numpy as np
import pytest
from impurities import SMALL, SYSTEM

from benchmarks.peer_process import spelled
from benchmarks.peers import PEERS, answers, posed, readable, unavailable
from benchmarks.recovery import Course, Judge
from benchmarks.regression import ratio
from kondoflow.discovery.judgement.law import values_of
from kondoflow.formulas.grammar import parse

HALDANE = "log(U*Gamma/2)/2 + pi*eps_d*(eps_d + U)/(2*U*Gamma)"


@pytest.fixture(scope="module")
def judge(samples, targets):
    return Judge(samples, targets[-1], SYSTEM, SMALL)


def test_a_program_of_gplearn_is_spelled_in_the_grammar():
    program = "sub(mul(a, inv(-0.5)), neg(log(div(b, c))))"
    x = {"a": np.array([3.0]), "b": np.array([2.0]), "c": np.array([5.0])}
    found = values_of(parse(spelled(program), "equation"), x)
    np.testing.assert_allclose(found, 3.0 / -0.5 + np.log(2.0 / 5.0))
    with pytest.raises(ValueError, match="tan"):
        spelled("tan(a)")


def test_equations_of_all_tools_become_log_t_chi_in_units_of_d(judge):
    known = judge.samples.variables
    U, Gamma, target = known["U"], known["Gamma"], judge.target.values
    of_physo = readable("-Gamma*exp(U/Gamma)", PEERS["PhySO, config0"], judge)
    np.testing.assert_allclose(values_of(of_physo, known), np.log(Gamma) + U / Gamma)
    of_gplearn = readable("(log(G) - 3)", PEERS["gplearn, our inputs"], judge)
    found, train = values_of(of_gplearn, known), judge.usable & judge.samples.parts["train"]
    assert np.corrcoef(found, np.log(Gamma))[0, 1] == pytest.approx(1)
    assert (found - target)[train].mean() == pytest.approx(0, abs=1e-9)
    assert readable("a +", PEERS["gplearn, ratios"], judge) is None


def test_both_sides_of_the_problem_have_the_same_samples(judge):
    problem = posed(PEERS["gplearn, our inputs"], judge, seed=1, seconds=1.0)
    train = judge.usable & judge.samples.parts["train"]
    assert np.shape(problem["X"]) == (train.sum(), 4)
    np.testing.assert_allclose(np.exp(problem["y"]) / 100, np.exp(judge.target.values[train]))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (f"{HALDANE} + pi*Gamma/(2*U)", 3),
        (HALDANE, 2),
        (f"2*({HALDANE}) + 1", 1),
        ("eps_d*(eps_d + U)/(U*Gamma)", 1),
        ("log(Gamma) + eps_d/Gamma", 0),
        ("1 + 0*U", 0),
    ],
)
def test_an_equation_reaches_its_level(judge, text, level):
    course = Course("tool", 1, seconds=2.0)
    judge.take(parse(text, "equation"), course)
    assert course.reached == dict.fromkeys(range(1, level + 1), 2.0)


def test_a_level_keeps_the_time_at_which_it_was_reached_first():
    course = Course("tool", 1, seconds=1.0)
    course.rises_to(1)
    course.seconds = 5.0
    course.rises_to(2)
    assert course.reached == {1: 1.0, 2: 5.0}


def test_what_a_tool_prints_itself_is_no_answer():
    lines = ["Enforcing spawn.\n", '{"cpu": 1.5, "tried": 10, "equations": ["a"]}\n']
    assert list(answers(lines)) == [(1.5, 10, ["a"])]


@pytest.mark.parametrize(
    ("times", "ours", "text"),
    [
        ([20.0, 40.0, 30.0], [2.0, 3.0, 1.0], "15"),
        ([20.0, None, 30.0], [2.0, 2.0, 2.0], "15"),
        ([None, None, 30.0], [0.5, 0.5, 0.5], "> 200"),
        ([0.7], [2.1], "0.33"),
        ([1.0], [None], "-"),
    ],
)
def test_ratios_are_medians_or_bounds(times, ours, text):
    assert ratio(times, ours, spent=100.0) == text


@pytest.mark.parametrize("python", [None, "no/such/interpreter", sys.executable])
def test_a_tool_that_is_not_installed_is_named_in_one_line(python):
    nowhere = dataclasses.replace(PEERS["PhySO, config0"], program="no_such_package")
    said = unavailable(nowhere, python, "PhySO")
    assert said.startswith("PhySO does not take part: ")
    assert "\n" not in said
