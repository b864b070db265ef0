"""Whether two formulas are the same after simplification."""

import pytest

from kondoflow.discovery.judgement.forms import same_form
from kondoflow.formulas.grammar import parse

HALDANE = "log(U*Gamma/2)/2 + pi*eps_d*(eps_d + U)/(2*U*Gamma)"


def form(equation, reference):
    return same_form(
        parse(equation, "f"), parse(reference, "r"), ["U", "Gamma", "c", "W"], ["eps_d"]
    )


@pytest.mark.parametrize(
    ("equation", "reference", "expected"),
    [
        (
            "log(Gamma) + 0.5*log(U/Gamma) + 1.5708*eps_d/Gamma*(1 + eps_d/U)",
            HALDANE,
            "difference",
        ),
        ("log(Gamma) + 0.2*log(U/Gamma) + 1.58*eps_d/Gamma*(1 + eps_d/U)", HALDANE, "no"),
        ("1.7 + 2*W*exp(-1.0002/c)", "2*W*exp(-1/c)", "difference"),
        ("3*W*exp(-1/c)", "2*W*exp(-1/c)", "ratio"),
        ("W*exp(-1.3/c)", "W*exp(-1/c)", "no"),
        ("(W + c)**2", "W**2 + 2*W*c + c**2", "difference"),
        ("W/(c + 1) + 1/(W*c)", "(W**2*c + c + 1)/(W*c*(c + 1))", "difference"),
        ("W + c", "W*c", "no"),
    ],
)
def test_forms(equation, reference, expected):
    assert form(equation, reference) == expected


def test_a_formula_that_is_too_long_is_not_decided():
    long = " + ".join(f"{k}.5*W**2*log(c + W*{k})/c" for k in range(1, 40))
    assert form(long, "W") is None


@pytest.mark.parametrize(
    "power",
    ["(c + W)**(900 - W)", "(c + W + c*W + 1)**-20", "tanh((c + W + c*W + 1)**20)"],
)
def test_a_power_that_is_too_long_when_it_is_multiplied_out_is_not_decided(power):
    assert form(power, "W") is None


def test_a_form_that_algebra_cannot_treat_is_not_decided():
    """With the signs of the samples the logarithm is not real."""
    formula = parse("maximum(log10(eps_d), Gamma**Gamma)**-1", "key")
    assert same_form(formula, formula, ["Gamma"], ["eps_d"]) is None
