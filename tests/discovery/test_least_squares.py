"""Least squares: the minimum, and the same digits whatever lies in memory."""

import numpy as np
import pytest

from kondoflow.discovery.search.least_squares import least_squares


def fit(residuals, start, scale):
    """`least_squares` for residuals, (set, n), of sets of parameters, (set, p)."""

    def moved(parameters, others):
        return residuals(np.where(np.eye(parameters.size, dtype=bool), others, parameters))

    return least_squares(lambda parameters: residuals(parameters[None])[0], moved, start, scale)


def test_the_minimum_of_a_fit_is_found():
    x = np.linspace(0.1, 2.0, 40)
    y = 1.5 * np.exp(-0.7 * x) + 0.2

    def residuals(c):
        return c[:, :1] * np.exp(c[:, 1:2] * x) + c[:, 2:] - y

    found = fit(residuals, np.array([1.0, -1.0, 0.1]), np.array([1.0, 1.0, 0.1]))
    assert found == pytest.approx([1.5, -0.7, 0.2], rel=1e-6)


@pytest.mark.parametrize("unit", [1e-30, 1e-6, 1e9])
def test_the_size_of_a_parameter_has_no_say(unit):
    """Differences over a fixed step, SciPy's own, miss the minimum where a parameter is small."""
    x = np.linspace(0.1, 2.0, 40)

    def residuals(c):
        return np.exp(-x * c[:, :1] / unit) - np.exp(-0.7 * x)

    found = fit(residuals, np.array([2 * unit]), np.array([2 * unit]))
    assert found == pytest.approx([0.7 * unit], rel=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e300])
def test_residuals_that_are_not_finite_count_as_large(wrong):
    def residuals(c):
        return np.where(c < 3, c + np.array([-1.0, 1.0]), wrong)

    assert fit(residuals, np.array([2.5]), np.array([10.0])) == pytest.approx([0], abs=1e-6)


def test_what_lies_in_memory_has_no_say():
    """Nearly dependent parameters; `scipy.optimize.leastsq` gives two results here."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 5)), rng.normal(size=40)
    x[:, -1] = x[:, 0] + 1e-9 * rng.normal(size=40)
    x[:, -2] = x[:, 0] + 1e-9 * rng.normal(size=40)

    def residuals(c):
        return np.tanh(c @ x.T) - y

    start, found = np.linspace(0.5, 1.0, 5), set()
    for left in (0.0, 1e3) * 5:
        blocks = [np.full(x.size + 1, left) for _ in range(8)]
        del blocks  # the Jacobian is likely to be put there next
        found.add(fit(residuals, start, start).tobytes())
    assert len(found) == 1
