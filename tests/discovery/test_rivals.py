"""References against each other."""

import numpy as np
import pytest

from kondoflow.discovery.judgement.rivals import compare_rivals, log_likelihoods, resamples, widths

RNG = np.random.default_rng(5)
Y = RNG.normal(size=300)


def test_the_factor_is_the_ratio_of_squared_errors():
    errors = {"good": 0.01 * RNG.normal(size=300), "bad": 0.1 * RNG.normal(size=300)}
    found = compare_rivals(errors, Y, 1, has_scale=False)
    assert list(found) == ["good", "bad"]
    expected = np.mean(errors["bad"] ** 2) / np.mean(errors["good"] ** 2)
    assert found["bad"].factor == pytest.approx(expected, rel=1e-9)
    assert found["bad"].excluded
    low, high = found["bad"].interval
    assert low < expected < high
    assert found["good"].factor == 1
    assert not found["good"].excluded


def test_what_noise_hides_is_not_separated():
    noise = 0.05 * RNG.normal(size=300)
    errors = {"one": noise, "two": noise + 0.002 * RNG.normal(size=300)}
    found = compare_rivals(errors, Y, 1, has_scale=True)
    assert not any(item.excluded for item in found.values())


def test_small_values_are_not_hidden_by_large_ones():
    """Errors of 1 % of the value everywhere, and the same with 100 % at the smallest values."""
    y = np.exp(RNG.uniform(-14, 0, 300))
    relative = 0.01 * y * RNG.normal(size=300)
    wrong = np.where(y < 1e-3, y, relative)
    found = compare_rivals({"right": relative, "wrong": wrong}, y, 1, has_scale=True)
    assert next(iter(found)) == "right"
    assert found["wrong"].excluded
    blind = compare_rivals({"right": relative, "wrong": wrong}, y, 1, has_scale=False)
    assert not blind["wrong"].excluded


def test_exact_references_cannot_be_separated_and_a_reference_without_values_is_excluded():
    exact, undefined = np.zeros(300), np.full(300, np.nan)
    errors = {"one": exact, "two": exact + 1e-12, "none": undefined}
    found = compare_rivals(errors, Y, 1, has_scale=True)
    assert not found["one"].excluded
    assert not found["two"].excluded
    assert found["none"].excluded


def test_too_few_samples_say_nothing():
    assert compare_rivals({"one": np.zeros(5)}, np.arange(5.0), 1, has_scale=True) == {}


def test_a_resample_counts_samples_as_often_as_it_holds_them():
    errors = np.stack([0.1 * Y, Y - 1.0])
    counts = next(resamples(Y.size, 3))[:1]
    drawn = np.repeat(np.arange(Y.size), counts[0].astype(int))
    once = np.ones((1, Y.size))
    assert widths(Y, counts[0]) == pytest.approx((np.std(Y[drawn]), np.median(np.abs(Y[drawn]))))
    np.testing.assert_allclose(
        log_likelihoods(errors, Y, counts, widths(Y, counts[0]), has_scale=True),
        log_likelihoods(
            errors[:, drawn], Y[drawn], once, widths(Y[drawn], once[0]), has_scale=True
        ),
    )
