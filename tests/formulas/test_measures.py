"""Length of equations, and functions inside functions."""

import pytest

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity, is_nested


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("U", 1),
        ("3", 1),
        ("3.0", 2),
        ("2*U + V", 5),
        ("2.5*U + V", 6),
        ("log(U/V)**2", 6),
    ],
)
def test_a_fitted_constant_counts_double(text, length):
    assert complexity(parse(text, "key")) == length


def test_nested_functions_are_told_from_repeated_ones():
    assert is_nested(parse("log(a + log(b))", "test"))
    assert is_nested(parse("a*exp(b/log(a))", "test"))
    assert not is_nested(parse("log(a) + c*log(b)*exp(a)", "test"))
