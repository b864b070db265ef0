"""Rewriting keeps the values and drops what the objective leaves open."""

import numpy as np
import pytest
import sympy

from kondoflow.discovery.monotone import affine_residual, isotonic_residual
from kondoflow.formulas.collecting import collect
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rewriting import in_bare_parameters, representative, tidy
from kondoflow.formulas.symbolic import NotRealError, to_sympy
from kondoflow.formulas.trees import names_in

INPUTS = {"a": "U/Gamma", "b": "eps_d/U", "c": "eps_d/Gamma", "G": "Gamma"}
EVOLVED = [
    "((log((906.2937 * G)) + (((-0.58 * c) + (-0.568 * a)) * ((-2.69 * b) - 0.05))) / 1.3877)",
    "(log(((-2.5)*c)) + (1.571*c)*(1.01*b+1.02)) + 0.2*log(3.0*a)",
    "((0.3*G)^2 + sqrt(square(2.0*a))) / (1.5 - b)",
    "log((log(812.0*G)*0.5 + a)*3.0) - 0.7",
]


@pytest.fixture
def samples():
    rng = np.random.default_rng(1)
    U, Gamma = rng.uniform(0.1, 0.4, 200), rng.uniform(0.005, 0.025, 200)
    bare = {"U": U, "Gamma": Gamma, "eps_d": U * rng.uniform(-0.85, -0.15, 200)}
    return bare, {name: evaluate_text(text, name, bare) for name, text in INPUTS.items()}


@pytest.mark.parametrize("text", EVOLVED)
def test_rewriting_keeps_the_values(text, samples):
    bare, inputs = samples
    expression = parse(text, "key")
    tidied = tidy(expression)
    values = evaluate(expression, inputs)
    np.testing.assert_allclose(evaluate(tidied, inputs), values, rtol=1e-9)
    definitions = {name: parse(definition, name) for name, definition in INPUTS.items()}
    written = in_bare_parameters(tidied, definitions, up_to_scale=False)
    assert names_in(written) <= set(bare)
    np.testing.assert_allclose(evaluate(written, bare), values, rtol=1e-9)


@pytest.mark.parametrize("text", EVOLVED)
def test_a_representative_differs_by_a_map_of_its_family_only(text, samples):
    _, inputs = samples
    expression = parse(text, "key")
    values = evaluate(expression, inputs)
    affine = representative(expression, monotone=False)
    monotone = representative(expression, monotone=True)
    assert affine_residual(evaluate(affine, inputs), values) < 1e-12
    assert isotonic_residual(evaluate(monotone, inputs), values) < 1e-12
    assert complexity(monotone) <= complexity(affine) <= complexity(tidy(expression))


def test_superfluous_constants_go():
    found = representative(parse("4.0*sqrt(1.57*log(3.0*G) + 3.0*c) + 2.0", "key"), monotone=True)
    assert to_text(found) == "1.91082802547771*c + log(G)"
    found = tidy(parse("c*(1.5*b + 1.5*a)", "key"))
    assert (to_text(found), complexity(found)) == ("1.5*c*(a + b)", 8)


@pytest.mark.parametrize(
    "text", ["log(-2.0) + a", "a/(1.5 - 1.5)", "sqrt(-1.0)*a", "a**19.5*a**3.0"]
)
def test_equations_without_real_values_are_refused(text):
    with pytest.raises(NotRealError):
        tidy(parse(text, "key"))


@pytest.mark.parametrize(
    "text",
    [
        *EVOLVED,
        "1.5*a*b + 0.3*a - 2*a*c + b/(a*c + 0.7*a) + log(a*b + a)*a",
        "a**2*b + a**2/c + a**3 - 0.1*a**0.5 + 1.2*a**0.5*c + (a + 0.2*a*b)**-2.5 + 4",
        "exp(2*a)*b + exp(2*a)*c + a*exp(a*b) + sqrt(a*c) + 2*sqrt(a*c)*b - a",
        "minimum(a, b)*a + a*sin(a)/b + 2*a*sin(b)",
    ],
)
def test_collecting_is_that_of_sympy(text):
    form = sympy.expand(to_sympy(parse(text, "key")), log=False)
    for symbol in form.free_symbols:
        assert sympy.srepr(collect(form, symbol)) == sympy.srepr(sympy.collect(form, symbol))


def test_whole_numbers_and_constants_are_told_apart_when_results_are_kept():
    assert [to_text(tidy(parse(text, "key"))) for text in ("2*a", "2.0*a")] == ["2*a", "2.0*a"]
