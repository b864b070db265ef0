"""What is written is read back; formulas in LaTeX."""

import random

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import latex_symbols, to_text, typeset
from kondoflow.formulas.symbolic import to_sympy
from kondoflow.formulas.trees import Apply, Name, Number
from kondoflow.stage.config import load_config


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


def test_large_constants_are_written_with_a_power_of_ten():
    formula = parse("E*exp(-860000000000.0*t) - 2500000.0 + 4000000*t", "f")
    assert to_text(formula) == "E*exp(-8.6e+11*t) - 2.5e+6 + 4000000*t"
    assert "8.6 \\cdot 10^{11}" in typeset(formula)
    assert "4000000 t" in typeset(formula)


def test_words_are_set_upright_and_apart():
    assert typeset(parse("2*mass*E_peak/rate_0", "f")) == (
        r"\frac{2 \cdot E_{peak} \cdot \mathrm{mass}}{\mathrm{rate}_{0}}"
    )
    assert typeset(parse("2*mass*g*Delta", "f"), {"mass": "m"}) == r"2 \Delta g m"
    assert typeset(parse("a_long_name/2", "f")) == r"\frac{\mathrm{a\_long\_name}}{2}"


def test_a_formula_in_latex():
    text = load_config()["systems"]["anderson"]["references"]["haldane"]
    latex = typeset(parse(text, "key"), {"eps_d": r"\epsilon_d", "Gamma": r"\Gamma"})
    assert latex == (
        r"\frac{\log{\left(\frac{\Gamma U}{2} \right)}}{2} + "
        r"\frac{\pi \epsilon_d \left(U + \epsilon_d\right)}{2 \Gamma U}"
    )
    assert to_sympy(parse("1/2", "key")).is_Rational


def test_labels_that_are_one_formula_give_latex():
    labels = {"U": "$U$", "n_d": r"$n_{\mathrm{d}}$", "haldane": "Haldane", "x": "$a$ and $b$"}
    assert latex_symbols(labels) == {"U": "U", "n_d": r"n_{\mathrm{d}}"}


def test_numbers_that_algebra_made_are_short():
    assert typeset(parse("exp(x - 1.15802)", "key")) == "0.314107 e^{x}"
    assert "0.9602" in typeset(parse("x**0.9602", "key"))
