"""Uncertainties of constants."""

import numpy as np
import pytest

from kondoflow.discovery.judgement.coefficients import DRAWN, bootstrap


@pytest.mark.parametrize("n", [DRAWN // 10, DRAWN, 10 * DRAWN])
def test_the_deviation_of_a_mean_falls_with_the_root_of_the_number_of_samples(n):
    y = np.random.default_rng(2).normal(size=n)
    (deviation,) = bootstrap(lambda chosen: [float(y[chosen].mean())], np.arange(n), 1)
    assert deviation == pytest.approx(n**-0.5, rel=0.3)  # four deviations of one from 50 resamples
