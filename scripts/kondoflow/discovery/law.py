r"""When an equation is a known law: the rule and its thresholds.

**Targets known up to a monotone map.** An equation f and a reference r are the same law only if
they have the same level sets (`discovery.fields`). That asks for two things at once: little is
left of r after the best monotone map of f (`residual`), which sees folds and plateaus, and the
gradients are parallel (the 0.9 quantile of the angle over the samples, `angle`), which sees what
a monotone map would hide. A law holds beyond the samples on which it was found, an interpolation
does not: the same angle on samples moved apart by the factor `dilation` (`angle_beyond`) has to
stay small too. With enough constants anything is approximated, so that an equation that is far
longer than the reference is close to it at most.

**Targets with a scale** (known exactly or up to an affine map). The slopes themselves have to
agree: with s = 1 or, if the factor is free, the median ratio of the lengths,

.. math:: m_i = |s \nabla f_i - \nabla r_i| / |\nabla r_i|

has to be small at 0.9 of the samples (`slope`), also beyond them. Because it is relative at each
sample, a target that spans decades hides nothing at its small values. Where nothing is free, the
value counts too (`value`): its relative error if r has one sign, or the factor exp of the median
difference if the target is the logarithm of a scale. The share of the variance that is left
(`residual`) counts in any case, and so does the angle if the reference has two or more inputs.

Where nothing is free and an equation is the same law but for one constant, a factor or an offset,
it is another law, and the constant is named (`lacks`).

What cannot be decided is decided in `discovery.limits`. The thresholds were chosen on one half
of the cases of `studies/judgement.md` and confirmed on the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kondoflow.discovery.fields import (
    QUANTILE,
    Coordinates,
    angles,
    coordinates,
    interval,
    n_involved,
    quantile,
)
from kondoflow.discovery.limits import Rule, why_undecidable
from kondoflow.discovery.monotone import (
    MIN_SAMPLES,
    affine_residual,
    isotonic_residual,
    unexplained,
)
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.trees import Apply, Expression, Number, names_in

SAME, CLOSE, NOT, UNDECIDABLE = "same law", "close", "not", "undecidable"


@dataclass(frozen=True)
class Comparison:
    """An equation held against a reference.

    Attributes:
        status: "same law", "close", "not" or "undecidable".
        reason: Why nothing can be decided, see `discovery.limits`; "approximation" if only the
            length of the equation forbids the status "same law"; "factor" or "offset" if only this
            constant does; or None.
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


def compare_laws(
    equation: Expression,
    reference: Expression,
    values: Mapping[str, np.ndarray],
    objective: Objective,
    seed: int,
    *,
    logarithmic: bool = False,
    searchable: Sequence[Expression] = (),
    data: np.ndarray | None = None,
    rule: Rule | None = None,
) -> Comparison:
    """Hold an equation against a reference.

    Args:
        equation: The equation, over the quantities in `values`.
        reference: The reference, over the same.
        values: Quantities by name, each (n,), on the samples of the region.
        objective: Up to which maps they are compared.
        seed: Seed of the bootstrap.
        logarithmic: Whether the target is the logarithm of a scale.
        searchable: Inputs of the search, of which the equation is a function.
        data: Values of the target, (n,), non-finite where unknown.
        rule: Thresholds; the defaults if None.

    Returns:
        What was measured, and the status.
    """
    rule = rule or Rule()
    f, r = (values_of(item, values) for item in (equation, reference))
    known, both = np.isfinite(r), np.isfinite(f) & np.isfinite(r)
    if known.sum() < MIN_SAMPLES:
        return Comparison(UNDECIDABLE, "few samples")
    if not names_in(reference) or np.ptp(r[known]) <= 1e-12 * np.abs(r[known]).max():
        return Comparison(UNDECIDABLE, "constant")
    if both.sum() < max(MIN_SAMPLES, QUANTILE * known.sum()):
        return Comparison(NOT)  # the equation has no value where the reference has one
    chosen = {name: np.asarray(column)[both] for name, column in values.items()}
    names = sorted(names_in(equation) | names_in(reference))
    space = coordinates(chosen, names)
    measured = _on_values(f[both], r[both], objective, logarithmic=logarithmic)
    measured = _on_slopes(measured, equation, reference, space, objective, seed, rule)
    status = decide(measured, rule)
    if status in (SAME, CLOSE):
        target = None if data is None else np.asarray(data)[both]
        reason = why_undecidable(reference, space, objective, searchable, target, rule)
        if reason:
            return replace(measured, status=UNDECIDABLE, reason=reason)
    if status == SAME and is_approximation(equation, reference, rule):
        return replace(measured, status=CLOSE, reason="approximation")
    if status == NOT and objective is Objective.SQUARED_ERROR:
        measured = _with_lack(measured, equation, reference, space, seed, logarithmic, rule)
    return replace(measured, status=status)


