r"""Which known formula was found: equations held against references.

A reference r and an equation f are compared on all samples where both are finite, whatever their
split, because neither is noisy. The residual is what is left of the reference's variance after the
best map g of f,

.. math:: \frac{\sum_i (r_i - g(f_i))^2}{\sum_i (r_i - \bar r)^2},

once with a monotone g and once with an affine one. Inside the region the map is fitted there.
Outside, the affine map is carried over from inside, which is a test of extrapolation; a monotone
map has no continuation and is fitted on all samples together, then measured outside.

The coefficients of the reference's terms say what it would have to be changed to
(`discovery.coefficients`).

A reference counts as recovered if three things hold: the equation explains at least half of the
target's variance on validation samples; the residual inside the region, with the map that the
target's objective allows (monotone or affine), is below `recovered_below`; and the equation's
coefficients are within `constants_within` of 1 for every term that this residual can tell, that
is, without which the reference would not count as recovered itself.

The same question is put to what every search would have selected alone, which gives the rate at
which a single search recovers a reference, and to what the null searches found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.discovery.coefficients import (
    coefficients_in_equation,
    coefficients_in_target,
    constants_of_equation,
    terms_of,
)
from kondoflow.discovery.fitting import with_rounded_constants
from kondoflow.discovery.monotone import (
    affine_residual,
    fit_affine,
    fit_monotone,
    isotonic_residual,
    unexplained,
)
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.selection import price
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text, typeset
from kondoflow.formulas.trees import Expression

MIN_SAMPLES = 10  # below, a residual says nothing
MEANINGFUL = 0.5  # validation R^2 that an equation must reach to have recovered anything
SHOWN_DIGITS = 4  # of constants in typeset equations


@dataclass(frozen=True)
class Reference:
    """A known formula.

    Attributes:
        name: Its key in the configuration.
        expression: The formula, over the data's variables.
        values: (sample,), non-finite where it has none.
    """

    name: str
    expression: Expression
    values: np.ndarray


@dataclass(frozen=True)
class Thresholds:
    """What counts as recovered.

    Attributes:
        residual: Largest share of the reference's variance that may be left.
        constants: Largest relative deviation of the coefficient of a term.
    """

    residual: float
    constants: float


def read_references(system: Mapping[str, Any], samples: Samples) -> list[Reference]:
    """Evaluate the references of a system on every sample.

    Raises:
        InputError: If one is no expression or names what the data do not have.
    """
    found = []
    for name, text in system.get("references", {}).items():
        key = f"references.{name}"
        values = evaluate_text(text, key, samples.variables)
        found.append(Reference(name, parse(text, key), values))
    return found


def best_equation(
    entries: Sequence[Mapping[str, Any]], parsimony: float
) -> tuple[str, Mapping[str, Any]] | None:
    """Engine and front entry of the best selected equation for one target over all engines."""
    chosen = [
        (entry["engine"], entry["front"][entry["selected"]])
        for entry in entries
        if entry["selected"] is not None
    ]
    if not chosen:
        return None
    return min(
        chosen,
        key=lambda pair: price(1.0 - pair[1]["score_validation"], pair[1]["complexity"], parsimony),
    )


def judge(
    target: Target,
    equation: Mapping[str, Any],
    references: Sequence[Reference],
    samples: Samples,
    thresholds: Thresholds,
    symbols: Mapping[str, str],
    seed: int,
) -> dict[str, Any]:
    """Hold the equation for one target against every reference.

    Args:
        target: The target.
        equation: The front's entry of the equation.
        references: The references.
        samples: The samples.
        thresholds: What counts as recovered.
        symbols: LaTeX of names.
        seed: Seed of the bootstrap.

    Returns:
        `latex`, `isotonic_r2` of the equation, its fitted `constants` with uncertainties, and
        `references`: by name, see `compare`.
    """
    expression = parse(equation["equation_inputs"], "equation_inputs", "equations")
    constants, uncertainties = constants_of_equation(expression, target, samples, seed)
    return {
        "latex": _latex(equation["equation"], symbols),
        "isotonic_r2": held_out_r2(_values(equation, samples), target, samples),
        "constants": [
            {"value": value, "uncertainty": uncertainties[index] if uncertainties else None}
            for index, value in enumerate(constants)
        ],
        "references": {
            reference.name: compare(reference, equation, target, samples, thresholds, symbols, seed)
            for reference in references
        },
    }


def compare(
    reference: Reference,
    equation: Mapping[str, Any],
    target: Target,
    samples: Samples,
    thresholds: Thresholds,
    symbols: Mapping[str, str],
    seed: int,
) -> dict[str, Any]:
    """Hold one equation against one reference.

    Returns:
        `expression` and `latex` of the reference; `isotonic_r2` of the reference against the
        target on test samples of the region; `residual`: `inside` and `outside` with the map
        that decides (`map`), and both for either map; `n`, how many samples those were;
        `constants`: for each term its coefficient in target and equation, and whether it is
        `telling`; `recovered` and the thresholds.
    """
    evidence = gather(reference, _values(equation, samples), target, samples, thresholds)
    terms = terms_of(reference.expression)
    in_target, uncertainty = coefficients_in_target(terms, target, samples, seed)
    return {
        "expression": to_text(reference.expression),
        "latex": typeset(reference.expression, symbols),
        "isotonic_r2": held_out_r2(reference.values, target, samples),
        "residual": {"map": evidence.deciding, **evidence.left[evidence.deciding], **evidence.left},
        "n": evidence.n,
        "constants": [
            {
                "term": to_text(term),
                "latex": typeset(term, symbols),
                "in_target": in_target[index] if in_target else None,
                "uncertainty": uncertainty[index] if uncertainty else None,
                "in_equation": evidence.coefficients[index] if evidence.coefficients else None,
                "telling": evidence.telling[index],
            }
            for index, term in enumerate(terms)
        ],
        "recovered": is_recovered(equation["score_validation"], evidence, thresholds),
        "recovered_below": thresholds.residual,
        "constants_within": thresholds.constants,
    }


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
        target: What they were sought for.
        samples: The samples.
        thresholds: What counts as recovered.
    """
    return {
        reference.name: sum(
            is_recovered(
                equation["score_validation"],
                gather(reference, _values(equation, samples), target, samples, thresholds),
                thresholds,
            )
            for equation in found
        )
        for reference in references
    }


