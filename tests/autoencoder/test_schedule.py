"""The course of KL weight and learning rate."""

import numpy as np
import pytest

from kondoflow.autoencoder.schedule import Schedule


def test_schedules():
    schedule = Schedule(101, 2.0, 0.5, (1e-3, 2e-5))
    assert float(schedule.kl_weight_at(0)) == 0
    assert float(schedule.kl_weight_at(25)) == pytest.approx(2 * np.tanh(50 / 50.5), rel=1e-6)
    assert float(schedule.learning_rate_at(0)) == pytest.approx(1e-3, rel=1e-6)
    assert float(schedule.learning_rate_at(50)) == pytest.approx(5.1e-4, rel=1e-5)
    assert float(schedule.learning_rate_at(100)) == pytest.approx(2e-5, rel=1e-4)
