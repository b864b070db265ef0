"""What a latent does to a spectrum: place, width and height of the largest peak."""

from __future__ import annotations

import numpy as np
import pytest

from kondoflow.discovery.latents.effects import compare_peaks, traversal_effects

OMEGA = np.linspace(-10, 10, 2001)


def lorentzian(place: float, width: float, height: float = 1.0) -> np.ndarray:
    return height / (1 + ((OMEGA - place) / width) ** 2)


def changes(first: np.ndarray, last: np.ndarray) -> tuple[int, int, int]:
    found = compare_peaks(OMEGA, first, last)
    assert found is not None
    return found["moves"], found["width"], found["height"]


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (lorentzian(0, 1), (0, 0, 0)),
        (lorentzian(0, 2), (0, 1, 0)),
        (lorentzian(0, 0.5), (0, -1, 0)),
        (lorentzian(2, 1), (1, 0, 0)),
        (lorentzian(-2, 1), (-1, 0, 0)),
        (lorentzian(0, 1, 1.5), (0, 0, 1)),
        (lorentzian(0, 1, 0.5), (0, 0, -1)),
    ],
)
def test_a_peak_moves_widens_and_grows(last: np.ndarray, expected: tuple[int, int, int]) -> None:
    assert changes(lorentzian(0, 1), last) == expected
    assert changes(-lorentzian(0, 1), -last) == expected
    assert changes(3 - lorentzian(0, 1), 3 - last)[::2] == expected[::2]


def test_places_and_half_widths_are_those_of_the_curve() -> None:
    found = compare_peaks(OMEGA, lorentzian(-3, 0.7, 2.0), lorentzian(0.001, 0.7))
    assert found is not None
    assert found["first"]["omega"] == pytest.approx(-3, abs=1e-3)
    assert found["first"]["half_width"] == pytest.approx(0.7, abs=1e-3)
    assert found["first"]["height"] == pytest.approx(2.0)
    assert found["last"]["omega"] == 0


def test_the_peaks_of_a_symmetric_spectrum_are_not_exchanged() -> None:
    pair = [lorentzian(-x, 0.3) + lorentzian(x, 0.3) for x in (3.0, 2.0)]
    pair[1][OMEGA > 0] *= 1.001
    found = compare_peaks(OMEGA, pair[0], pair[1])
    assert found is not None
    assert found["last"]["omega"] == pytest.approx(
        np.copysign(2.0, found["first"]["omega"]), abs=0.02
    )


def test_on_a_background_there_is_no_half_width() -> None:
    found = compare_peaks(OMEGA, 1 + lorentzian(0, 1), 1 + lorentzian(0, 2))
    assert found is not None
    assert found["first"]["half_width"] is None
    assert found["width"] == 0


def test_a_dip_is_told_from_a_peak() -> None:
    for base, kind, depth in ((0.0, "dip", -1.0), (2.0, "dip", 1.0)):
        found = compare_peaks(OMEGA, base - lorentzian(0, 1), base - lorentzian(0, 3, 0.5))
        assert found is not None
        assert (found["kind"], found["width"], found["height"]) == (kind, 1, -1)
        assert found["first"]["height"] == pytest.approx(depth)
    found = compare_peaks(OMEGA, lorentzian(0, 1), lorentzian(0, 3))
    assert found is not None
    assert found["kind"] == "peak"


def test_a_curve_that_saturates_or_falls_has_neither() -> None:
    rng = np.random.default_rng(1)
    for slope in (0.3, -0.3):
        curves = [np.tanh(slope * k * (OMEGA + 10)) for k in (1, 3)]
        noise = 1e-3 * rng.standard_normal((2, len(OMEGA)))
        assert compare_peaks(OMEGA, curves[0] + noise[0], curves[1] + noise[1]) is None


def test_steps_far_from_data_do_not_count() -> None:
    curves = np.stack([lorentzian(0, width) for width in (9.0, 1.0, 2.0, 9.0)])[None]
    near = np.array([[False, True, True, False]])
    effect = traversal_effects(OMEGA, curves, near, [0])["0"]
    assert effect["steps"] == [1, 2]
    assert effect["peak"]["last"]["half_width"] == pytest.approx(2.0, abs=1e-2)
    both = np.stack([np.ones_like(curves), curves], axis=2)
    assert traversal_effects(OMEGA, both, near, [0], ["up", "down"])["0"]["channel"] == "down"
    assert traversal_effects(OMEGA, curves, near & False, [0]) == {"0": {"near": [False] * 4}}
