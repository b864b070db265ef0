r"""What is claimed of an equation and the references: the one place where it is decided.

A reference counts as recovered if all of these hold.

1. The equation says something about the target: its R^2 is at least `MEANINGFUL` on the
   validation and on the test samples of the region.
2. The equation is the same law as the reference (`discovery.law`).
3. The coefficient of each of the reference's terms in the equation (`discovery.terms`) is 1 within
   the stated tolerance plus its uncertainty in the data. Terms that the rule of 2. cannot tell,
   because the reference without them would pass for the reference, are left out.
4. The reference itself describes the target: on samples outside training it leaves less than the
   rule's `residual` of the variance, or no more than `AS_GOOD` times what the best equation
   leaves, so that a crude equation cannot recover a crude law which the data contradict.
5. The data do not point elsewhere: where a smooth correction of the equation is real
   (`discovery.misfit`), the corrected equation is still close to the reference.
6. No other reference describes the target better by more than its uncertainty
   (`discovery.rivals`).
7. No other reference describes the target as well within the uncertainty: what the data cannot
   tell apart is not decided by the equation's chance. References that are the same up to the maps
   that the target allows, on the samples and beyond them, are one law; each names the others
   (`same_as`), and they count as recovered together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.coefficients import terms_of
from kondoflow.discovery.fields import Coordinates, angles, coordinates, quantile
from kondoflow.discovery.law import (
    SAME,
    Comparison,
    compare_laws,
    relative_scale,
    slope_differences,
    values_of,
)
from kondoflow.discovery.limits import Rule
from kondoflow.discovery.misfit import Correction, correct
from kondoflow.discovery.monotone import isotonic_residual, unexplained
from kondoflow.discovery.objectives import Objective, fit_map
from kondoflow.discovery.rivals import Rival, compare_rivals
from kondoflow.discovery.targets import Samples, Target
from kondoflow.discovery.terms import coefficients_by_slope
from kondoflow.formulas.trees import Apply, Expression, names_in, substitute

MEANINGFUL = 0.5  # R^2 that an equation must reach
AS_GOOD = 2.0  # ratio of errors up to which a reference is as good as the best equation
IDENTICAL = 1e-6  # share of the variance between references that are the same
PARALLEL = 0.01  # degrees between references that are the same
MIN_SAMPLES = 10


@dataclass(frozen=True)
class Weighed:
    """One reference, held against an equation and the target.

    Attributes:
        law: The comparison of the two formulas.
        terms: Coefficient of each of its terms in the equation; None where not determined.
        telling: For each term, whether the rule can tell its absence.
        unexplained: Share of the target's variance that it leaves outside training; None if
            undefined.
        rival: Its place among the references; None if undefined.
        same_as: References that are the same up to the target's maps.
        recovered: Whether it counts as recovered.
        obstacles: Which of the conditions fail: "score", "law", "terms", "data",
            "misfit", "rivals", "ambiguous".
    """

    law: Comparison
    terms: Sequence[float] | None
    telling: Sequence[bool]
    unexplained: float | None
    rival: Rival | None
    same_as: tuple[str, ...]
    recovered: bool
    obstacles: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """Errors of a formula on samples outside training.

    Attributes:
        errors: Target minus mapped formula, (n,).
        y: The target there, (n,).
    """

    errors: np.ndarray
    y: np.ndarray

    @property
    def unexplained(self) -> float | None:
        """Share of the target's variance that is left."""
        left = unexplained(self.y, self.y - self.errors) if self.y.size >= MIN_SAMPLES else np.inf
        return float(left) if np.isfinite(left) else None


def hold(values: np.ndarray, target: Target, samples: Samples) -> Held:
    """Errors of a formula, (sample,), in the region outside training.

    The map of the target's objective is fitted on the training samples on which the formula is
    finite; errors are not finite where the formula is not.
    """
    usable = samples.usable(target)
    train = usable & samples.parts["train"] & np.isfinite(values)
    shown = usable & ~samples.parts["train"]
    y = target.values[shown]
    if train.sum() < MIN_SAMPLES:
        return Held(np.full(y.shape, np.nan), y)
    carried = fit_map(target.objective, values[train], target.values[train])
    return Held(y - carried(values[shown]), y)


