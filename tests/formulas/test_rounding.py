"""Digits of constants, and equations solved for a scale."""

import numpy as np
import pytest

from kondoflow.discovery.scale import scale_of, solved_for_scale
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rounding import round_constant, text_of, with_rounded


@pytest.mark.parametrize(
    ("value", "uncertainty", "rounded", "text"),
    [
        (0.960712, 0.00198, 0.9607, "0.9607(20)"),
        (0.96024, 0.0051, 0.96, "0.960(5)"),
        (1.24927, 0.0162, 1.249, "1.249(16)"),
        (242.31, 8.1, 242.0, "242(8)"),
        (1234.6, 121.0, 1230.0, "1230(120)"),
        (1.0, 0.0, 1.0, "1"),
        (1.0, None, 1.0, "1"),
        (0.123456789, float("nan"), 0.1235, "0.1235"),
        (0.004, 3.0, 0.004, "0.0(30)"),
        (-0.3, 9.0, -0.3, "0(9)"),
        (7.2429923e22, 3.3e17, 7.242992e22, "7.242992(33)e+22"),
        (-8.62e11, 4.1e10, -8.6e11, "-8.6(4)e+11"),
        (4.71e-23, 1.2e-24, 4.71e-23, "4.71(12)e-23"),
        (3e-9, 5e8, 3e-9, "0(5)e+08"),
        (5e-5, 0.2, 5e-5, "0.00(20)"),
    ],
)
def test_constants_have_the_digits_that_their_uncertainty_allows(value, uncertainty, rounded, text):
    assert round_constant(value, uncertainty) == pytest.approx(rounded)
    assert text_of(value, uncertainty) == text


def test_an_equation_keeps_exact_numbers():
    equation = parse("0.96024*log(Gamma) + 2*U/Gamma + 0.004131", "f")
    assert (
        to_text(with_rounded(equation, [0.002, 0.0001]))
        == "0.9602*log(Gamma) + 2*U/Gamma + 0.00413"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.0*sqrt(A*(T - T_c))", "sqrt(A*(T - T_c))"),
        ("y - 1.0*x*(1.0*z + 1.0)", "y - x*(z + 1.0)"),
        ("-1.0*x/1.0 + 1.0/y", "-x + 1/y"),
        ("2*x + x*1.0", "2*x + x"),
        ("0.999999*x", "1.0*x"),  # it is not exact
        ("1*x**1.0", "1*x**1.0"),
    ],
)
def test_a_factor_that_is_exactly_one_is_not_shown(text, shown):
    assert to_text(with_rounded(parse(text, "f"), None)) == shown


def test_only_a_logarithm_is_the_logarithm_of_a_scale():
    assert scale_of(parse("log(T_chi)", "t")) == "T_chi"
    assert scale_of(parse("T_chi", "t")) is None
    assert scale_of(parse("2*log(T_chi)", "t")) is None


def test_a_logarithm_is_solved_for_its_scale():
    text = "0.9602*log(Gamma) - log(U)/2 + 0.2656 + 1.46*eps_d*(U + eps_d)/(Gamma*U)"
    solved = solved_for_scale(parse(text, "f"))
    assert to_text(solved) == (
        "1.304*Gamma**0.9602*U**(-0.5)*exp(1.46*eps_d*(U + eps_d)/(Gamma*U))"
    )
    values = {"Gamma": np.array([0.02]), "U": np.array([0.2]), "eps_d": np.array([-0.07])}
    expected = np.exp(evaluate(parse(text, "f"), values))
    np.testing.assert_allclose(evaluate(solved, values), expected, rtol=5e-3)
