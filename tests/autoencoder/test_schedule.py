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


def test_a_weight_may_fall_to_its_value():
    schedule = Schedule(100, 2.0, 0.5, (1e-3, 2e-5), kl_start=32.0)
    found = [float(schedule.kl_weight_at(epoch)) for epoch in (0, 25, 50, 99)]
    assert found == pytest.approx([64, 2 * 32**0.5, 2, 2], rel=1e-6)
