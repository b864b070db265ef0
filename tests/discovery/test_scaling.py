"""Units: dimensions of inputs, and searches that find the same law in any unit."""

import numpy as np
import pytest

from kondoflow.discovery.engines.interface import SearchResult
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.scaling import decades_of_inputs, decades_of_target
from kondoflow.discovery.search.searches import evaluated, search_once
from kondoflow.discovery.targets import Samples, Target
from kondoflow.files.errors import InputError
from kondoflow.formulas.dimensions import check_dimensions, read_dimensions
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.scaling import unscaled
from kondoflow.formulas.trees import Name, constants_of
from kondoflow.formulas.units import changes_of_unit, is_homogeneous

RNG = np.random.default_rng(5)
W, J = RNG.uniform(0.5, 2.0, (2, 300))
LAW = W * J / (W + J)
SETTINGS = {
    "objectives": {"latents": "isotonic", "targets": "squared_error"},
    "symbols": ["add", "mul", "div"],
    "max_length": 10,
    "restarts": 2,
    "null_restarts": 0,
    "n_points": 200,
    "population": 200,
    "generations": 30,
    "seconds": 60,
    "parsimony": 0.1,
}


def table(W, J, y, objective, dimensions=None):
    parts = np.arange(300) % 10
    inputs = {"W": W, "J": J}
    samples = Samples(
        variables=inputs,
        definitions={name: Name(name) for name in inputs},
        inputs=inputs,
        region=np.ones(300, bool),
        parts={"train": parts < 7, "validation": parts == 7, "test": parts > 7},
        dimensions=dimensions or {},
    )
    return samples, Target("y", y, objective)


# Dimensions.


def test_dimensions_are_products_of_powers():
    given = {"a": "energy", "b": "energy**-1*time", "c": "sqrt(energy)/(time*length**2)", "d": "1"}
    assert read_dimensions(given) == {
        "a": {"energy": 1},
        "b": {"energy": -1, "time": 1},
        "c": {"energy": 0.5, "time": -1, "length": -2},
        "d": {},
    }
    assert read_dimensions(["a", "b"]) == {"a": {"unit": 1}, "b": {"unit": 1}}


@pytest.mark.parametrize("text", ["energy + time", "2*energy", "exp(energy)", "energy**time"])
def test_other_dimensions_are_refused(text):
    with pytest.raises(InputError, match=r"^config: systems\.mine\.with_unit\.a = "):
        check_dimensions({"mine": {"with_unit": {"a": text}}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E*t", True),
        ("log(E*t/h) + q", True),
        ("E/(h*sqrt(q))", True),
        ("E*t + h", True),
        ("E + t", False),
        ("E + h*q", False),
        ("E + h/t", True),
        ("log(E) + log(t)", True),
        ("log(E + 0.3) + log(t)", False),
    ],
)
def test_equations_are_held_to_every_base_dimension(text, expected):
    given = {"E": "energy", "t": "time", "h": "energy*time"}
    dimensions = [read_dimensions(given).get(name, {}) for name in "Ethq"]
    values = dict(zip("Ethq", RNG.uniform(0.5, 2.0, (4, 100)), strict=True))
    f = evaluate(parse(text, "key"), values)
    respected = []
    for factors in changes_of_unit(dimensions):
        changed = {n: k * v for (n, v), k in zip(values.items(), factors, strict=True)}
        respected.append(is_homogeneous(f, evaluate(parse(text, "key"), changed)))
    assert len(respected) == 2
    assert all(respected) == expected


# Scaling.


def test_inputs_of_one_dimension_share_their_power_of_ten():
    energy, number = {"energy": 1.0}, {}
    sizes = [1.6e-19, 3e-20, 0.4, 2.0]
    values = [size * np.ones(5) for size in sizes]
    assert decades_of_inputs(values, [energy, energy, number, number]) == (-19, -19, 0, 0)
    # Without dimensions similar sizes share it.
    assert decades_of_inputs(values, [number] * 4) == (-19, -19, 0, 0)
    both = [{"energy": 1.0}, {"energy": -1.0, "time": 1.0}, {"time": 0.5}]
    decades = decades_of_inputs([np.array([1e-20]), np.array([1e8]), np.array([1e-6])], both)
    assert np.all(np.abs(np.array([-20, 8, -6]) - decades) <= 1)
    assert decades[0] + decades[1] == 2 * decades[2]
    assert decades_of_inputs([np.zeros(3)], [number]) == (0,)
    assert decades_of_target(np.array([0.0, 2e25, 3e25])) == 25
    assert decades_of_target(np.array([20.0, 0.1])) == 0


