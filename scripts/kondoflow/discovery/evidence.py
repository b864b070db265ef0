"""Whether an equation is a known formula, and what decides it.

A reference counts as recovered if three things hold:

1. The equation explains at least half of the target's variance on validation samples.
2. The residual of the reference inside the region (`discovery.residuals`), with the map that the
   target's objective allows, is below `recovered_below`. For the objective `isotonic` the map is
   monotone, otherwise affine.
3. For every telling term of the reference, the coefficient in the equation
   (`discovery.coefficients`) is within `constants_within` of 1. A term is telling if the reference
   without it would not meet the second condition.

The same question is put to what every search would have selected alone, which gives the rate at
which a single search recovers a reference, and to what the null searches found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.discovery.coefficients import coefficients_in_equation, terms_of
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import Residuals, residuals
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Expression

MEANINGFUL = 0.5  # validation R^2 that an equation must reach to have recovered anything


@dataclass(frozen=True)
class Thresholds:
    """What counts as recovered.

    Attributes:
        residual: Largest share of the reference's variance that may be left.
        constants: Largest relative deviation of the coefficient of a term.
    """

    residual: float
    constants: float


@dataclass(frozen=True)
class Evidence:
    """What decides whether an equation is a reference.

    Attributes:
        deciding: Kind of the map that the target's objective allows, monotone or affine.
        left: Residuals by kind of map, see `discovery.residuals`.
        n: Samples inside and outside the region.
        coefficients: Those of the reference's terms in the equation, None if there is no fit.
        telling: For each term, whether the residual without it would exceed the threshold.
    """

    deciding: str
    left: Residuals
    n: Mapping[str, int]
    coefficients: Sequence[float] | None
    telling: Sequence[bool]


def gather(
    reference: Reference,
    values: np.ndarray,
    target: Target,
    samples: Samples,
    thresholds: Thresholds,
) -> Evidence:
    """Compare the values of an equation, (sample,), with a reference."""
    both = np.isfinite(values) & np.isfinite(reference.values)
    inside, outside = both & samples.region, both & ~samples.region
    deciding = "monotone" if target.objective is Objective.ISOTONIC else "affine"
    terms = terms_of(reference.expression)

    def left_without(term: Expression) -> float | None:
        lacking = reference.values - evaluate(term, samples.variables)
        return residuals(lacking, reference.values, inside, outside)[deciding]["inside"]

    without = [left_without(term) for term in terms]
    return Evidence(
        deciding=deciding,
        left=residuals(values, reference.values, inside, outside),
        n={"inside": int(inside.sum()), "outside": int(outside.sum())},
        coefficients=coefficients_in_equation(terms, values, target, samples),
        telling=[left is not None and left >= thresholds.residual for left in without],
    )


def is_recovered(score: float, evidence: Evidence, thresholds: Thresholds) -> bool:
    """Whether an equation with this validation R^2 is a reference, see the module."""
    residual = evidence.left[evidence.deciding]["inside"]
    if score < MEANINGFUL or residual is None or residual >= thresholds.residual:
        return False
    coefficients = evidence.coefficients or [np.inf] * len(evidence.telling)
    return all(
        abs(coefficient - 1.0) <= thresholds.constants
        for coefficient, telling in zip(coefficients, evidence.telling, strict=True)
        if telling
    )


def count_recovered(
    found: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    target: Target,
    samples: Samples,
    thresholds: Thresholds,
) -> dict[str, int]:
    """How many of some equations recover each reference.

    Args:
        found: Equations with `equation_inputs` and `score_validation`.
        references: The references.
        target: The quantity that the equations were sought for.
        samples: The samples.
        thresholds: What counts as recovered.
    """

    def recovers(equation: Mapping[str, Any], reference: Reference) -> bool:
        values = samples.values_of(equation["equation_inputs"])
        evidence = gather(reference, values, target, samples, thresholds)
        return is_recovered(equation["score_validation"], evidence, thresholds)

    return {
        reference.name: sum(recovers(equation, reference) for equation in found)
        for reference in references
    }