@dataclass(frozen=True)
class Evidence:
    """What decides whether an equation is a reference.

    Attributes:
        deciding: Kind of the map that the target's objective allows, monotone or affine.
        left: Residuals by kind of map, see `residuals`.
        n: Samples inside and outside the region.
        coefficients: Those of the reference's terms in the equation, None if there is no fit.
        telling: For each term, whether the residual without it would exceed the threshold.
    """

    deciding: str
    left: Mapping[str, Mapping[str, float | None]]
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


def residuals(
    f: np.ndarray, r: np.ndarray, inside: np.ndarray, outside: np.ndarray
) -> dict[str, dict[str, float | None]]:
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
    left: dict[str, dict[str, float | None]] = {
        kind: {"inside": None, "outside": None} for kind in ("monotone", "affine")
    }
    if inside.sum() < MIN_SAMPLES:
        return left
    left["monotone"]["inside"] = _finite(isotonic_residual(f[inside], r[inside]))
    left["affine"]["inside"] = _finite(affine_residual(f[inside], r[inside]))
    if outside.sum() >= MIN_SAMPLES:
        everywhere = inside | outside
        monotone = fit_monotone(f[everywhere], r[everywhere])
        affine = fit_affine(f[inside], r[inside])
        left["monotone"]["outside"] = _finite(unexplained(r[outside], monotone(f[outside])))
        left["affine"]["outside"] = _finite(unexplained(r[outside], affine(f[outside])))
    return left


def held_out_r2(formula: np.ndarray, target: Target, samples: Samples) -> float | None:
    """R^2 of a target on the region's test samples after a monotone map of a formula.

    The map is fitted on the training samples of the region; None with too few samples.
    """
    usable = samples.usable(target) & np.isfinite(formula)
    train, test = usable & samples.parts["train"], usable & samples.parts["test"]
    if train.sum() < MIN_SAMPLES or test.sum() < MIN_SAMPLES:
        return None
    carried = fit_monotone(formula[train], target.values[train])
    return _finite(1.0 - unexplained(target.values[test], carried(formula[test])))


def _values(equation: Mapping[str, Any], samples: Samples) -> np.ndarray:
    """Values of an equation in the inputs, (sample,)."""
    expression = parse(equation["equation_inputs"], "equation_inputs", "equations")
    return np.broadcast_to(evaluate(expression, samples.inputs), samples.region.shape)


def _latex(equation: str, symbols: Mapping[str, str]) -> str:
    expression = parse(equation, "equation", "equations")
    return typeset(with_rounded_constants(expression, SHOWN_DIGITS), symbols)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
