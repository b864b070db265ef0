"""Agreement up to monotone and affine maps: known answers, invariances."""

import numpy as np
import pytest
from scipy.optimize import isotonic_regression
from sklearn.isotonic import IsotonicRegression

from kondoflow.discovery.monotone import (
    affine_residual,
    fit_affine,
    fit_monotone,
    isotonic_residual,
    unexplained,
)

RISING = {"exp": np.exp, "cube": lambda x: x**3, "tanh": np.tanh, "affine": lambda x: 3 * x - 7}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("ties", [False, True])
def test_isotonic_residual_is_that_of_scikit_learn(rng, sign, ties):
    x = rng.normal(size=300)
    x = np.round(x, 1) if ties else x
    y = sign * np.tanh(x) + 0.3 * rng.normal(size=300)
    best = max(
        IsotonicRegression(increasing=rising).fit(x, y).score(x, y) for rising in (True, False)
    )
    assert 1 - isotonic_residual(x, y) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize("name", RISING)
@pytest.mark.parametrize("sign", [1, -1])
def test_monotone_maps_of_the_argument_change_nothing(rng, name, sign):
    x, y, new = rng.normal(size=200), rng.normal(size=200), rng.normal(size=50)
    y += x
    mapped = sign * RISING[name](x)
    assert isotonic_residual(mapped, y) == pytest.approx(isotonic_residual(x, y), abs=1e-12)
    # Held-out values too, which a linear interpolation in x would not keep.
    np.testing.assert_allclose(
        fit_monotone(mapped, y)(sign * RISING[name](new)), fit_monotone(x, y)(new), atol=1e-12
    )


def test_a_monotone_relation_is_fully_explained_and_a_peak_is_not(rng):
    x = rng.normal(size=400)
    assert isotonic_residual(x, np.exp(-x)) == pytest.approx(0, abs=1e-12)
    assert affine_residual(x, np.exp(-x)) > 0.3
    assert isotonic_residual(x, x**2) > 0.3
    noise = rng.normal(size=400)
    train, rest = slice(0, 300), slice(300, 400)
    assert unexplained(noise[rest], fit_monotone(x[train], noise[train])(x[rest])) > 0.9


def test_affine_residual_is_one_minus_pearson_squared(rng):
    x = rng.normal(size=100)
    y = 2 * x + rng.normal(size=100)
    assert affine_residual(x, y) == pytest.approx(1 - np.corrcoef(x, y)[0, 1] ** 2, abs=1e-12)
    line = fit_affine(x, 3 - 2 * x)
    assert (line.offset, line.slope) == pytest.approx((3, -2))
    assert unexplained(np.ones(5), np.ones(5)) == np.inf


@pytest.mark.parametrize("sign", [1, -1])
def test_a_shortened_map_is_the_same_map(rng, sign):
    x = np.round(rng.normal(size=300), 2)
    whole = fit_monotone(x, sign * x + rng.normal(size=300))
    short = whole.shortened()
    assert 2 < len(short.x) < len(whole.x)
    new = np.r_[whole.x, rng.normal(scale=2, size=1000), -9, 9]
    np.testing.assert_array_equal(short(new), whole(new))


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0, 3.0])
def test_the_better_of_both_directions_is_found(noise):
    rng = np.random.default_rng(3)
    for n in range(2, 60):
        x = np.round(rng.normal(size=n), 1)
        y = rng.choice([-1, 1]) * x + noise * rng.normal(size=n)
        _, group, counts = np.unique(x, return_inverse=True, return_counts=True)
        means = np.bincount(group, weights=y) / counts
        lowest = min(
            np.sum((y - isotonic_regression(means, weights=counts, increasing=up).x[group]) ** 2)
            for up in (True, False)
        )
        assert np.sum((y - fit_monotone(x, y)(x)) ** 2) == pytest.approx(lowest, abs=1e-12)
