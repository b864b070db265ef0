"""The only constant that a reference lacks to describe the target.

A formula for a target that is compared as it stands may be right but for a constant prefactor. The
data exclude it then, and say which constant it lacks: the median, over the training samples of the
region, of target over formula, or of their difference. If the target is the logarithm of a scale
the difference is that of the logarithms, and the constant is a factor of the scale.

That the constant is all that is lacking is known in one of two ways. The chosen equation is the
same law as the formula but for it (`discovery.judgement.law`). Or the formula with the constant
describes the samples outside training: it leaves less than the rule's `residual` of the variance,
and the data exclude it neither against the chosen equation nor against any other reference
(`discovery.judgement.rivals`). So a formula that merely comes closer with a constant is said to
lack none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kondoflow.discovery.finite import finite_numbers
from kondoflow.discovery.judgement.ground import Ground
from kondoflow.discovery.judgement.law import values_of
from kondoflow.discovery.judgement.rivals import compare_rivals, resamples
from kondoflow.discovery.monotone import MIN_SAMPLES
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.residuals import left_of_target

OWN = "the chosen equation"  # a name that no reference has
FACTOR, OFFSET = "factor", "offset"


def lacking_constant(
    name: str,
    reference: np.ndarray,
    equation: np.ndarray,
    ground: Ground,
    known: str | None,
) -> dict[str, Any] | None:
    """The factor or offset that a reference lacks.

    Args:
        name: The reference.
        reference: Its values, (sample,).
        equation: Values of the chosen equation, (sample,).
        ground: References and target.
        known: The kind of the constant, if the equation is the same law but for it; else None.

    Returns:
        `kind` ("factor" or "offset"), `constant` and its 95 % `interval` over resamples; None if
        the data don't exclude the reference, or exclude it with any constant too.
    """
    target, samples = ground.target, ground.samples
    if target.objective is not Objective.SQUARED_ERROR:
        return None
    if known is None and not _is_excluded(name, ground):
        return None
    train = ground.usable & samples.parts["train"] & np.isfinite(reference)
    if train.sum() < MIN_SAMPLES:
        return None
    with np.errstate(all="ignore"):
        found = {
            FACTOR: target.values[train] / reference[train],
            OFFSET: target.values[train] - reference[train],
        }
    kinds = [known] if known else [FACTOR, OFFSET]
    for kind in [OFFSET] if ground.logarithmic else kinds:
        constant = float(np.median(found[kind]))
        completed = reference * constant if kind == FACTOR else reference + constant
        if not np.isfinite(constant):
            continue
        if known is None and not _describes(name, completed, equation, ground):
            continue
        ends = _interval(found[kind], ground.seed)
        if ground.logarithmic:
            constant, *ends = np.exp(np.clip([constant, *ends], -700, 700)).tolist()
        measured = {"constant": constant, "interval": ends}
        return {"kind": FACTOR if ground.logarithmic else kind, **finite_numbers(measured)}
    return None


def _is_excluded(name: str, ground: Ground) -> bool:
    """Whether another reference is better, or the reference leaves too much."""
    rival, left = ground.rivals.get(name), ground.unexplained[name]
    if rival is None:
        return False
    return rival.excluded or left is None or left > ground.rule.residual


def _describes(name: str, completed: np.ndarray, equation: np.ndarray, ground: Ground) -> bool:
    """Whether a completed reference describes what took no part in the fit of its constant."""
    target, samples = ground.target, ground.samples
    left = left_of_target(completed, target, samples)
    if left is None or not left < ground.rule.residual:
        return False
    shown = ground.usable & ~samples.parts["train"]
    values = {
        other: values_of(item, samples.variables) for other, item in ground.references.items()
    }
    values |= {name: completed, OWN: equation}
    y = target.values[shown]
    errors = {other: y - column[shown] for other, column in values.items()}
    rivals = compare_rivals(errors, y, ground.seed, has_scale=True)
    return name in rivals and not rivals[name].excluded


def _interval(values: np.ndarray, seed: int) -> list[float]:
    """The central 95 % of the median over resamples."""
    ordered = np.sort(values)
    medians = []
    for counts in resamples(values.size, seed):
        upto = np.cumsum(counts, axis=1)  # of the ordered values, as resamples have no order
        middle = [(values.size - 1) // 2, values.size // 2]
        medians += [ordered[np.searchsorted(row, middle, side="right")].mean() for row in upto]
    low, high = np.quantile(medians, [0.025, 0.975])
    return [float(low), float(high)]
