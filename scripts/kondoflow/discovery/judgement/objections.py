"""Objections that the data raise to an equation which agrees with a reference."""

from __future__ import annotations

import numpy as np

from kondoflow.discovery.judgement.deviations import relative_scale, slope_differences
from kondoflow.discovery.judgement.fields import Coordinates, angles, coordinates, quantile
from kondoflow.discovery.judgement.ground import Ground
from kondoflow.discovery.judgement.law import values_of
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.judgement.misfit import Correction, correct
from kondoflow.discovery.judgement.reaching import reaches
from kondoflow.discovery.judgement.rivals import compare_rivals
from kondoflow.discovery.monotone import MIN_SAMPLES
from kondoflow.discovery.objectives import Objective, loss
from kondoflow.discovery.predictions import mapped
from kondoflow.discovery.search.fitting import refit
from kondoflow.formulas.trees import Expression, names_in

OPEN, IMITATION = "open", "imitation"
IMITATES = 4.0  # ratio of the errors of an imitation and of what it imitates
ROUNDING = 1e-7  # share of the target's variance that rounded constants may leave
EXACT, ALL_DIGITS = 1e-13, 17  # what constants with all their digits may leave, and those digits


def imitates(equation: Expression, reference: Expression, ground: Ground) -> bool:
    """Whether the data prefer a reference to an equation by the factor `IMITATES`.

    Both are compared with all samples of the region, because with the same map fitted to the same
    samples neither has an advantage. Where rounded constants may be all that the equation lacks,
    they are fitted anew: those of the law itself then leave no more than the reference.
    """
    values = ground.inside
    f, r, y = values_of(equation, values), values_of(reference, values), ground.inside_target
    both = np.isfinite(f) & np.isfinite(r)
    if both.sum() < MIN_SAMPLES:
        return False
    left, aim = (loss(ground.target.objective, formula[both], y[both]) for formula in (f, r))
    if left > ROUNDING or left <= IMITATES * aim or ground.target.objective is Objective.ISOTONIC:
        return left > max(ROUNDING, IMITATES * aim)
    inside = {name: np.asarray(column)[both] for name, column in values.items()}
    fitted = refit(equation, inside, y[both], ground.target.objective, digits=ALL_DIGITS)
    left = loss(ground.target.objective, values_of(fitted, inside), y[both])
    return left > max(EXACT, IMITATES * aim)


def other_formula(equation: Expression, reference: Expression, ground: Ground) -> str | None:
    """What the data say of an equation that is another formula than a reference.

    They are compared as references are with each other (`discovery.judgement.rivals`).

    Returns:
        `OPEN` if the data don't separate the two, `IMITATION` if they prefer the reference; None if
        they prefer the equation, or if it is the reference for some choice of its constants.
    """
    target, samples = ground.target, ground.samples
    values = [values_of(item, samples.variables) for item in (equation, reference)]
    known = np.isfinite(values).all(axis=0) & ground.usable
    shown = known & ~samples.parts["train"]
    y = target.values[shown]
    errors = {
        name: y - mapped(column, target, samples)[shown]
        for name, column in zip(("equation", "reference"), values, strict=True)
    }
    has_scale = target.objective is not Objective.ISOTONIC
    rivals = compare_rivals(errors, y, ground.seed, has_scale=has_scale)
    if not rivals or rivals["reference"].excluded:
        return None
    inside = {name: column[known] for name, column in samples.variables.items()}
    space = coordinates(inside, sorted(names_in(equation) | names_in(reference)))
    if reaches(equation, reference, space, target.objective):
        return None
    return IMITATION if rivals["equation"].excluded else OPEN


def corrected(equation: Expression, ground: Ground) -> tuple[Coordinates, Correction] | None:
    """A real correction of the equation, and the samples on which it is known."""
    target, samples, references = ground.target, ground.samples, ground.references
    usable = ground.usable & np.isfinite(values_of(equation, samples.variables))
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


def fits(
    reference: Expression,
    found: tuple[Coordinates, Correction] | None,
    objective: Objective,
    rule: Rule,
) -> bool:
    """Whether a corrected equation is close to a reference."""
    if found is None:
        return True
    space, correction = found
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
