"""Values of expressions on samples."""

import numpy as np
import pytest

from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.prepared import Prepared


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


def test_a_prepared_expression_gives_the_same_bits():
    rng = np.random.default_rng(0)
    known = {"U": rng.uniform(1, 9, 101), "V": -rng.uniform(1, 9, 101)}
    expression = parse("k*log(U*V**2) + exp(-m*log(U*V**2)/U)*k**2 + U**m + log(m) - n*0.0", "key")
    prepared = Prepared(expression, known, (101,))
    first, others = dict.fromkeys("kmn", 0.7), {"k": 1.3, "n": -2.0, "m": 0.9}
    assert prepared(first).tobytes() == evaluate(expression, known | first).tobytes()
    for (name, value), found in zip(others.items(), prepared.moved(first, others), strict=True):
        expected = evaluate(expression, known | first | {name: value})
        assert found.tobytes() == expected.tobytes()
    assert prepared(first).tobytes() == evaluate(expression, known | first).tobytes()


def test_a_prepared_expression_may_be_known_or_miss_a_name():
    known = {"U": np.array([1.0, 2.0])}
    np.testing.assert_array_equal(Prepared(parse("U + 1", "key"), known, (2,))({}), [2, 3])
    alone = Prepared(parse("k", "key"), known, (2,))
    np.testing.assert_array_equal(alone({"k": 3.0}), [3, 3])
    moved = alone.moved({"k": 3.0}, {"m": 1.0, "k": 2.0})
    np.testing.assert_array_equal(moved, [[3, 3], [2, 2]])
