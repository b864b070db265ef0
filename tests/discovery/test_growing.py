"""Growth of equations term by term."""

import numpy as np
import pytest

from kondoflow.discovery.gauge import find_gauge, reduce_inputs
from kondoflow.discovery.objectives import Objective, loss
from kondoflow.discovery.search.growing import grow
from kondoflow.discovery.selection import Part
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity

SYMBOLS = ("add", "sub", "mul", "div", "log")
SQUARED = Objective.SQUARED_ERROR


@pytest.fixture
def inputs() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "a": rng.uniform(3, 30, 300),
        "b": rng.uniform(-0.9, -0.1, 300),
        "G": np.exp(rng.uniform(-4, -1, 300)),
    }


def last(start, law, inputs, objective=SQUARED, noise=1e-3, **others):
    values = Part(inputs, np.zeros(300)).values(parse(law, "law"))
    rng = np.random.default_rng(2)
    train = Part(inputs, values + noise * values.std() * rng.normal(size=values.size))
    found = [parse(start, "start")]
    found += grow(found[0], train, objective, 0.1, SYMBOLS, others.pop("longest", 40), **others)
    return found, loss(objective, train.values(found[-1]), train.y)


@pytest.mark.parametrize(
    ("start", "law"),
    [
        ("log(G) + 2.2*a*b", "log(G) + 2*a*b + 0.5*log(a)"),  # a term is missing
        ("log(G) + 2.0*a*b + 0.02*a", "log(G) + 2*a*b + 0.5*log(a)"),  # a wrong one is exchanged
        ("log(G) + 2.2*a*b", "log(G) + 2*a*b + 0.3*a + 0.05*a**2*b"),  # two at once
        ("1.3*b", "b*(1 + 0.2*a)"),  # a factor
    ],
)
def test_what_an_equation_lacks_is_found(start, law, inputs):
    found, left = last(start, law, inputs)
    assert left < 3e-6
    assert complexity(found[-1]) <= complexity(parse(law, "law")) + 8


def test_nothing_is_added_to_the_law_itself(inputs):
    found, _ = last("log(G) + 2*a*b", "log(G) + 2*a*b", inputs, noise=1e-2)
    assert len(found) == 1


def test_a_target_without_noise_buys_no_endless_terms(inputs):
    law = "log(3 + a*b**2 + G)"  # no finite sum of the library
    found, _ = last("0.1*a", law, inputs, noise=0, longest=20)
    assert max(map(complexity, found)) <= 20


def test_terms_that_overflow_are_left_out_without_a_word(inputs):
    _, left = last("log(G)", "log(G) + a/100", inputs | {"E": inputs["a"] * 1e160})
    assert left < 3e-6


def test_what_is_not_allowed_is_not_offered(inputs):
    def without_a(expression):
        return "a" not in str(expression)

    found, _ = last("log(G)", "log(G) + 2*a*b + b**2", inputs, allowed=without_a)
    assert all(map(without_a, found[1:]))


def test_under_a_map_that_a_unit_fixes_the_missing_term_shows(inputs):
    law = "tanh(0.3*(log(G) + 2*b*a + 0.7*log(a) + 20))"
    values = Part(inputs, np.zeros(300)).values(parse(law, "law"))
    X = np.column_stack(list(inputs.values()))
    reduced = reduce_inputs(tuple(inputs), X, ({}, {}, {"energy": 1.0}))
    gauge = find_gauge(reduced, values)
    _, left = last("log(G) + 1.9*a*b", law, inputs, Objective.ISOTONIC, 0, gauge=gauge)
    assert left < 1e-6


def test_what_an_equation_grows_into_is_found_once(inputs):
    law, followers = "log(G) + 2*a*b + 0.3*a + 0.05*a**2*b", {}
    alone = last("log(G) + 2.2*a*b", law, inputs)
    assert last("log(G) + 2.2*a*b", law, inputs, followers=followers) == alone
    known = dict(followers)
    assert last("log(G) + 2.2*a*b", law, inputs, followers=followers) == alone
    assert followers == known
    assert len(known) == len(alone[0])