def _with_lack(
    measured: Comparison,
    equation: Expression,
    reference: Expression,
    space: Coordinates,
    seed: int,
    logarithmic: bool,
    rule: Rule,
) -> Comparison:
    """Name the only constant that keeps an equation from being a reference, if there is one."""
    f, r = (values_of(item, space.values) for item in (equation, reference))
    with np.errstate(all="ignore"):
        factor, offset = float(np.median(f / r)), float(np.median(f - r))
    without = {
        "offset": (offset, "sub", math.exp(min(offset, 700.0)) if logarithmic else offset),
        "factor": (factor, "div", factor),
    }
    if logarithmic:
        del without["factor"]  # it would be an exponent of the scale
    for reason, (constant, operation, lacks) in without.items():
        if not math.isfinite(constant) or constant == 0.0:
            continue
        own = Apply(operation, (equation, Number(constant)))
        found = _on_values(
            values_of(own, space.values), r, Objective.SQUARED_ERROR, logarithmic=logarithmic
        )
        found = _on_slopes(found, own, reference, space, Objective.SQUARED_ERROR, seed, rule)
        if decide(found, rule) == SAME and not is_approximation(equation, reference, rule):
            return replace(measured, reason="factor" if logarithmic else reason, lacks=lacks)
    return measured


def is_approximation(equation: Expression, reference: Expression, rule: Rule) -> bool:
    """Whether an equation is so much longer than a reference that its agreement means nothing."""
    return complexity(equation) > rule.length * complexity(reference) + rule.surplus


def values_of(expression: Expression, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Values of a formula on every sample, (n,), also of one without names."""
    n = np.shape(next(iter(values.values())))
    return np.broadcast_to(evaluate(expression, values), n).astype(np.float64)


def decide(measured: Comparison, rule: Rule) -> str:
    """Status by what was measured, see the module."""

    def below(value: float | None, limit: float) -> bool:
        return value is None or value < limit

    if measured.residual is None or not measured.residual < rule.residual:
        return NOT
    if not (below(measured.angle, rule.close) and below(measured.slope, 2 * rule.slope)):
        return NOT
    if not below(measured.value, 2 * rule.slope):
        return NOT
    same = (
        below(measured.angle, rule.angle)
        and below(measured.angle_beyond, rule.angle)
        and below(measured.slope, rule.slope)
        and below(measured.slope_beyond, 2 * rule.slope)
        and below(measured.value, rule.slope)
    )
    return SAME if same else CLOSE


def _on_values(
    f: np.ndarray, r: np.ndarray, objective: Objective, *, logarithmic: bool
) -> Comparison:
    """What is left of r, (n,), and how far the values of f, (n,), are from it."""
    match objective:
        case Objective.ISOTONIC:
            return Comparison(NOT, residual=isotonic_residual(f, r))
        case Objective.PEARSON:
            return Comparison(NOT, residual=affine_residual(f, r))
    value = None
    if logarithmic:
        value = float(np.expm1(min(700.0, abs(float(np.median(f - r))))))
    elif (r > 0).all() or (r < 0).all():
        value = quantile(np.abs(f - r) / np.abs(r))
    return Comparison(NOT, residual=unexplained(r, f), value=value)


def _on_slopes(
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
