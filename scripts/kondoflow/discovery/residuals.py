r"""What a formula leaves of the target, and what an equation leaves of a reference.

Both are the share of a variance that is left after the best map g of one quantity onto the other,

.. math:: \frac{\sum_i (r_i - g(f_i))^2}{\sum_i (r_i - \bar r)^2} .

**A formula and the target.** The target is measured, so g is fitted on the training samples of the
region and the share is taken on its other samples. The target's objective says what g may be:
monotone, affine or the identity.

**An equation and a reference.** Neither is noisy, so all samples count on which both are finite,
whatever their split. Inside the region g is fitted there. Outside it, an affine g is carried over
from inside, which tests the extrapolation; a monotone g has no continuation, so it is fitted on all
samples together and the share is taken outside.
"""

from __future__ import annotations

import numpy as np

from kondoflow.discovery.monotone import (
    MIN_SAMPLES,
    affine_residual,
    fit_affine,
    fit_monotone,
    isotonic_residual,
    unexplained,
)
from kondoflow.discovery.objectives import Map, fit_map
from kondoflow.discovery.targets import Samples, Target

Residuals = dict[str, dict[str, float | None]]


def map_onto_target(formula: np.ndarray, target: Target, samples: Samples) -> Map | None:
    """Best map of the target's objective from a formula to the target.

    Args:
        formula: Values of the formula, (sample,).
        target: The target.
        samples: The samples.

    Returns:
        The map, fitted on the training samples of the region; None with fewer than `MIN_SAMPLES`.
    """
    train = samples.usable(target) & samples.parts["train"] & np.isfinite(formula)
    if train.sum() < MIN_SAMPLES:
        return None
    return fit_map(target.objective, formula[train], target.values[train])


def left_of_target(formula: np.ndarray, target: Target, samples: Samples) -> float | None:
    """Share of the target's variance that a formula, (sample,), leaves on held-out samples.

    Held out are the samples of the region outside the training part; None with too few samples or
    where the target does not vary.
    """
    carried = map_onto_target(formula, target, samples)
    held_out = samples.usable(target) & ~samples.parts["train"] & np.isfinite(formula)
    if carried is None or held_out.sum() < MIN_SAMPLES:
        return None
    return finite(unexplained(target.values[held_out], carried(formula[held_out])))


def held_out_r2(formula: np.ndarray, target: Target, samples: Samples) -> float | None:
    """R^2 of a target on the region's test samples after a monotone map of a formula, (sample,).

    The map is monotone whatever the target's objective, and fitted on the training samples of the
    region; None with too few samples.
    """
    usable = samples.usable(target) & np.isfinite(formula)
    train, test = usable & samples.parts["train"], usable & samples.parts["test"]
    if train.sum() < MIN_SAMPLES or test.sum() < MIN_SAMPLES:
        return None
    carried = fit_monotone(formula[train], target.values[train])
    return finite(1.0 - unexplained(target.values[test], carried(formula[test])))


def residuals(f: np.ndarray, r: np.ndarray, inside: np.ndarray, outside: np.ndarray) -> Residuals:
    """What is left of r after the best maps of f.

    Args:
        f: Equation, (sample,).
        r: Reference, (sample,).
        inside: Mask (sample,) of the region, where both are finite.
        outside: Mask (sample,) of the other samples where both are.

    Returns:
        For `monotone` and `affine` the residual `inside` and `outside`; None with too few samples
        or where the reference does not vary.
    """
    left: Residuals = {kind: {"inside": None, "outside": None} for kind in ("monotone", "affine")}
    if inside.sum() < MIN_SAMPLES:
        return left
    left["monotone"]["inside"] = finite(isotonic_residual(f[inside], r[inside]))
    left["affine"]["inside"] = finite(affine_residual(f[inside], r[inside]))
    if outside.sum() >= MIN_SAMPLES:
        everywhere = inside | outside
        monotone = fit_monotone(f[everywhere], r[everywhere])
        affine = fit_affine(f[inside], r[inside])
        left["monotone"]["outside"] = finite(unexplained(r[outside], monotone(f[outside])))
        left["affine"]["outside"] = finite(unexplained(r[outside], affine(f[outside])))
    return left


def finite(value: float) -> float | None:
    """The number, or None where it is infinite or no number."""
    return float(value) if np.isfinite(value) else None