@pytest.mark.parametrize(
    "text",
    ["W*J/(W + J)", "2.5*W*J - J**2", "log(W/J) + 0.3", "log(W + 3.0*J)", "exp(W/J) + J - 2.0",
     "sqrt(W*J) + 1.5*W", "sqrt(W)*J", "square(W)/J + abs(J)", "-W + (0.1*J - 3.0)/W", "tanh(W)"],
)  # fmt: skip
@pytest.mark.parametrize("decades", [(0, 0), (-12, -12), (30, -30), (3, 0)])
def test_powers_of_ten_move_into_constants(text, decades):
    expression = parse(text, "key")
    powers = dict(zip("WJ", decades, strict=True))
    original = {"W": W * 10.0 ** decades[0], "J": J * 10.0 ** decades[1]}
    found = evaluate(unscaled(expression, powers, 6), original)
    np.testing.assert_allclose(found, 1e6 * evaluate(expression, {"W": W, "J": J}), rtol=1e-9)


def test_powers_of_ten_that_cancel_leave_no_trace():
    law = parse("W*J/(W + J)", "key")
    assert unscaled(law, {"W": -18, "J": -18}, -18) == law
    assert to_text(unscaled(law, {"W": 30}, 0)) == "W*J/(W + 1e+30*J)"
    assert to_text(unscaled(parse("2.5*W + J", "key"), {"J": 3})) == "0.001*(2500.0*W + J)"


# Searches.

FACTORS = (1e-30, 1e-19, 1e-7, 1e12, 1e30)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["W", "J", "y", "all"])
@pytest.mark.parametrize("factor", FACTORS)
def test_operon_finds_a_law_in_any_unit(which, factor):
    w, j, y = (factor if which in (name, "all") else 1.0 for name in ("W", "J", "y"))
    energy = {"energy": 1.0}
    known = {"W": energy, "J": energy} if which == "all" else None
    samples, target = table(w * W, j * J, y * LAW, Objective.SQUARED_ERROR, known)
    task = plan(target, samples, {**SETTINGS, "restarts": 1}, 1)[0]
    best = min(search_once(Operon(), task).candidates, key=lambda item: item.validation)
    np.testing.assert_allclose(evaluate(best.expression, samples.inputs), target.values, rtol=1e-6)
    if which == "all":
        assert constants_of(best.expression) == []  # no power of ten is left


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("factor", FACTORS)
def test_every_engine_sees_order_one_and_its_equations_are_scaled_back(factor, objective):
    samples, target = table(factor * W, J / factor, factor * LAW, objective)
    task = plan(target, samples, {**SETTINGS, "restarts": 1}, 1)[0]
    for column in (*task.problem.X.T, task.problem.y):
        assert 0.03 < np.median(np.abs(column)) < 32
    law = "{}*x0*x1/({}*x0 + {}*x1)"
    w, j = (10.0 ** task.decades.get(name, 0) for name in "WJ")
    k = 10.0**task.target_decades
    # As an engine would find it: W0 = w x0/factor, J0 = j x1 factor.
    a, b = w / factor, j * factor
    text = law.format(a * b * factor / k, a, b).replace("x0", "W").replace("x1", "J")
    outcome = evaluated(SearchResult((text,), False), "test", task, 0.0)
    (candidate,) = outcome.candidates
    # A monotone map leaves small changes of constants unseen.
    assert candidate.validation < (1e-3 if objective is Objective.ISOTONIC else 1e-9)
    values = evaluate(candidate.expression, samples.inputs)
    if objective is Objective.SQUARED_ERROR:
        np.testing.assert_allclose(values, target.values, rtol=1e-5)
    else:
        assert np.corrcoef(values, LAW)[0, 1] ** 2 > 1 - 1e-9 or objective is Objective.ISOTONIC
