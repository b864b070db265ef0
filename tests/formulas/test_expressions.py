"""Expressions are read, never run; what is written is read back; algebra keeps the values."""

import random
import subprocess
import sys
import time

import numpy as np
import pytest

from kondoflow.discovery.monotone import affine_residual, isotonic_residual
from kondoflow.files.errors import InputError
from kondoflow.formulas.algebra import (
    NotRealError,
    complexity,
    in_bare_parameters,
    representative,
    tidy,
    to_sympy,
    typeset,
)
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.expressions import (
    Apply,
    Name,
    Number,
    additive_terms,
    check_systems,
    names_in,
    parse,
    to_text,
    total,
)
from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT

ALLOWED = (
    "must be a formula of numbers, pi, names, + - * / **, parentheses and sqrt, exp, log, log10, "
    "abs, sign, tanh, sin, cos, square, minimum, maximum"
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
        ("U % 2", "found the operator Mod"),
        ("U < 1", "found a Compare"),
        ("not U", "found and, or, not"),
        ("log", "found the function log without arguments"),
        ("log(U, 2)", "log takes 1 argument(s), found 2"),
        ("log(x=U)", "found a call of 'log' with keywords"),
        ("(U", "Python's parser says: '(' was never closed"),
        ("", "Python's parser says: invalid syntax"),
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
    started = time.monotonic()
    if reason is None:
        assert parse(text, "key") == Name("U")
    else:
        with pytest.raises(InputError) as caught:
            parse(text, "systems.s.targets.t")
        shown = text if len(text) <= 200 else text[:200] + "..."
        assert str(caught.value) == (
            f"config: systems.s.targets.t = {shown!r} is not usable: {ALLOWED}; {reason}"
        )
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("text", ["U", "U + 1", "U in V", "(U < 1) + 1", "U < 1 and V"])
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(InputError, match=r"must be comparisons .* joined by and, or, not; found"):
        parse(text, "region", condition=True)


def test_values():
    U, V = np.array([1.0, 2.0, 4.0]), np.array([-1.0, 0.5, np.nan])
    found = evaluate_text("log(U)/2 + pi*abs(V)**2 - minimum(U, 2)", "key", {"U": U, "V": V})
    expected = np.log(U) / 2 + np.pi * np.abs(V) ** 2 - np.minimum(U, 2)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_array_equal(evaluate_text("3", "key", {"U": U}), [3.0, 3.0, 3.0])
    inside = evaluate_text("0 < V <= 1 or not U > 1", "key", {"U": U, "V": V}, condition=True)
    np.testing.assert_array_equal(inside, [True, True, False])
    assert np.isnan(evaluate_text("log(V)", "key", {"U": U, "V": V})[0])


def test_unknown_names_are_listed_with_the_known_ones():
    with pytest.raises(InputError) as caught:
        evaluate_text("Vau + W*U", "targets.x", {"U": np.ones(2), "Gamma": np.ones(2)})
    assert str(caught.value) == (
        "config: targets.x = 'Vau + W*U' is not usable: must be a formula over Gamma, U; "
        "unknown: Vau, W"
    )


def _random_formula(rng, depth):
    if depth == 0 or rng.random() < 0.25:
        numbers = [Number(value) for value in (-2, 3, -1.5, 0.25, 1e-9, -3e20)]
        return rng.choice([*numbers, Name("x"), Name("y"), Apply("pi")])
    function = rng.choice(["add", "sub", "mul", "div", "neg", "log", "minimum", "pow"])
    first = _random_formula(rng, depth - 1)
    if function == "neg":
        return Number(-first.value) if isinstance(first, Number) else Apply("neg", (first,))
    if function == "log":
        return Apply("log", (first,))
    if function == "pow":
        base = rng.choice([Name("x"), Apply("log", (first,)), Number(-2), Number(0.25)])
        return Apply("pow", (base, rng.choice([Number(2), Number(-3), Name("y")])))
    return Apply(function, (first, _random_formula(rng, depth - 1)))


def test_text_is_read_back_as_the_same_expression():
    rng = random.Random(0)
    for _ in range(2000):
        formula = _random_formula(rng, 5)
        assert parse(to_text(formula), "key") == formula


def test_the_engines_spellings_are_understood():
    x = {"x0": np.array([0.5, 2.0])}
    for text in ("(x0 ^ 2)", "square(x0)", "pow(x0, 2)", "Abs(x0)*Max(x0, -1.0e-5)"):
        np.testing.assert_allclose(evaluate(parse(text, "key"), x), x["x0"] ** 2)
    # As Operon writes the Pareto front of a real search.
    operon = "1.5 * (((log((906.29370117187500000 * x0)) - ((-0.25) * x0)) / 1.387698)) + -0.5"
    expected = 1.5 * (np.log(906.293701171875 * x["x0"]) + 0.25 * x["x0"]) / 1.387698 - 0.5
    np.testing.assert_allclose(evaluate(parse(operon, "key"), x), expected)


def test_the_terms_of_a_sum():
    terms = additive_terms(parse("log(U)/2 - (V + 3) + 2*(U - V)", "key"))
    assert [to_text(term) for term in terms] == ["log(U)/2", "-V", "-3", "2*(U - V)"]
    assert names_in(terms[3]) == {"U", "V"}
    assert to_text(total(terms)) == "log(U)/2 + -V + -3 + 2*(U - V)"


def test_the_config_is_checked_before_anything_heavy_is_imported():
    check_systems(load_config()["systems"])
    program = (
        "import sys; sys.path.insert(0, 'scripts')\n"
        "import kondoflow.formulas.expressions, kondoflow.discovery.engines.availability\n"
        "heavy = {'numpy', 'scipy', 'sympy', 'sklearn', 'pyoperon', 'xarray'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"targets": {"T": "log(T"}},
            r"config: systems.s.targets.T = 'log\(T' is not usable: .* was never closed",
        ),
        ({"region": "U*2"}, r"config: systems.s.region = 'U\*2' is not usable: must be compar"),
        (
            {"inputs": {"log": "U"}},
            "config: systems.s.inputs = 'log' is not usable: must be a name that is neither a "
            "function nor a word of the language",
        ),
        (
            {"targets": {"latent_3": "U"}},
            "config: systems.s.targets = 'latent_3' is not usable: must be another name: "
            r"latent_0, latent_1 \.\.\. are the latents",
        ),
    ],
)
def test_mistakes_in_a_system_are_named(changes, message):
    system = {"parameters": ["U"], "descriptors": {"U": "U"}}
    with pytest.raises(InputError, match=message):
        check_systems({"s": {**system, **changes}})


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


@pytest.mark.parametrize("text", ["log(-2.0) + a", "a/(1.5 - 1.5)", "sqrt(-1.0)*a"])
def test_equations_without_real_values_are_refused(text):
    with pytest.raises(NotRealError):
        tidy(parse(text, "key"))


def test_a_formula_in_latex():
    text = load_config()["systems"]["anderson"]["references"]["haldane"]
    latex = typeset(parse(text, "key"), {"eps_d": r"\epsilon_d", "Gamma": r"\Gamma"})
    assert latex == (
        r"\frac{\ln{\left(\frac{\Gamma U}{2} \right)}}{2} + "
        r"\frac{\pi \epsilon_d \left(U + \epsilon_d\right)}{2 \Gamma U}"
    )
    assert to_sympy(parse("1/2", "key")).is_Rational
