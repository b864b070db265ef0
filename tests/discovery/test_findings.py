"""Single decisions on hand-made scores."""

import pytest

from kondoflow.discovery.findings import best_descriptor, best_latent, is_telling, nearest_first


@pytest.mark.parametrize(
    ("unexplained", "recovered", "telling"),
    [
        (0.49, False, True),
        (0.5, False, False),
        (12.0, False, False),
        (None, False, False),
        (None, True, True),
        (0.7, True, True),
    ],
)
def test_a_reference_is_telling_by_its_share_or_by_its_recovery(unexplained, recovered, telling):
    assert is_telling(unexplained, recovered=recovered) is telling


def test_references_without_a_residual_are_no_nearest():
    left = {"far": 0.4, "unknown": None, "near": 0.1}
    references = {name: {"residual": {"inside": value}} for name, value in left.items()}
    assert nearest_first(references) == ["near", "far"]
    assert nearest_first({}) == []


def test_of_references_that_leave_as_little_the_one_with_the_least_angle_is_nearest():
    said = {"input": (0.0090, 89.1), "sum": (0.0094, 18.5), "root": (0.02, 10.0), "far": (0.7, 1.0)}
    references = {
        name: {"residual": {"inside": left}, "law": {"angle": angle}}
        for name, (left, angle) in said.items()
    }
    assert nearest_first(references) == ["sum", "input", "root", "far"]


def test_the_largest_magnitude_is_best_and_the_first_of_equal_ones():
    scores = {
        "U": {"0": {"pearson": 0.5}, "1": {"pearson": -0.9}, "2": {"pearson": 0.9}},
        "B": {"0": {"pearson": None}, "1": {"pearson": None}, "2": {"pearson": 0.1}},
    }
    assert best_latent(scores, "U", [0, 1, 2], "pearson") == 1
    assert best_latent(scores, "U", [0, 2], "pearson") == 2
    assert best_latent(scores, "B", [0, 1], "pearson") is None
    assert best_latent(scores, "U", [], "pearson") is None
    assert best_descriptor(scores, 2, "pearson") == "U"
    assert best_descriptor({"B": scores["B"]}, 0, "pearson") is None
