r"""Which known formula was found: equations held against references.

A reference r and an equation f are compared on all samples where both are finite, whatever their
split, because neither is noisy. The residual is what is left of the reference's variance after the
best map g of f,

.. math:: \frac{\sum_i (r_i - g(f_i))^2}{\sum_i (r_i - \bar r)^2},

once with a monotone g and once with an affine one. Inside the region the map is fitted there.
Outside, the affine map is carried over from inside, which is a test of extrapolation; a monotone
map has no continuation and is fitted on all samples together, then measured outside.

The constants say what a reference would have to be changed to. It is split into its additive
terms, each gets a coefficient, and these are fitted under the objective of the target: to the
training samples of the target, with the standard deviation over bootstrap resamples, and to the
values of the equation. Coefficients of 1 are the reference itself; where the objective leaves the
scale open, the first is set to 1 and the others are relative to it.

A reference counts as recovered if three things hold: the equation explains at least half of the
target's variance on validation samples; the residual inside the region, with the map that the
target's objective allows (monotone or affine), is below `recovered_below`; and the equation's
coefficients are within `constants_within` of 1 for every term that this residual can tell, that
is, without which the reference would not count as recovered itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from discovery.algebra import constants_of, typeset
from discovery.evaluation import evaluate, evaluate_text
from discovery.expressions import (
    Apply,
    Expression,
    Name,
    Number,
    additive_terms,
    names_in,
    parse,
    to_text,
    total,
)
from discovery.fitting import refit, with_rounded_constants
from discovery.monotone import (
    affine_residual,
    fit_affine,
    fit_monotone,
    isotonic_residual,
    unexplained,
)
from discovery.objectives import Objective
from discovery.selection import price
from discovery.targets import Samples, Target

MIN_SAMPLES = 10  # below, a residual says nothing
MEANINGFUL = 0.5  # validation R^2 that an equation must reach to have recovered anything
RESAMPLES = 20  # of the bootstrap
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
        `latex`, `isotonic_r2` of the equation and `references`: by name, see `compare`.
    """
    expression = parse(equation["equation_inputs"], "equation_inputs", "equations")
    values = np.broadcast_to(evaluate(expression, samples.inputs), target.values.shape)
    return {
        "latex": _latex(equation["equation"], symbols),
        "isotonic_r2": held_out_r2(values, target, samples),
        "references": {
            reference.name: compare(
                reference, values, equation, target, samples, thresholds, symbols, seed
            )
            for reference in references
        },
    }


def compare(
    reference: Reference,
    values: np.ndarray,
    equation: Mapping[str, Any],
    target: Target,
    samples: Samples,
    thresholds: Thresholds,
    symbols: Mapping[str, str],
    seed: int,
) -> dict[str, Any]:
    """Hold one equation, with its values (sample,), against one reference.

    Returns:
        `expression` and `latex` of the reference; `isotonic_r2` of the reference against the
        target on test samples of the region; `residual`: `inside` and `outside` with the map
        that decides (`map`), and both for either map; `n`, how many samples those were;
        `constants`: for each term its coefficient in target and equation, and whether it is
        `telling`; `recovered` and the thresholds.
    """
    both = np.isfinite(values) & np.isfinite(reference.values)
    inside, outside = both & samples.region, both & ~samples.region
    left = residuals(values, reference.values, inside, outside)
    deciding = "monotone" if target.objective is Objective.ISOTONIC else "affine"
    constants = fit_constants(reference, values, target, samples, symbols, seed)
    for term in constants:
        lacking = reference.values - evaluate_text(term["term"], "term", samples.variables)
        without = residuals(lacking, reference.values, inside, outside)[deciding]["inside"]
        term["telling"] = without is not None and without >= thresholds.residual
    return {
        "expression": to_text(reference.expression),
        "latex": typeset(reference.expression, symbols),
        "isotonic_r2": held_out_r2(reference.values, target, samples),
        "residual": {"map": deciding, **left[deciding], **left},
        "n": {"inside": int(inside.sum()), "outside": int(outside.sum())},
        "constants": constants,
        "recovered": is_recovered(
            equation["score_validation"], left[deciding]["inside"], constants, thresholds
        ),
        "recovered_below": thresholds.residual,
        "constants_within": thresholds.constants,
    }


def is_recovered(
    score: float,
    residual: float | None,
    constants: Sequence[Mapping[str, Any]],
    thresholds: Thresholds,
) -> bool:
    """Whether an equation is a reference, see the module."""
    if score < MEANINGFUL or residual is None or residual >= thresholds.residual:
        return False
    return all(
        term["in_equation"] is not None and abs(term["in_equation"] - 1.0) <= thresholds.constants
        for term in constants
        if term["telling"]
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


def fit_constants(
    reference: Reference,
    values: np.ndarray,
    target: Target,
    samples: Samples,
    symbols: Mapping[str, str],
    seed: int,
) -> list[dict[str, Any]]:
    """Coefficients of a reference's terms, fitted to the target and to the equation.

    Returns:
        For each term `term`, `latex`, `in_target` with its `uncertainty`, and `in_equation`;
        None where too few samples allow no fit.
    """
    terms = [term for term in additive_terms(reference.expression) if names_in(term)]
    columns = np.array([evaluate(term, samples.variables) for term in terms])
    usable = samples.usable(target) & np.isfinite(columns).all(axis=0)
    train = np.flatnonzero(usable & samples.parts["train"])
    known = np.flatnonzero(usable & np.isfinite(values))

    def fitted(y: np.ndarray, chosen: np.ndarray) -> list[float] | None:
        return fit_coefficients(columns[:, chosen], y[chosen], target.objective)

    in_target = fitted(target.values, train)
    in_equation = fitted(values, known)
    rng = np.random.default_rng(seed)
    resampled = [
        fitted(target.values, rng.choice(train, train.size)) for _ in range(RESAMPLES) if in_target
    ]
    spread = np.std([item for item in resampled if item], axis=0) if in_target else None
    return [
        {
            "term": to_text(term),
            "latex": typeset(term, symbols),
            "in_target": in_target[index] if in_target else None,
            "uncertainty": None if spread is None else float(spread[index]),
            "in_equation": in_equation[index] if in_equation else None,
        }
        for index, term in enumerate(terms)
    ]


def fit_coefficients(terms: np.ndarray, y: np.ndarray, objective: Objective) -> list[float] | None:
    """Coefficients of a sum of terms, (term, n), that fits y, (n,), under an objective.

    Returns:
        One for each term, relative to the first unless the objective is `squared_error`, which
        also has an additive constant; None where too few samples or a vanishing first term allow
        no fit.
    """
    absolute = objective is Objective.SQUARED_ERROR
    if y.size < MIN_SAMPLES or not len(terms):
        return None
    if len(terms) == 1 and not absolute:
        return [1.0]
    variables = {f"term {index}": term for index, term in enumerate(terms)}
    summands: list[Expression] = [Apply("mul", (Number(1.0), Name(name))) for name in variables]
    model = total([*summands, Number(0.0)] if absolute else summands)
    if objective is Objective.ISOTONIC:
        # From the best linear combination, not from the reference's own coefficients.
        model = refit(model, variables, y, Objective.PEARSON)
    coefficients = constants_of(refit(model, variables, y, objective))[: len(terms)]
    unit = 1.0 if absolute else coefficients[0]
    return [value / unit for value in coefficients] if unit else None


def _latex(equation: str, symbols: Mapping[str, str]) -> str:
    expression = parse(equation, "equation", "equations")
    return typeset(with_rounded_constants(expression, SHOWN_DIGITS), symbols)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
