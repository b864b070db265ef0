"""Every expression that is accepted at the start survives all that happens to it later."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage.refusals import refused

from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.fitting import with_rounded_constants
from kondoflow.discovery.search.polishing import polish, reduced
from kondoflow.discovery.selection import Part
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import check_numbers, parse
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.printing import to_text, typeset
from kondoflow.formulas.rewriting import folded, in_bare_parameters
from kondoflow.formulas.symbolic import NotRealError
from kondoflow.report.typeset import formula
from studies.hostile.expressions import is_followed
from studies.hostile.pages import prepare

NAMES = ("U", "Gamma", "eps_d")
RNG = np.random.default_rng(0)
SAMPLES = {name: RNG.uniform(0.5, 2.0, 30) for name in NAMES}
NUMBERS = ["1", "2", "20", "0.5", "1e308", "1e-308", "-3", "pi", "1000.0", "0", "exp(1)"]
ONE = ["sqrt", "exp", "log", "log10", "abs", "sign", "tanh", "sin", "cos", "sinh", "cosh", "-"]
TWO = ["minimum", "maximum"]
TEXTS = st.recursive(
    st.sampled_from([*NAMES, *NUMBERS]),
    lambda inner: st.one_of(
        st.builds("{0}({1})".format, st.sampled_from(ONE), inner),
        st.builds("{0}({1}, {2})".format, st.sampled_from(TWO), inner, inner),
        st.builds("({1}){0}({2})".format, st.sampled_from([*"+-*/", "**"]), inner, inner),
        st.builds("({0})**{1}".format, inner, st.sampled_from(["2", "20", "0.5", "-1"])),
    ),
    max_leaves=6,
)


def accepted(text):
    """The expression of a text; None if it is refused in one line."""
    try:
        expression = parse(text, "key")
        check_numbers(expression, text, "key")
    except InputError:
        return None
    return expression


def survives(text):
    """Follow an expression through the pipeline; whether it was accepted."""
    expression = accepted(text)
    if expression is None:
        return False
    values = evaluate(expression, SAMPLES)
    assert formula(typeset(expression))
    assert accepted(to_text(expression)) == expression
    for form in (folded, lambda each: in_bare_parameters(each, {}, up_to_scale=False)):
        try:
            other = form(expression)
        except NotRealError:
            continue
        assert complexity(other) > 0
        both = np.broadcast_arrays(values, evaluate(with_rounded_constants(other, 12), SAMPLES))
        known = np.isfinite(both[0]) & np.isfinite(both[1]) & (abs(both[0]) < 1e6)
        # Where numbers cancel, two forms of one formula differ by what is lost.
        close = np.isclose(both[0][known], both[1][known], 1e-3, 1e-3)
        assert 2 * close.sum() >= close.size
        assert formula(typeset(other))
    for objective in Objective:
        reduced(expression, objective)
    return True


@given(TEXTS)
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
def test_an_accepted_expression_survives(text):
    survives(text)


@pytest.mark.parametrize(
    "text",
    [
        "minimum(minimum(U, Gamma), abs(eps_d))",
        "exp(1)*U/Gamma",
        "sqrt(U)*exp(1)",
        "(U + Gamma + eps_d)**20*(U - 1)**19",
        "maximum(maximum(U, maximum(1, Gamma)), eps_d)",
    ],
)
def test_an_expression_keeps_its_values(text):
    assert survives(text)
    other = folded(parse(text, "key"))
    np.testing.assert_allclose(
        evaluate(other, SAMPLES), evaluate(parse(text, "key"), SAMPLES), 1e-12
    )
    parse(to_text(other), "key")


@pytest.mark.parametrize("text", ["((U+Gamma)**20)**20", "(U**20*Gamma)**3", "((U)**4)**(-6)"])
def test_powers_of_powers_are_refused(text):
    with refused("config", "key", text, ANY_FORMULA):
        parse(text, "key")


@pytest.mark.parametrize("text", ["1e308*10", "exp(1000.0)*U", "U/0 + 1/0", "log(-2)*U"])
def test_numbers_that_are_not_finite_are_refused(text):
    with refused("config", "key", text, ANY_FORMULA):
        check_numbers(parse(text, "key"), text, "key")


def test_a_maximum_of_what_is_infinite_is_typeset():
    assert typeset(parse("maximum(maximum(1, Gamma)/(0*U), pi)", "key"))


ANY_FORMULA = "a formula of numbers, pi, names"


@pytest.mark.parametrize(
    "text", ["U**10*U**10*U**12", "exp(900.0)*U", "sqrt(U)*exp(1)", "U + log(-2.0)"]
)
@pytest.mark.parametrize("objective", list(Objective))
def test_an_equation_of_a_search_is_polished_or_left_out(text, objective):
    part = Part(SAMPLES, SAMPLES["U"] ** 2)
    kept = polish(parse(text, "equation"), part, objective, 0.1)
    assert kept is None or parse(to_text(kept), "equation") == kept


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # which stages log
def test_an_accepted_expression_reaches_the_page(finished, tmp_path):
    """As equation and as reference: through polish, units, judgement and report."""
    prepare(tmp_path, finished[0] / "results")

    @given(TEXTS, st.sampled_from(Objective))
    @settings(max_examples=15, deadline=None, derandomize=True, database=None)
    def check(text, objective):
        if accepted(text) is not None:
            assert is_followed(text, objective, tmp_path)

    check()
