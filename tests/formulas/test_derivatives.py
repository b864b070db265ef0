"""Derivatives of expressions."""

import numpy as np
import pytest

from kondoflow.formulas.derivatives import gradient, value_and_gradient
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.operations import OPERATIONS, Kind

RNG = np.random.default_rng(0)
VALUES = {"x": RNG.uniform(0.5, 3, 20), "y": RNG.uniform(0.5, 3, 20)}
STEP = 1e-5


def by_difference(expression, name):
    """Central difference of fourth order."""

    def at(steps):
        return evaluate(expression, {**VALUES, name: VALUES[name] + steps * STEP})

    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)


TEXTS = [
    "x*y - x/y + 3",
    "-x**2.5*y**(-1)",
    "x**y",
    "sqrt(x + y)*exp(-1/x)*log(x*y)",
    "log10(x) + abs(x - y) + sign(x)*y",
    "sinh(x/y) - cosh(x - y)",
    "tanh(x)*sin(y) - cos(x*y)",
    "minimum(x, y)*maximum(x, 2*y) + square(x)",
    "log(y/(exp(1/x) - exp(-1/x))) + pi*x",
]


@pytest.mark.parametrize("text", TEXTS)
def test_gradients_are_those_of_differences(text):
    expression = parse(text, "f")
    found = gradient(expression, VALUES, ["x", "y"])
    for index, name in enumerate(("x", "y")):
        np.testing.assert_allclose(found[:, index], by_difference(expression, name), rtol=1e-7)


def test_every_operation_on_numbers_has_a_derivative():
    on_numbers = {Kind.ARITHMETIC, Kind.FUNCTION}
    for name, operation in OPERATIONS.items():
        assert (operation.slopes is not None) == (operation.kind in on_numbers), name
    used = " ".join(TEXTS)
    assert all(op.name in used for op in OPERATIONS.values() if op.kind is Kind.FUNCTION)


def test_a_negative_base_has_a_slope_and_a_name_that_is_absent_none():
    found = gradient(parse("z**2", "f"), {"z": np.array([-3.0])}, ["z", "x"])
    np.testing.assert_array_equal(found, [[-6.0, 0.0]])


@pytest.mark.parametrize(
    ("cancels", "stable", "x"),
    [
        ("1 - tanh(x)", "2*exp(-2*x)/(1 + exp(-2*x))", (0.1, 5.0, 19.0, 300.0)),
        ("1/2 - tanh(x)/2 + 1e-30*x", "1/(exp(2*x) + 1) + 1e-30*x", (19.0, 40.0)),
        ("sqrt(1 + x**2) - x", "1/(sqrt(1 + x**2) + x)", (1e-3, 1.0, 1e5, 1e9)),
        ("1 - cos(x)", "2*sin(x/2)**2", (1e-9, 1e-4, 1.0)),
        ("cosh(x) - sinh(x)", "exp(-x)", (1.0, 30.0, 300.0)),
        ("log10(x)*log(10) - log(x + exp(-x)) + 1", "1 - log(1 + exp(-x)/x)", (30.0, 300.0)),
    ],
)
def test_what_cancels_keeps_its_digits(cancels, stable, x):
    values = {"x": np.array(x)}
    found = value_and_gradient(parse(cancels, "f"), values, ["x"])
    exact = value_and_gradient(parse(stable, "f"), values, ["x"])
    np.testing.assert_allclose(found[0], exact[0], rtol=1e-5)
    if "log" not in cancels:  # their slopes are rounded where they are written down
        np.testing.assert_allclose(found[1], exact[1], rtol=1e-5)


@pytest.mark.parametrize("text", ["x*(y/x) + z", "z*x/x", "exp(log(x) - z)"])
def test_a_derivative_that_is_zero_is_not_computed_anew(text, monkeypatch):
    monkeypatch.setattr("kondoflow.formulas.derivatives.exactly", lambda *_: pytest.fail("anew"))
    values = {name: np.random.default_rng(4).uniform(0.1, 9, 200) for name in "xyz"}
    values = {name: column * (1 + k) for k, (name, column) in enumerate(values.items())}
    assert np.isfinite(gradient(parse(text, "f"), values, ["x", "y", "z"])).all()


def test_where_a_formula_has_no_value_its_slope_is_not_finite():
    found = gradient(parse("log(x) + y", "f"), {"x": np.array([-1.0, 0.0]), "y": np.ones(2)}, ["x"])
    assert not np.isfinite(found[1]).any()
