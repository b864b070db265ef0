"""Every operation of the table is known to everything that reads the table, and means the same."""

import ast
import operator
import re

import numpy as np
import pyoperon
import pytest
import sympy

from kondoflow.discovery.engines import evolution, pysr_arguments
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.operations import (
    BY_SYNTAX,
    CALLABLE,
    FUNCTIONS,
    NEVER_NESTED,
    OPERATIONS,
    RESERVED,
    Kind,
)
from kondoflow.formulas.printing import to_text, typeset
from kondoflow.formulas.symbolic import from_sympy, to_sympy
from kondoflow.formulas.trees import Apply, Name, Number, constant_value
from kondoflow.stage.paths import ROOT
from kondoflow.stage.yaml_files import read_mapping

CONDITIONS = (Kind.COMPARISON, Kind.CONNECTIVE)
FORMULAS = [name for name, item in OPERATIONS.items() if item.kind not in CONDITIONS]
X = np.array([0.3, 0.7, 1.9])  # where every operation has a value
Y = np.array([0.5, 0.6, 1.2])
COMPARED = {
    "x < y": ("lt", operator.lt(X, Y)),
    "x <= y": ("le", operator.le(X, Y)),
    "x > y": ("gt", operator.gt(X, Y)),
    "x >= y": ("ge", operator.ge(X, Y)),
    "x == y": ("eq", operator.eq(X, Y)),
    "x != y": ("ne", operator.ne(X, Y)),
    "not x < y": ("not", X >= Y),
    "x < y and y < 0.55 and x > 0": ("and", [True, False, False]),
    "x > y or y < 0.55": ("or", [True, True, True]),
}


def applied(name, *arguments):
    return Apply(name, arguments[: OPERATIONS[name].arity])


@pytest.mark.parametrize("name", FORMULAS)
def test_numbers_samples_and_algebra_agree(name):
    on_samples = evaluate(applied(name, Name("x"), Name("y")), {"x": X, "y": Y})
    on_samples = np.broadcast_to(on_samples, X.shape)
    form = to_sympy(applied(name, Name("x"), Name("y")))
    for x, y, expected in zip(X.tolist(), Y.tolist(), on_samples.tolist(), strict=True):
        on_numbers = constant_value(applied(name, Number(x), Number(y)))
        values = {symbol: {"x": x, "y": y}[str(symbol)] for symbol in form.free_symbols}
        assert on_numbers == pytest.approx(expected, rel=1e-14)
        assert float(form.subs(values)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", FORMULAS)
def test_what_is_written_is_read_back_and_typeset(name):
    formula = applied(name, Name("x"), Name("y"))
    assert parse(to_text(formula), "key") == formula
    assert typeset(formula)
    values = {"x": X, "y": Y}
    back = from_sympy(to_sympy(formula))
    np.testing.assert_allclose(evaluate(back, values), evaluate(formula, values), rtol=1e-14)


@pytest.mark.parametrize("text", COMPARED)
def test_conditions_are_read_and_evaluated(text):
    name, expected = COMPARED[text]
    condition = parse(text, "key", condition=True)
    assert condition.function == name
    np.testing.assert_array_equal(evaluate(condition, {"x": X, "y": Y}), expected)


def test_every_condition_is_tested():
    assert {name for name, _ in COMPARED.values()} == set(OPERATIONS) - set(FORMULAS)


def test_functions_are_called_by_their_names_and_spellings():
    for name, operation in CALLABLE.items():
        text = f"{name}({', '.join('xy'[: operation.arity])})"
        assert parse(text, "key") == applied(operation.name, Name("x"), Name("y"))
    of_sympy = {"Abs", "Min", "Max"}
    assert of_sympy <= set(CALLABLE)
    assert {*FUNCTIONS, "pi", *of_sympy} <= RESERVED


def test_each_operator_of_python_stands_for_one_operation():
    with_syntax = [item for item in OPERATIONS.values() if item.syntax]
    assert len(BY_SYNTAX) == len(with_syntax)
    operators = ast.operator, ast.unaryop, ast.cmpop, ast.boolop
    assert all(issubclass(item.syntax, operators) for item in with_syntax)


def test_every_operation_of_a_search_is_known_to_both_engines():
    """Operon and PySR give the operation the same meaning; the schema admits no other."""
    sought = [name for name, item in OPERATIONS.items() if item.operon]
    assert sought == [name for name, item in OPERATIONS.items() if item.pysr]
    assert set(evolution.NODES) == set(pysr_arguments.OPERATORS) == set(sought)
    schema = read_mapping(ROOT / "workflow/schemas/config.schema.yaml")
    allowed = schema["properties"]["equations"]["properties"]["symbols"]["items"]["enum"]
    assert sorted(allowed) == sorted(sought)
    assert set(NEVER_NESTED) <= set(sought)


@pytest.mark.parametrize("name", [name for name, item in OPERATIONS.items() if item.operon])
def test_operon_means_the_same_by_an_operation(name):
    arity = OPERATIONS[name].arity
    dataset = pyoperon.Dataset(np.asfortranarray(np.column_stack([X, Y])))
    variables = sorted(dataset.Variables, key=lambda variable: variable.Index)
    leaves = []
    for variable in variables[:arity]:
        leaf = pyoperon.Node(pyoperon.NodeType.Variable)
        leaf.HashValue = leaf.CalculatedHashValue = variable.Hash
        leaf.Value = 1.0
        leaves.append(leaf)
    # A tree is written in postfix order, the first argument next to its function.
    tree = pyoperon.Tree([*leaves[::-1], pyoperon.Node(evolution.NODES[name])]).UpdateNodes()
    values = pyoperon.Evaluate(
        pyoperon.DispatchTable(), tree, dataset, pyoperon.Range(0, dataset.Rows)
    )
    expected = evaluate(applied(name, Name("x"), Name("y")), {"x": X, "y": Y})
    np.testing.assert_allclose(values, expected, rtol=1e-5)
    names = {variable.Hash: text for variable, text in zip(variables, "xy", strict=True)}
    read = parse(pyoperon.InfixFormatter.Format(tree, names, 17), "key")
    np.testing.assert_allclose(evaluate(read, {"x": X, "y": Y}), expected, rtol=1e-14)


@pytest.mark.parametrize("name", [name for name, item in OPERATIONS.items() if item.pysr])
def test_what_pysr_writes_of_an_operation_is_understood(name):
    operation = OPERATIONS[name]
    written = operation.pysr
    text = f"x {written} y" if re.fullmatch(r"\W", written) else f"{written}(x)"
    assert parse(text, "key") == applied(name, Name("x"), Name("y"))


def test_a_condition_has_no_algebra():
    with pytest.raises(AssertionError, match="lt is a condition"):
        to_sympy(parse("x < y", "key", condition=True))
    assert to_sympy(Apply("pi")) is sympy.pi
