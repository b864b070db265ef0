"""Laws of Fermi and Bose, and yields with one activated loss."""

import numpy as np
import pytest

from kondoflow.discovery.engines.occupations import occupations
from kondoflow.discovery.engines.sums import cheapest
from kondoflow.discovery.monotone import unexplained
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.selection import Part
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse

SYMBOLS = ("add", "sub", "mul", "div", "exp")
LAWS = {
    "1/(1 + C*exp(-11605*Ea/T))": {"C": (1, 100), "Ea": (0.01, 0.1), "T": (10, 300)},
    "I/(1 + C*exp(-11605*Ea/T))": {"I": (1, 9), "C": (1, 100), "Ea": (0.01, 0.1), "T": (10, 300)},
    "1/(exp((E - m)/T) + 1)": {"E": (-1, 1), "m": (-0.5, 0.5), "T": (0.05, 0.5)},
    "1/(exp(E/T) - 1)": {"E": (0.1, 1), "T": (0.05, 0.5)},
    "-A/(exp(E/T) + 1)": {"A": (1, 3), "E": (0.1, 1), "T": (0.05, 0.5)},
}


def drawn(law, noise=0.0):
    rng = np.random.default_rng(3)
    inputs = {name: rng.uniform(*span, 300) for name, span in LAWS[law].items()}
    y = evaluate(parse(law, "law"), inputs)
    return inputs, y, y + noise * y.std() * rng.standard_normal(300)


def found(inputs, y, symbols=SYMBOLS):
    return occupations(list(inputs), np.column_stack(list(inputs.values())), y, symbols)


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("law", LAWS)
def test_the_law_is_among_the_four_that_are_refitted(law, noise):
    inputs, exact, y = drawn(law, noise)
    kept = cheapest(found(inputs, y), inputs, y, 4)
    left = [unexplained(exact, evaluate(parse(text, "form"), inputs)) for text in kept]
    assert min(left) < max(1e-8, 10 * noise**2)  # before the refit


@pytest.mark.parametrize("factor", [1e-3, 0.3, 100.0])
@pytest.mark.parametrize("law", LAWS)
def test_a_factor_does_not_hide_the_law(law, factor):
    """A search divides inputs and target by powers of ten, so that units of their own come in."""
    inputs, exact, y = drawn(law, 0.002)
    texts = cheapest(found(inputs, factor * y), inputs, factor * y, 4)
    kept = [
        polish(parse(text, "form"), Part(inputs, factor * y), Objective.SQUARED_ERROR, 0.1)
        for text in texts
    ]
    left = [unexplained(factor * exact, evaluate(form, inputs)) for form in kept if form]
    assert min(left) < 4e-5


def test_nothing_is_offered_where_there_is_nothing_to_say():
    inputs, _, y = drawn("1/(exp(E/T) - 1)")
    assert found(inputs, y, ("add", "sub", "mul", "div", "log")) == []
    assert found(inputs, np.ones(300)) == []
    assert found({"E": np.zeros(300)}, y) == []
    for values in (-y, 1e300 * y, 1e-300 * y, y - y.mean()):
        for text in found(inputs, values):
            parse(text, "form")