def weigh(
    equation: Expression,
    scores: Sequence[float | None],
    references: Mapping[str, Expression],
    target: Target,
    samples: Samples,
    seed: int,
    *,
    tolerance: float,
    uncertainties: Mapping[str, Sequence[float] | None] | None = None,
    lowest: float | None = None,
    logarithmic: bool = False,
    rule: Rule | None = None,
) -> dict[str, Weighed]:
    """Hold every reference against an equation and its target.

    Args:
        equation: The equation, over the data's variables.
        scores: Its R^2 on validation and test samples of the region.
        references: Expressions by name, over the data's variables.
        target: What the equation describes.
        samples: The samples.
        seed: Seed of the resamples.
        tolerance: Largest deviation of a term's coefficient from 1.
        uncertainties: By reference, of each term's coefficient in the data.
        lowest: Share of the variance that the best known equation leaves outside training; that
            of `equation` if None.
        logarithmic: Whether the target is the logarithm of a scale.
        rule: Thresholds; the defaults if None.

    Returns:
        By name, in the order of `references`.
    """
    rule = rule or Rule()
    usable = samples.usable(target)
    inside = {name: values[usable] for name, values in samples.variables.items()}
    held = {
        name: hold(values_of(item, samples.variables), target, samples)
        for name, item in references.items()
    }
    own = hold(values_of(equation, samples.variables), target, samples).unexplained
    reached = min((left for left in (own, lowest) if left is not None), default=0.0)
    y = target.values[usable & ~samples.parts["train"]]
    errors = {name: item.errors for name, item in held.items() if names_in(references[name])}
    has_scale = target.objective is not Objective.ISOTONIC
    rivals = compare_rivals(errors, y, seed, has_scale=has_scale)
    known = {"logarithmic": logarithmic, "searchable": list(samples.definitions.values())}
    correction = _corrected(equation, references, target, samples)
    twins = _twins(references, inside, target.objective, rule)
    near = {name for name, rival in rivals.items() if not rival.excluded}
    found = {}
    for name, reference in references.items():
        law = compare_laws(
            equation,
            reference,
            inside,
            target.objective,
            seed,
            data=target.values[usable],
            rule=rule,
            **known,  # type: ignore[arg-type]
        )
        terms, telling = _terms(equation, reference, inside, target.objective, seed, rule)
        spread = (uncertainties or {}).get(name) or [0.0] * len(telling)
        left = held[name].unexplained
        fails = {
            "score": any(score is None or not score >= MEANINGFUL for score in scores),
            "law": law.status != SAME,
            "terms": not _agree(terms, telling, spread, tolerance),
            "data": left is None or left > max(rule.residual, AS_GOOD * reached),
            "misfit": not _fits(reference, correction, target.objective, rule),
            "rivals": name not in near,
            "ambiguous": bool(near - {name, *twins[name]}),
        }
        obstacles = tuple(key for key, fail in fails.items() if fail)
        found[name] = Weighed(
            law=law,
            terms=terms,
            telling=telling,
            unexplained=left,
            rival=rivals.get(name),
            same_as=twins[name],
            recovered=not obstacles,
            obstacles=obstacles,
        )
    return found


def _corrected(
    equation: Expression,
    references: Mapping[str, Expression],
    target: Target,
    samples: Samples,
) -> tuple[Coordinates, Correction] | None:
    """A real correction of the equation, and the samples on which it is known."""
    usable = samples.usable(target) & np.isfinite(values_of(equation, samples.variables))
    if usable.sum() < MIN_SAMPLES:
        return None
    known = [equation, *samples.definitions.values(), *references.values()]
    names = sorted(frozenset().union(*map(names_in, known)))
    names = [name for name in names if np.isfinite(samples.variables[name][usable]).all()]
    space = coordinates({name: samples.variables[name][usable] for name in names}, names)
    if not space.names or names_in(equation) - set(names):
        return None
    y, train = target.values[usable], samples.parts["train"][usable]
    correction = correct(equation, space, y, train, target.objective)
    return (space, correction) if correction is not None and correction.is_real else None


