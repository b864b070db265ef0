"""The choice among restarts and the axes of their mean."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from kondoflow.autoencoder.consensus import choose, same_latents


def test_restarts_without_group_are_chosen_by_loss_and_gap():
    rng = np.random.default_rng(4)
    codes = [rng.normal(size=(300, 2)) for _ in range(3)]  # no two with the same latents
    for losses, gaps, expected in (
        ([4.0, 4.05, 5.0], [0.03, 0.01, 0.001], 1),
        ([4.0, 4.2], [0.03, 0.01], 0),
        ([4.0], [0.0], 0),
    ):
        choice = choose(losses, gaps, codes[: len(losses)])
        assert (choice.restart, choice.group) == (expected, (expected,))
        np.testing.assert_array_equal(choice.M, np.eye(2))


@pytest.mark.parametrize(
    "code",
    [
        np.empty((300, 0)),
        np.zeros((1, 2)),
        np.column_stack([np.arange(5.0), np.full(5, 0.3)]),
    ],
    ids=["no active latent", "one sample", "a constant latent"],
)
def test_latents_that_cannot_be_compared_have_no_group(code):
    choice = choose([4.0, 4.0], [0.0, 0.0], [code, code])
    assert (choice.restart, choice.group) == (0, (0,))
    np.testing.assert_array_equal(choice.M, np.eye(code.shape[1]))


def test_latents_are_the_same_up_to_order_sign_and_monotone_map():
    a = np.random.default_rng(5).normal(size=(500, 3))
    b = np.column_stack([-np.arctan(a[:, 2]), a[:, 0] ** 3, a[:, 1] + 0.1 * a[:, 0]])
    expected = [[0, 0, -1], [1, 0, 0], [0, 1, 0]]
    np.testing.assert_array_equal(same_latents(a, b), expected)
    rotated = a @ np.array([[0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1]])
    assert same_latents(a, rotated) is None
    assert same_latents(a, a[:, :2]) is None


def tilted(angle):
    """A rotation of three latents by an angle about an axis that is none of theirs."""
    axis = np.array([1.0, -2.0, 1.5]) / np.linalg.norm([1.0, -2.0, 1.5])
    return Rotation.from_rotvec(angle * axis).as_matrix()


def test_the_chosen_axes_are_those_of_the_mean_restart():
    """Four restarts tilted about their mean, with orders, signs and spreads of their own."""
    truth = np.random.default_rng(6).normal(size=(4000, 3)) * [1.5, 1.0, 0.5]
    orders = np.eye(3), np.eye(3)[[0, 2, 1]], np.eye(3)[[2, 1, 0]], -np.eye(3)[[1, 2, 0]]
    unit = truth / truth.std(axis=0)
    angles = (0.1, -0.12, 0.06, -0.04)
    codes = [unit @ tilted(a) @ P * [1.0, 2.0, 0.3] for a, P in zip(angles, orders, strict=True)]
    codes.append(truth @ tilted(0.8))  # other latents, at the lowest loss and with a small gap
    choice = choose([4.02, 4.03, 4.01, 4.04, 4.0], [0.01, 0.02, 0.03, 0.04, 0.02], codes)
    assert (choice.restart, choice.group) == (3, (0, 1, 2, 3))
    before, after = codes[3], codes[3] @ choice.M
    np.testing.assert_allclose(after.std(axis=0), before.std(axis=0), rtol=1e-12)
    for latents, least, most in ((before, 0.9990, 0.9999), (after, 0.99999, 1.0)):
        own = np.abs(np.corrcoef(np.hstack([latents @ orders[3].T, unit]).T)[:3, 3:].diagonal())
        assert least < own.min() < most


def test_a_restart_with_a_bent_latent_is_not_chosen():
    rng = np.random.default_rng(7)
    straight = rng.normal(size=(1000, 2))
    bent = np.column_stack([np.sinh(1.5 * straight[:, 0]), straight[:, 1]])
    codes = [bent] + [straight + 0.02 * rng.normal(size=straight.shape) for _ in range(3)]
    choice = choose([4.0] * 4, [0.01, 0.02, 0.02, 0.02], codes)
    assert choice.group == (0, 1, 2, 3)
    assert choice.restart != 0
    assert choose([4.0] * 2, [0.01, 0.02], codes[:2]).restart == 0  # of two neither is the odd one
