"""Landmarks: which side of a threshold samples lie on, and whether a latent knows."""

from __future__ import annotations

import numpy as np
import pytest

from kondoflow.discovery.latents.landmarks import best_threshold, measure_landmarks

LANDMARKS = {"transition": {"quantity": "order", "at": 0.5, "below": "off", "above": "on"}}


def samples(seed: int = 3, n: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An order parameter, two latents of which the second falls with it, and training samples."""
    rng = np.random.default_rng(seed)
    order = rng.uniform(0.3, 1.0, n)
    latents = np.stack([rng.normal(size=n), np.exp(-3 * order)], axis=1)
    return order, latents, np.arange(n) < n // 2


def test_the_latent_and_the_side_are_found() -> None:
    order, latents, train = samples()
    found = measure_landmarks(LANDMARKS, {"order": order}, latents, [0, 1], train)["transition"]
    assert found["below"] + found["above"] == 400
    assert found["below"] == np.sum(order <= 0.5)
    assert (found["latent"], found["rises"], found["n"]) == (1, False, 200)
    assert found["threshold"] == pytest.approx(np.exp(-1.5), rel=0.02)
    assert found["right"] > 0.99
    assert found["larger_side"] == pytest.approx(np.mean(order[~train] > 0.5))


def test_the_count_is_on_samples_that_had_no_part_in_the_choice() -> None:
    order, latents, train = samples()
    shuffled = np.random.default_rng(1).permutation(order)  # nothing to be known
    found = measure_landmarks(LANDMARKS, {"order": shuffled}, latents, [0, 1], train)["transition"]
    assert found["right"] <= found["larger_side"] + 0.03
    moved = latents.copy()
    moved[~train] += 100.0
    changed = measure_landmarks(LANDMARKS, {"order": order}, moved, [0, 1], train)["transition"]
    assert changed["threshold"] < 1
    assert changed["right"] == pytest.approx(np.mean(order[~train] <= 0.5))


def test_where_nothing_can_be_said_nothing_is_said() -> None:
    order, latents, train = samples()
    part = np.where(order > 0.9, np.nan, order)
    known = {"order": part}
    assert measure_landmarks(LANDMARKS, known, latents, [], train)["transition"]["latent"] is None
    alone = {"transition": LANDMARKS["transition"] | {"at": 2.0}}
    found = measure_landmarks(alone, known, latents, [0, 1], train)["transition"]
    assert (found["latent"], found["above"]) == (None, 0)
    assert found["undefined"] == np.sum(order > 0.9)
    assert measure_landmarks({}, known, latents, [0], train) == {}


@pytest.mark.parametrize(
    ("values", "above", "expected"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], (1.0, 2.5, True)),
        ([4, 3, 2, 1], [0, 0, 1, 1], (1.0, 2.5, False)),
        ([1, 1, 2, 2], [0, 1, 1, 1], (0.75, 1.5, True)),
        ([1, 2, 3, 4], [0, 1, 0, 1], (0.75, 1.5, True)),
    ],
)
def test_thresholds_lie_between_samples(values, above, expected) -> None:
    found = best_threshold(np.array(values, dtype=float), np.array(above, dtype=bool))
    assert found == pytest.approx(expected)
