"""Laws that are a root of a quadratic equation."""

import numpy as np
import pytest

from kondoflow.discovery.engines.interface import SearchProblem, SearchSettings
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.roots import roots
from kondoflow.discovery.monotone import unexplained
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Part
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity

SYMBOLS = ("add", "sub", "mul", "sqrt")
LAWS = {
    "(a + b)/2 - sqrt((a - b)**2/4 + g**2)": {"a": (-2, 2), "b": (-2, 2), "g": (0.1, 1)},
    "(a + b)/2 + sqrt((a - b)**2/4 + g**2)": {"a": (1, 3), "b": (1, 3), "g": (0.1, 1)},
    "sqrt(p**2 + m**2) - m": {"p": (-3, 3), "m": (0.2, 2)},
    "a - sqrt(a*b + 2)": {"a": (1, 3), "b": (1, 3)},  # no sum of squares
}


def drawn(law, noise=0.0, unit=1.0):
    rng = np.random.default_rng(2)
    inputs = {name: unit * rng.uniform(*span, 200) for name, span in LAWS[law].items()}
    y = evaluate(parse(law, "law"), inputs)
    return inputs, y, y + noise * y.std() * rng.standard_normal(200)


def found(inputs, y, symbols=SYMBOLS):
    return roots(list(inputs), np.column_stack(list(inputs.values())), y, symbols)


@pytest.mark.parametrize(
    ("law", "noise"), [(law, 0.0) for law in LAWS] + [(law, 0.01) for law in [*LAWS][:3]]
)
def test_both_levels_are_found(law, noise):
    inputs, exact, y = drawn(law, noise)
    forms = [parse(text, "form") for text in found(inputs, y)]
    left = [unexplained(exact, evaluate(form, inputs)) for form in forms]
    near = [form for form, lack in zip(forms, left, strict=True) if lack < max(1e-20, noise**2)]
    assert min(map(complexity, near)) <= complexity(parse(law, "law")) + 11


def test_units_make_no_difference():
    law = next(iter(LAWS))
    inputs, exact, y = drawn(law, unit=1.6e-19)
    best = min(unexplained(exact, evaluate(parse(t, "t"), inputs)) for t in found(inputs, y))
    assert best < 1e-20


def test_only_allowed_operations_and_near_forms_are_offered():
    inputs, _, y = drawn(next(iter(LAWS)))
    assert found(inputs, y, ("add", "sub", "mul", "log")) == []
    assert found(inputs, np.random.default_rng(0).standard_normal(200)) == []
    assert found(inputs, np.zeros(200)) == []
    assert found({"a": np.zeros(200)}, y) == []
    assert found({name: x[:12] for name, x in inputs.items()}, y[:12]) == []


def test_a_search_finds_a_level():
    law = next(iter(LAWS))
    inputs, exact, y = drawn(law, 0.01)
    settings = SearchSettings(SYMBOLS, 20, 50, 2, 10.0)
    X = np.column_stack(list(inputs.values()))
    posed = SearchProblem(
        "x", tuple(inputs), X, y, Objective.SQUARED_ERROR, settings, 1, with_sums=True
    )
    kept = [
        polish(parse(text, "key"), Part(inputs, y), Objective.SQUARED_ERROR, 0.1)
        for text in Operon().search(posed).equations
    ]
    near = [
        form
        for form in kept
        if form is not None and unexplained(exact, evaluate(form, inputs)) < 1e-4
    ]
    assert min(map(complexity, near)) <= 27
