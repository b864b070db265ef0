"""Expressions are read and never run; what is no expression is refused with a reason."""

import time

import numpy as np
import pytest

from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Name, names_in

ALLOWED = (
    "must be a formula of numbers, pi, names, + - * / **, parentheses and sqrt, exp, log, log10, "
    "abs, sign, sinh, cosh, tanh, sin, cos, square, minimum, maximum"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("U.real", "found access to the attribute 'real'"),
        ("().__class__.__bases__", "found access to the attribute '__bases__'"),
        ("__import__('os').system('true')", "found a call of something that is not a name"),
        ("__import__('os')", "found a call of '__import__'"),
        ("eval(U)", "found a call of 'eval'"),
        ("lambda: 1", "found a Lambda"),
        ("[U for U in U]", "found a ListComp"),
        ("U[0]", "found a Subscript"),
        ("'text'", "found the constant 'text'"),
        ("1j*U", "found the constant 1j"),
        ("True", "found the constant True"),
        ("U if U else 1", "found a IfExp"),
        ("U#2", "found the sign #"),
        ("U % 2", "found the operator Mod"),
        ("U < 1", "found a comparison, which only a region may be"),
        ("not U", "found and, or, not"),
        ("log", "found the function log without arguments"),
        ("log(U, 2)", "log takes 1 argument(s), found 2"),
        ("log(x=U)", "found a call of 'log' with keywords"),
        ("(U", "Python's parser says: '(' was never closed"),
        ("", "Python's parser says: invalid syntax"),
        ("log(peak width)", "a name with a blank is written peak_width"),
        ("9**9**9", "an exponent lies outside -20 .. 20"),
        ("U**1e9", "an exponent lies outside -20 .. 20"),
        ("((9**20)**20)**20", "a power of numbers is not finite"),
        ("1e999*U", "a number is too large"),
        ("(" * 150 + "U" + ")" * 150, None),
        ("log(" * 120 + "U" + ")" * 120, "it is nested too deeply"),
        ("-" * 9000 + "U", "it is nested too deeply"),
        ("+".join("U" * 2000), "it has more than 1000 terms"),
        ("U" * 10_001, "it has more than 10000 characters"),
    ],
)
def test_what_is_no_formula_is_refused(text, reason):
    started = time.process_time()
    if reason is None:
        assert parse(text, "key") == Name("U")
    else:
        with pytest.raises(InputError) as caught:
            parse(text, "systems.s.targets.t")
        shown = text if len(text) <= 200 else text[:200] + "..."
        assert str(caught.value) == (
            f"config: systems.s.targets.t = {shown!r} is not usable: {ALLOWED}; {reason}"
        )
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize("text", ["U", "U + 1", "U in V", "(U < 1) + 1", "U < 1 and V"])
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(InputError, match=r"must be comparisons .* joined by and, or, not; found"):
        parse(text, "region", condition=True)


def test_the_engines_spellings_are_understood():
    x = {"x0": np.array([0.5, 2.0])}
    for text in ("(x0 ^ 2)", "square(x0)", "pow(x0, 2)", "Abs(x0)*Max(x0, -1.0e-5)"):
        np.testing.assert_allclose(evaluate(parse(text, "key"), x), x["x0"] ** 2)
    # As Operon writes the Pareto front of a real search.
    operon = "1.5 * (((log((906.29370117187500000 * x0)) - ((-0.25) * x0)) / 1.387698)) + -0.5"
    expected = 1.5 * (np.log(906.293701171875 * x["x0"]) + 0.25 * x["x0"]) / 1.387698 - 0.5
    np.testing.assert_allclose(evaluate(parse(operon, "key"), x), expected)


def test_words_of_python_are_names():
    formula = parse("log10(lambda) + in*lambda", "x")
    assert names_in(formula) == {"lambda", "in"}
    with pytest.raises(InputError, match="found a Lambda"):
        parse("lambda: 1", "x")


def test_greek_letters_are_written_out():
    assert names_in(parse("2*\N{MICRO SIGN}", "x")) == {"mu"}
    text = "\N{GREEK CAPITAL LETTER GAMMA}*\N{GREEK SMALL LETTER EPSILON}_d"
    assert parse(text, "x") == parse("Gamma*epsilon_d", "x")
