"""Operations that a reference needs and the search was not given."""

import pytest

from kondoflow.discovery.judgement.ungiven import ungiven
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.grammar import parse
from kondoflow.report.words import obstacles_of

DEFAULT = ["add", "sub", "mul", "div", "log"]
EXACT, FREE = Objective.SQUARED_ERROR, Objective.ISOTONIC


@pytest.mark.parametrize(
    ("text", "objective", "given", "lacking"),
    [
        ("a/tanh(t/(2*T))", EXACT, [], ["tanh"]),
        ("a/tanh(t/(2*T))", EXACT, ["exp"], []),
        ("pi*sqrt(R)/(1 - R)", EXACT, [], ["sqrt"]),
        ("pi*R**0.5/(1 - R)", EXACT, [], ["sqrt"]),
        ("sqrt(p**2 + m**2) - m", FREE, [], ["sqrt"]),
        ("sqrt(p**2 + m**2)", EXACT, [], ["sqrt"]),
        ("sqrt(p**2 + m**2)", FREE, [], []),
        ("exp(-a/b)", FREE, [], []),
        ("sqrt(r)*exp(7*s**2)", EXACT, [], ["exp", "sqrt"]),
        ("sqrt(3/5)*r", EXACT, [], []),
        ("log(a) + b**2", EXACT, [], []),
        ("minimum(a, b)*(m*n)**0.6", EXACT, [], []),  # nothing that could be given
    ],
)
def test_only_what_may_help_is_named(text, objective, given, lacking):
    assert ungiven(parse(text, "reference"), objective, [*DEFAULT, *given]) == lacking


def test_what_an_input_holds_is_given():
    inputs = [parse("sqrt(R)", "input"), parse("T", "input")]
    assert ungiven(parse("sqrt(R)*exp(T)", "reference"), EXACT, DEFAULT, inputs) == ["exp"]


def test_the_words_name_them_where_the_equation_is_another_law():
    law = {"status": "close", "reason": None, "angle": 2.0}
    found = {"obstacles": ["law"], "law": law, "ungiven": ["exp", "sqrt"]}
    assert "needs exp and sqrt, which the search was not given" in obstacles_of(found)[-1]
    assert len(obstacles_of({**found, "ungiven": []})) == 1
    assert obstacles_of({**found, "obstacles": []}) == []
