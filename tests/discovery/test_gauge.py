"""What helps a search: the map that a unit fixes, short sums, reciprocals, the loss itself."""

import numpy as np
import pytest

from kondoflow.discovery.engines.gauged import with_scale
from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.reciprocals import offer_reciprocals
from kondoflow.discovery.engines.sums import cheapest, short_sums
from kondoflow.discovery.gauge import find_gauge, reduce_inputs
from kondoflow.discovery.monotone import affine_residual
from kondoflow.discovery.objectives import Objective, loss
from kondoflow.discovery.search.fitting import refit
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Part
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import constants_of

RNG = np.random.default_rng(3)
W = np.exp(RNG.uniform(0, np.log(50), 400))
c = RNG.uniform(0.2, 1.0, 400)
GAP = W / np.sinh(1 / c)
X = np.column_stack([W, c])
ENERGY = ({"energy": 1.0}, {})
SYMBOLS = ("add", "sub", "mul", "div", "log", "exp", "sinh")


@pytest.mark.parametrize("change", [lambda x: x, lambda x: -(x**3), lambda x: np.arctan(np.log(x))])
def test_a_unit_fixes_the_map_of_a_target(change):
    inputs = reduce_inputs(("W", "c"), X, ENERGY)
    assert (inputs.scale, inputs.numbers) == ("W", ("c",))
    gauge = find_gauge(inputs, change(GAP))
    assert affine_residual(gauge.h, np.log(GAP)) < 2e-3
    assert np.polyfit(np.log(GAP), gauge.h, 1)[0] == pytest.approx(1, abs=0.01)
    assert gauge.weights.sum() == pytest.approx(1)


def test_there_is_no_map_where_the_target_is_not_a_function_of_the_inputs():
    inputs = reduce_inputs(("W", "c"), X, ENERGY)
    assert find_gauge(inputs, RNG.permutation(GAP)) is None
    assert find_gauge(inputs, c + 0 * W) is None  # a number, which W says nothing about
    assert reduce_inputs(("W", "c"), X, ({}, {})) is None
    assert reduce_inputs(("W", "c"), -X, ENERGY) is None
    assert reduce_inputs(("W", "c"), X, ({"energy": 1.0}, {"time": 1.0})) is None


def test_inputs_of_the_same_dimension_enter_as_a_ratio():
    inputs = reduce_inputs(("W", "c"), X, ({"energy": 2.0}, {"energy": 1.0}))
    assert inputs.scale == "W**(0.5)"
    values = evaluate(parse(inputs.numbers[0], "key"), {"W": W, "c": c})
    np.testing.assert_allclose(values, c / np.sqrt(W))
    np.testing.assert_allclose(inputs.X[:, 0], values)


def test_a_logarithm_beside_that_of_the_scale_becomes_a_product():
    assert to_text(parse(with_scale("2.0 * (log(c) - 1.0) + 3.0", "W"), "key")) == "W*c**2.0"
    assert with_scale("2.0 * c + 3.0", "W") == "log(W) + 2.0 * c + 3.0"


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ("1/(exp(1/c) - exp(-1/c))", "1/(exp(1/c) - exp(-1/c))"),
        ("2*W - c*W", "W*(2 - c)"),
        ("W**2/c**3", "W**2/c**3"),
        ("1/(1 + exp(c))", "1/(exp(c) + 1)"),
    ],
)
def test_short_sums_are_all_tried(law, expected):
    y = evaluate(parse(law, "key"), {"W": W, "c": c})
    part = Part({"W": W, "c": c}, y)
    texts = cheapest(short_sums(("W", "c"), X, y, SYMBOLS), part.inputs, y)
    found = [polish(parse(text, "key"), part, Objective.SQUARED_ERROR, 0.1) for text in texts]
    values = evaluate(parse(expected, "key"), part.inputs)
    exact = [item for item in found if item and np.allclose(part.values(item), values, rtol=1e-6)]
    assert exact
    assert min(len(constants_of(item)) for item in exact) <= 1


def test_constants_that_are_no_numbers_end_no_search():
    """Of an input over sixty decades, squares and products of some terms overflow."""
    rng = np.random.default_rng(0)
    inputs = {"W": 10 ** rng.uniform(-30, 30, 200), "c": 10 ** rng.uniform(-5, 5, 200)}
    y = inputs["W"] ** 2 / inputs["c"]
    symbols = {*SYMBOLS, "sqrt", "log", "exp"}
    texts = short_sums(("W", "c"), np.column_stack([*inputs.values()]), y, symbols)
    assert any("nan" in text for text in texts)
    with np.errstate(all="ignore"):
        best = cheapest(texts, inputs, y)
        values = evaluate(parse(best[0], "key"), inputs)
    np.testing.assert_allclose(values, y, rtol=1e-9)


def test_reciprocals_are_offered_where_the_user_allows():
    settings = SearchSettings(SYMBOLS, 10, 100, 10, 10.0, reciprocals=True)
    posed = SearchProblem("x", ("W", "c"), X, GAP, Objective.PEARSON, settings, 1, ENERGY)
    offered = offer_reciprocals(posed)
    assert offered.names == ("W", "c", "(1/W)", "(1/c)")
    np.testing.assert_allclose(offered.X[:, 2:], 1 / X)
    assert offered.dimensions == ({"energy": 1.0}, {}, {"energy": -1.0}, {})
    closed = SearchSettings(SYMBOLS, 10, 100, 10, 10.0)
    posed = SearchProblem("x", ("W", "c"), X, GAP, Objective.PEARSON, closed, 1, ENERGY)
    assert offer_reciprocals(posed) is posed


def test_constants_are_refitted_on_the_isotonic_loss_itself():
    """From a fixed point of the alternation between map and constants."""
    y = np.tanh(np.log(GAP) / 4)
    start = parse("W*exp(-0.7/c)", "key")
    inputs = {"W": W, "c": c}

    def left(equation):
        return loss(Objective.ISOTONIC, evaluate(equation, inputs), y)

    quick = refit(start, inputs, y, Objective.ISOTONIC, thorough=False)
    thorough = refit(start, inputs, y, Objective.ISOTONIC)
    assert left(thorough) <= left(quick)
    assert left(thorough) < 0.3 * left(start)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_the_gap_of_a_superconductor_is_found_up_to_a_monotone_map(noise):
    y = GAP * (1 + noise * RNG.normal(size=400))
    settings = SearchSettings(("add", "sub", "mul", "div", "log", "exp"), 20, 100, 5, 60.0)
    posed = SearchProblem("gap", ("W", "c"), X, y, Objective.ISOTONIC, settings, 1, ENERGY)
    part = Part({"W": W, "c": c}, y)
    texts = [text for text in Operon().search(posed).equations if text.startswith("W * (1/(")]
    found = [polish(parse(text, "key"), part, Objective.ISOTONIC, 0.1) for text in texts]
    assert {"W/(exp(1/c) - exp(-1/c))", "W/(-exp(1/c) + exp(-1/c))"} & {
        to_text(item) for item in found if item
    }
