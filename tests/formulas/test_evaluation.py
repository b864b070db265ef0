"""Values of expressions on samples."""

import numpy as np
import pytest

from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate_text


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
