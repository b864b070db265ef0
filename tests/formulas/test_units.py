"""Equations are held to the units of their inputs."""

import numpy as np
import pytest

from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.units import FACTOR, is_homogeneous


@pytest.fixture
def inputs():
    rng = np.random.default_rng(1)
    b = rng.uniform(-0.85, -0.15, 200)
    a = rng.uniform(4, 20, 200)
    return {"a": a, "b": b, "c": a * b, "G": rng.uniform(0.005, 0.025, 200)}


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
def test_equations_are_held_to_their_units(inputs, text, expected):
    equation = parse(text, "test")
    scaled = {**inputs, "G": FACTOR * inputs["G"]}
    assert is_homogeneous(evaluate(equation, inputs), evaluate(equation, scaled)) == expected
