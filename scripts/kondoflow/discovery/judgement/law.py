r"""When an equation is a known law: the rule and its thresholds.

**Targets known up to a monotone map.** An equation f and a reference r are the same law only if
they have the same level sets (`discovery.judgement.fields`). That asks for two things at once:
little is left of r after the best monotone map of f (`residual`), which sees folds and plateaus,
and the gradients are parallel (the 0.9 quantile of the angle over the samples, `angle`), which sees
what a monotone map would hide. A law holds beyond the samples on which it was found, an
interpolation does not: the same angle on samples moved apart by the factor `dilation`
(`angle_beyond`) has to stay small too. With enough constants anything is approximated, so that an
equation that is far longer than the reference is close to it at most.

**Targets with a scale** (known exactly or up to an affine map). The slopes themselves have to
agree: with s = 1 or, if the factor is free, the median ratio of the lengths,

.. math:: m_i = |s \nabla f_i - \nabla r_i| / |\nabla r_i|

has to be small at 0.9 of the samples (`slope`), also beyond them. Because it is relative at each
sample, a target that spans decades hides nothing at its small values. Where nothing is free, the
value counts too (`value`): its relative error if r has one sign (relative to what the data can
tell where r is smaller), or the factor exp of the median
difference if the target is the logarithm of a scale. The share of the variance that is left
(`residual`) counts in any case, and so does the angle if the reference has two or more inputs.

Where nothing is free and an equation is the same law but for one constant, a factor or an offset,
it is another law, and the constant is named (`lacks`).

What cannot be decided is decided in `discovery.judgement.limits`. The thresholds were chosen on one
half of the cases of `studies/judgement.md` and confirmed on the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kondoflow.discovery.judgement.deviations import (
    CLOSE,
    NOT,
    SAME,
    UNDECIDABLE,
    Comparison,
    on_slopes,
    on_values,
    unseen_values,
)
from kondoflow.discovery.judgement.fields import QUANTILE, Coordinates, coordinates
from kondoflow.discovery.judgement.limits import LITTLE, Rule, varying_little, why_undecidable
from kondoflow.discovery.monotone import MIN_SAMPLES
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.derivatives import computable, value_and_gradient
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.trees import Apply, Expression, Number, constants_of, names_in


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
    """Compare an equation with a reference.

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
    kept = computable((equation, reference), values)
    values = {name: np.asarray(column)[kept] for name, column in values.items()}
    data = None if data is None else np.asarray(data)[kept]
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
    y = None if data is None else data[both]
    unseen: np.ndarray | float = 0.0
    if y is not None and objective is Objective.SQUARED_ERROR:
        n_constants = len(constants_of(equation))
        unseen = unseen_values(f[both], r[both], y, n_constants, rule.slope)
    measured = on_values(f[both], r[both], objective, logarithmic=logarithmic, unseen=unseen)
    measured = on_slopes(measured, equation, reference, space, objective, seed, rule)
    status = decide(measured, rule)
    if status in (SAME, CLOSE):
        reason = why_undecidable(reference, space, objective, searchable, y, rule)
        if reason:
            told = status == SAME and reason == LITTLE
            little = varying_little(reference, space, rule) if told else None
            return replace(measured, status=UNDECIDABLE, reason=reason, little=little)
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
        found = on_values(
            values_of(own, space.values), r, Objective.SQUARED_ERROR, logarithmic=logarithmic
        )
        found = on_slopes(found, own, reference, space, Objective.SQUARED_ERROR, seed, rule)
        if decide(found, rule) == SAME and not is_approximation(equation, reference, rule):
            return replace(measured, reason="factor" if logarithmic else reason, lacks=lacks)
    return measured


def is_approximation(equation: Expression, reference: Expression, rule: Rule) -> bool:
    """Whether an equation is so much longer than a reference that its agreement means nothing."""
    return complexity(equation) > rule.length * complexity(reference) + rule.surplus


def values_of(expression: Expression, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Values of a formula on every sample, (n,), also of one without names."""
    n = np.shape(next(iter(values.values())))
    return np.broadcast_to(value_and_gradient(expression, values, ())[0], n).astype(np.float64)


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
