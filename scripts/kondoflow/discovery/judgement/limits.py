r"""What samples and targets cannot decide, however well an equation agrees with a reference.

Nothing is claimed

- if the target is known up to a monotone map and only one input is involved, because every
  monotone formula is then a map of any other ("one input"); also if all inputs of the search are
  functions of one quantity, so that no equation could have looked otherwise;
- if the samples extend too little to tell the reference from a power law ("narrow"). A power law
  has the same slopes everywhere in logarithmic coordinates, so that the bend, the quantile by
  which the reference's slopes differ from their mean, measures what there is to see. A smaller
  bend is enough if the data prefer the reference by far to its tangent power law. A reference
  that is a power law needs inputs that vary enough for the bend of another law to show ("little").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.discovery.judgement.fields import (
    INVOLVED,
    Coordinates,
    bend,
    coordinates,
    n_involved,
    quantile,
    strengths,
    unit,
)
from kondoflow.discovery.monotone import fit_affine, isotonic_residual, unexplained
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Expression, names_in

ONE_INPUT, NARROW, LITTLE = "one input", "narrow", "little"

POWER_LAW = 1e-6  # relative variation of slopes below which a reference is a power law
STEPS = 10  # of the fit of a power law, at most


@dataclass(frozen=True)
class Rule:
    """Thresholds of the judgement.

    Attributes:
        residual: Largest share of the reference's variance that may be left.
        angle: Largest angle between gradients, in degrees, on the samples and beyond them.
        close: Up to which angle formulas are close.
        slope: Largest relative difference of slopes and of values.
        dilation: Factor by which samples are moved apart.
        bend: Angle, in degrees, by which a reference has to differ from its tangent power law.
        vary: Smallest standard deviation of the logarithm of an input of a power law.
        beats: Ratio of errors by which the data have to prefer a reference to its tangent power
            law where the bend is smaller.
        length: An equation longer than this many times the reference, plus `surplus`, is an
            approximation.
        surplus: See `length`; in units of `formulas.measures.complexity`.
        separate: Ratio of squared errors below which two references are not told apart.
    """

    residual: float = 0.005
    angle: float = 1.5
    close: float = 3.0
    slope: float = 0.1
    dilation: float = 1.5
    bend: float = 3.0
    vary: float = 0.25
    beats: float = 4.0
    length: float = 2.0
    surplus: int = 10
    separate: float = 1.2

    @classmethod
    def from_config(cls, equations: Mapping[str, Any]) -> Rule:
        """The rule with the thresholds that the section `equations` of the configuration sets."""
        return cls(residual=equations["recovered_below"], slope=equations["constants_within"])


def why_undecidable(
    reference: Expression,
    space: Coordinates,
    objective: Objective,
    searchable: Sequence[Expression],
    data: np.ndarray | None,
    rule: Rule,
) -> str | None:
    """Why agreement with a reference says nothing; None if it does say something.

    Args:
        reference: The reference.
        space: Samples and coordinates.
        objective: Up to which maps formulas are compared.
        searchable: Inputs of the search.
        data: The target's values, (n,), non-finite where unknown, if they are known at all.
        rule: Thresholds.
    """
    field = space.field(reference)
    if objective is Objective.ISOTONIC:
        if n_involved(field) < 2:
            return ONE_INPUT
        if searchable and independent(searchable, space) < 2:
            return ONE_INPUT
    values = np.broadcast_to(evaluate(reference, space.values), field.shape[:1])
    bends = [bend(field) if n_involved(field) > 1 else 0.0]
    enough = [rule.bend]
    if objective is not Objective.ISOTONIC:
        bends.append(_slope_bend(field, values))
        enough.append(2 * rule.slope)
    if all(found < POWER_LAW * limit for found, limit in zip(bends, enough, strict=True)):
        return LITTLE if varying_little(reference, space, rule) else None
    if any(found >= limit for found, limit in zip(bends, enough, strict=True)):
        return None
    if data is not None and _beats_tangent(values, field, space, data, objective, rule):
        return None
    return NARROW


def varying_little(reference: Expression, space: Coordinates, rule: Rule) -> dict[str, float]:
    """Inputs of a power law that vary too little, with the deviations of their logarithms."""
    involved = strengths(space.field(reference)) > INVOLVED
    little = involved & space.logarithmic & (space.spread < rule.vary)
    return {
        name: float(spread)
        for name, spread, here in zip(space.names, space.spread, little, strict=True)
        if here
    }


def independent(expressions: Sequence[Expression], space: Coordinates) -> int:
    """How many quantities some expressions depend on independently of each other."""
    names = sorted(frozenset().union(*map(names_in, expressions)))
    own = coordinates(space.values, names)
    fields = np.nan_to_num(np.stack([unit(own.field(item)) for item in expressions], axis=1))
    sizes = np.linalg.svd(fields, compute_uv=False)
    return int(np.median((sizes > INVOLVED).sum(axis=-1)))


def _slope_bend(field: np.ndarray, values: np.ndarray) -> float:
    """Relative variation of the slopes (n, name) of r or of log |r|, whichever is smaller."""
    candidates = [field]
    if (values > 0).all() or (values < 0).all():
        candidates.append(field / values[:, None])

    def variation(slopes: np.ndarray) -> float:
        mean = np.nanmean(slopes, axis=0)
        with np.errstate(all="ignore"):
            return quantile(
                np.linalg.norm(slopes - mean, axis=-1) / np.linalg.norm(slopes, axis=-1)
            )

    return min(variation(slopes) for slopes in candidates)


def _beats_tangent(
    values: np.ndarray,
    field: np.ndarray,
    space: Coordinates,
    data: np.ndarray,
    objective: Objective,
    rule: Rule,
) -> bool:
    """Whether the data prefer a reference to the best power law by the factor `beats`."""
    known = np.isfinite(data)
    y, r, table = data[known], values[known], space.standardised()[known]
    if y.size < 4 * (1 + table.shape[1]):
        return False
    if objective is Objective.ISOTONIC:
        direction = np.nanmean(unit(field), axis=0)
        return rule.beats * isotonic_residual(r, y) < isotonic_residual(table @ direction, y)
    columns = np.column_stack([np.ones(y.size), table])
    lines = [columns @ np.linalg.lstsq(columns, y)[0]]
    if (y > 0).all() or (y < 0).all():
        lines.append(np.sign(y) * np.exp(columns @ np.linalg.lstsq(columns, np.log(np.abs(y)))[0]))
    if (r > 0).all() or (r < 0).all():
        # Noise may take y through 0, so that the powers start from those of the reference.
        powers = np.nanmean(field / values[:, None], axis=0)
        lines.append(_power_law(y, table, powers, offset=objective is Objective.PEARSON))
    own = r if objective is Objective.SQUARED_ERROR else fit_affine(r, y)(r)
    return rule.beats * unexplained(y, own) < min(unexplained(y, line) for line in lines)


def _power_law(y: np.ndarray, z: np.ndarray, powers: np.ndarray, *, offset: bool) -> np.ndarray:
    """The power law nearest to y (n,) in the coordinates z (n, name), by Gauss and Newton.

    Args:
        y: Of any sign.
        z: Coordinates.
        powers: Where the powers start, (name,).
        offset: Whether a constant may be added.
    """
    best, smallest = np.zeros_like(y), np.inf
    ones = [np.ones(y.size)] if offset else []
    for _ in range(STEPS):
        with np.errstate(over="ignore"):
            power = np.exp(z @ powers)
        if not np.isfinite(power).all():
            break
        columns = np.column_stack([*ones, power])
        line = columns @ np.linalg.lstsq(columns, y)[0]
        error = float(np.mean((y - line) ** 2))
        if not error < smallest:
            break
        best, smallest = line, error
        columns = np.column_stack([*ones, power, power[:, None] * z])
        found = np.linalg.lstsq(columns, y)[0][len(ones) :]
        if not abs(found[0]) > 0:
            break
        powers = powers + found[1:] / found[0]
    return best
