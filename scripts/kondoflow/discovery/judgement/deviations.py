r"""How far an equation is from a reference: what is left, angles, slopes, values.

The measures are those of the rule in `discovery.judgement.law`. Which of them count depends on the
maps up to which the two are compared (`discovery.objectives`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from kondoflow.discovery.judgement.fields import Coordinates, angles, interval, n_involved, quantile
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.monotone import (
    MIN_SAMPLES,
    affine_residual,
    isotonic_residual,
    unexplained,
)
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.trees import Expression

SAME, CLOSE, NOT, UNDECIDABLE = "same law", "close", "not", "undecidable"
PORTIONS = 10  # of the samples, in order of their values, each of which has its own noise


@dataclass(frozen=True)
class Comparison:
    """An equation compared with a reference.

    Attributes:
        status: "same law", "close", "not" or "undecidable".
        reason: Why nothing can be decided, see `discovery.judgement.limits`; "approximation" if
            only the length of the equation forbids the status "same law"; "factor" or "offset" if
            only this constant does; or None.
        inputs: How many inputs the reference depends on.
        residual: Share of the reference's variance that is left after the objective's map.
        angle: Quantile of the angle between the gradients, in degrees; None with one input.
        angle_interval: Its 95 % interval over resamples.
        angle_beyond: The same on samples moved apart; None where the reference has no values.
        slope: Quantile of the relative difference of slopes; None without a scale.
        slope_beyond: The same on samples moved apart.
        value: Relative difference of values; None where the scale is free.
        lacks: The factor or the offset that the reference lacks, with a `reason` of this name. A
            target that is a logarithm lacks a factor, that of the scale.
        little: With the reason "little", if nothing else forbids the status "same law": the inputs
            that vary too little, each with the standard deviation of its logarithm.
    """

    status: str
    reason: str | None = None
    inputs: int = 0
    residual: float | None = None
    angle: float | None = None
    angle_interval: tuple[float, float] | None = None
    angle_beyond: float | None = None
    slope: float | None = None
    slope_beyond: float | None = None
    value: float | None = None
    lacks: float | None = None
    little: Mapping[str, float] | None = None


def on_values(
    f: np.ndarray,
    r: np.ndarray,
    objective: Objective,
    *,
    logarithmic: bool,
    unseen: np.ndarray | float = 0.0,
) -> Comparison:
    """What is left of r, (n,), and how far the values of f, (n,), are from it.

    Differences of values are relative to r, or to `unseen` where r is smaller (`unseen_values`).
    """
    match objective:
        case Objective.ISOTONIC:
            return Comparison(NOT, residual=isotonic_residual(f, r))
        case Objective.PEARSON:
            return Comparison(NOT, residual=affine_residual(f, r))
    value = None
    if logarithmic:
        value = float(np.expm1(min(700.0, abs(float(np.median(f - r))))))
    elif (r > 0).all() or (r < 0).all():
        value = quantile(np.abs(f - r) / np.maximum(np.abs(r), unseen))
    return Comparison(NOT, residual=unexplained(r, f), value=value)


def unseen_values(
    f: np.ndarray, r: np.ndarray, data: np.ndarray, n_constants: int, tolerance: float
) -> np.ndarray:
    r"""Values of a reference, (n,), that are too small for the data to test.

    A fit of p constants to n values with noise sigma is uncertain by sigma (p/n)^(1/2). Twice this
    over the tolerance is the value of which the tolerance is as much as the data can tell: where a
    law falls far below the noise, a fitted 0.4999 in the place of 1/2 is no other law.

    Args:
        f: Values of the equation, (n,).
        r: Values of the reference, (n,).
        data: The target, (n,), non-finite where unknown.
        n_constants: Constants of the equation.
        tolerance: Relative difference of values that is allowed.

    Returns:
        (n,). The noise is that of samples with like values, so that a relative error hides nothing.
    """
    known = np.flatnonzero(np.isfinite(data))
    if known.size < MIN_SAMPLES:
        return np.zeros_like(r)
    order = known[np.argsort(np.abs(r[known]), kind="stable")]
    width = max(MIN_SAMPLES, known.size // PORTIONS)
    squares = [
        uniform_filter1d((data[order] - values[order]) ** 2, width, mode="nearest")
        for values in (f, r)
    ]
    found = np.zeros_like(r)
    found[order] = np.sqrt(np.maximum(np.minimum(*squares), 0.0))  # rounding may make it negative
    return 2 / tolerance * np.sqrt(max(n_constants, 1) / known.size) * found


def on_slopes(
    measured: Comparison,
    equation: Expression,
    reference: Expression,
    space: Coordinates,
    objective: Objective,
    seed: int,
    rule: Rule,
) -> Comparison:
    """Add angles and differences of slopes, on the samples and beyond them."""
    fields = space.field(equation), space.field(reference)
    apart = space.dilated(rule.dilation)
    beyond = apart.field(equation), apart.field(reference)
    reaches = np.isfinite(beyond[1]).all(axis=-1).mean() >= 0.5
    measured = replace(measured, inputs=n_involved(fields[1]))
    if len(space.names) > 1:
        between = angles(*fields)
        measured = replace(
            measured,
            angle=quantile(between),
            angle_interval=interval(between, seed),
            angle_beyond=quantile(angles(*beyond)) if reaches else None,
        )
    if objective is Objective.ISOTONIC:
        return measured
    scale = 1.0 if objective is Objective.SQUARED_ERROR else relative_scale(*fields)
    return replace(
        measured,
        slope=quantile(slope_differences(scale * fields[0], fields[1])),
        slope_beyond=quantile(slope_differences(scale * beyond[0], beyond[1])) if reaches else None,
    )


def relative_scale(field: np.ndarray, reference: np.ndarray) -> float:
    """Factor, with its sign, by which a field (n, name) has to be multiplied."""
    with np.errstate(all="ignore"):
        ratio = np.linalg.norm(reference, axis=-1) / np.linalg.norm(field, axis=-1)
    known = ratio[np.isfinite(ratio) & (ratio > 0)]
    sign = np.sign(np.nanmedian(np.sum(field * reference, axis=-1))) or 1.0
    return float(sign * np.median(known)) if known.size else 1.0


def slope_differences(field: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Relative difference of two fields, (n, name), at each sample: (n,).

    1e9 where the first is not finite, NaN where the second vanishes or is not finite.
    """
    with np.errstate(all="ignore"):
        size = np.linalg.norm(reference, axis=-1)
        found = np.linalg.norm(field - reference, axis=-1) / size
    defined = np.isfinite(size) & (size > 0)
    return np.where(defined, np.where(np.isfinite(found), found, 1e9), np.nan)
