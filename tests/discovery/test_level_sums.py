"""Laws known up to a monotone map, without a unit that fixes it."""

import numpy as np
import pytest

from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.discovery.engines.level_sums import KEPT, level_sums
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.monotone import isotonic_residual
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Part
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse

SYMBOLS = ("add", "sub", "mul", "div", "sqrt")
LAWS = {
    "sqrt(p**2 + m**2) - m": {"p": (0.2, 3), "m": (0.3, 2)},
    "sqrt(k*(k + 2*g))": {"k": (0.1, 4), "g": (0.2, 2)},
    "n/(1 + w**2*t)": {"n": (1, 5), "w": (0.3, 3), "t": (0.3, 3)},
}


def drawn(law, noise=0.0):
    rng = np.random.default_rng(7)
    inputs = {name: rng.uniform(*span, 200) for name, span in LAWS[law].items()}
    exact = evaluate(parse(law, "law"), inputs)
    return inputs, exact, exact * (1 + noise * rng.standard_normal(200))


def offered(inputs, y, symbols=SYMBOLS):
    return level_sums(list(inputs), np.column_stack(list(inputs.values())), y, symbols)


def posed(inputs, y, dimensions=()):
    settings = SearchSettings(SYMBOLS, 20, 50, 2, 10.0)
    X = np.column_stack(list(inputs.values()))
    return SearchProblem("x", tuple(inputs), X, y, Objective.ISOTONIC, settings, 1, dimensions)


@pytest.mark.parametrize("law", [*LAWS][:2])
@pytest.mark.parametrize("noise", [0.0, 0.002])
def test_a_search_finds_the_level_sets_of_a_law(law, noise):
    inputs, exact, y = drawn(law, noise)
    y = np.log1p(3 * y)
    found = Operon().search(posed(inputs, y)).equations
    kept = [
        polish(parse(text, "sum"), Part(inputs, y), Objective.ISOTONIC, 0.1)
        for text in found
        if text in offered(inputs, y)
    ]
    left = [isotonic_residual(evaluate(form, inputs), exact) for form in kept if form is not None]
    assert min(left) < (1e-9 if noise == 0 else 1e-4)


def test_no_monotone_map_makes_a_difference():
    inputs, _, y = drawn(next(iter(LAWS)))
    texts = offered(inputs, y)
    assert 0 < len(texts) <= KEPT
    assert offered(inputs, np.exp(3 * y)) == texts


def test_a_stated_unit_is_not_broken():
    """Equations that break it would be dropped; the map that it fixes is searched instead."""
    inputs, _, y = drawn([*LAWS][2])
    given = posed(inputs, y, ({"energy": 1.0}, {"energy": 1.0}, {}))
    assert not {*Operon().search(given).equations} & {*offered(inputs, y)}
    free = posed(inputs, y, ({}, {}, {}))
    assert {*offered(inputs, y)} <= {*Operon().search(free).equations}


def test_nothing_is_offered_where_there_is_nothing_to_say():
    inputs, _, y = drawn(next(iter(LAWS)))
    assert offered(inputs, y, ("mul", "log")) == []
    assert offered({"p": inputs["p"]}, y) == []
    assert offered(inputs, np.ones(200)) == []
    assert offered({"p": np.zeros(200), "m": np.ones(200)}, y) == []
    assert len(offered({name: 1e-170 * x for name, x in inputs.items()}, y)) > 0