def _fits(
    reference: Expression,
    corrected: tuple[Coordinates, Correction] | None,
    objective: Objective,
    rule: Rule,
) -> bool:
    """Whether a corrected equation is close to a reference."""
    if corrected is None:
        return True
    space, correction = corrected
    if names_in(reference) - set(space.values):
        return True
    field = space.field(reference)
    if len(space.names) > 1 and not quantile(angles(correction.field, field)) < rule.close:
        return False
    if objective is Objective.ISOTONIC:
        return True
    free = objective is not Objective.SQUARED_ERROR
    scale = relative_scale(correction.field, field) if free else 1.0
    return quantile(slope_differences(scale * correction.field, field)) < 2 * rule.slope


def _twins(
    references: Mapping[str, Expression],
    values: Mapping[str, np.ndarray],
    objective: Objective,
    rule: Rule,
) -> dict[str, tuple[str, ...]]:
    """By reference the others that are the same, on the samples and beyond them."""
    names = sorted(frozenset().union(*map(names_in, references.values())))
    apart = coordinates(values, names).dilated(rule.dilation).values
    return {
        name: tuple(
            other
            for other, item in references.items()
            if other != name
            and identical(item, reference, values, objective)
            and identical(item, reference, apart, objective)
        )
        for name, reference in references.items()
    }


def identical(
    one: Expression, other: Expression, values: Mapping[str, np.ndarray], objective: Objective
) -> bool:
    """Whether two formulas are the same on the samples up to the maps of an objective."""
    f, r = values_of(one, values), values_of(other, values)
    both = np.isfinite(f) & np.isfinite(r)
    if both.sum() < MIN_SAMPLES or (np.isfinite(f) != np.isfinite(r)).any():
        return False
    f, r = f[both], r[both]
    if not np.ptp(f) > 0 or not np.ptp(r) > 0:
        return False
    if objective is not Objective.ISOTONIC:
        return unexplained(r, fit_map(objective, f, r)(f)) < IDENTICAL**2
    if not (isotonic_residual(f, r) < IDENTICAL and isotonic_residual(r, f) < IDENTICAL):
        return False
    chosen = {name: np.asarray(column)[both] for name, column in values.items()}
    space = coordinates(chosen, sorted(names_in(one) | names_in(other)))
    return quantile(angles(space.field(one), space.field(other))) < PARALLEL


def _terms(
    equation: Expression,
    reference: Expression,
    values: Mapping[str, np.ndarray],
    objective: Objective,
    seed: int,
    rule: Rule,
) -> tuple[Sequence[float] | None, Sequence[bool]]:
    """Coefficients of the reference's terms in an equation, and which terms the rule can tell."""
    terms = terms_of(reference)
    if not terms:
        return None, []
    both = np.isfinite(values_of(equation, values)) & np.isfinite(values_of(reference, values))
    chosen = {name: np.asarray(column)[both] for name, column in values.items()}
    if both.sum() < MIN_SAMPLES:
        return None, [True] * len(terms)
    space = coordinates(chosen, sorted(names_in(equation) | names_in(reference)))
    found = coefficients_by_slope(equation, terms, space, objective)

    def tells(term: Expression) -> bool:
        lacking = Apply("sub", (reference, term))
        return compare_laws(lacking, reference, values, objective, seed, rule=rule).status != SAME

    return found, [len(terms) == 1 or tells(term) for term in terms]


def _agree(
    terms: Sequence[float] | None,
    telling: Sequence[bool],
    uncertainties: Sequence[float],
    tolerance: float,
) -> bool:
    """Whether every telling coefficient is 1 within tolerance and uncertainty."""
    if not any(telling):
        return True
    if terms is None:
        return False
    rows = zip(terms, telling, uncertainties, strict=True)
    return all(
        abs(value - 1.0) <= tolerance + min(spread, tolerance)
        for value, tell, spread in rows
        if tell
    )


def in_variables(equation: Expression, samples: Samples) -> Expression:
    """An equation over the inputs of the search, written over the data's variables."""
    return substitute(equation, samples.definitions)
