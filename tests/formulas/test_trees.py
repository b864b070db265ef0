"""Trees: summands, names, fitted constants, values of numbers alone."""

import math

import pytest

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import (
    Apply,
    Name,
    Number,
    additive_terms,
    constant_value,
    constants_of,
    names_in,
    substitute,
    total,
    with_constants,
)


def test_the_terms_of_a_sum():
    terms = additive_terms(parse("log(U)/2 - (V + 3) + 2*(U - V)", "key"))
    assert [to_text(term) for term in terms] == ["log(U)/2", "-V", "-3", "2*(U - V)"]
    assert names_in(terms[3]) == {"U", "V"}
    assert to_text(total(terms)) == "log(U)/2 + -V + -3 + 2*(U - V)"


def test_fitted_constants_are_the_floats_from_left_to_right():
    formula = parse("2*log(1.5*U) - 0.25/V**3", "key")
    assert constants_of(formula) == [1.5, 0.25]
    changed = with_constants(formula, [Number(7.0), Name("k")])
    assert to_text(changed) == "2*log(7.0*U) - k/V**3"


def test_names_are_replaced_by_expressions():
    formula = substitute(parse("U/V + W", "key"), {"U": parse("a + b", "key"), "W": Number(2)})
    assert to_text(formula) == "(a + b)/V + 2"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2*pi", 2 * math.pi),
        ("sqrt(2)/square(3) - minimum(1, 4)", math.sqrt(2) / 9 - 1),
        ("sign(-3)*log(10)", -math.log(10)),
        ("U - U", None),
        ("log(-1)", None),
        ("1/0", None),
        ("exp(1000)", None),
    ],
)
def test_values_of_numbers_alone(text, value):
    assert constant_value(parse(text, "key")) == (None if value is None else pytest.approx(value))


def test_a_complex_power_has_no_value():
    assert constant_value(Apply("pow", (Number(-2), Number(0.5)))) is None
