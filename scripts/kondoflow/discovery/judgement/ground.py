"""References and target before any equation is looked at: what the data say of each reference.

A reference has no constants to fit, so that its distance from the target and its place among the
others (`discovery.judgement.rivals`) do not depend on an equation. References that are the same up
to the maps that the target allows, on the samples and beyond them, are twins: one law, written in
several ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.judgement.coefficients import Coefficients, terms_of
from kondoflow.discovery.judgement.deviations import SAME
from kondoflow.discovery.judgement.fields import angles, coordinates, quantile
from kondoflow.discovery.judgement.law import compare_laws, values_of
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.judgement.rivals import Rival, compare_rivals
from kondoflow.discovery.monotone import MIN_SAMPLES, isotonic_residual, unexplained
from kondoflow.discovery.objectives import Objective, fit_map
from kondoflow.discovery.predictions import mapped
from kondoflow.discovery.residuals import left_of_target
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.trees import Expression, additive_terms, names_in, total

IDENTICAL = 1e-6  # share of the variance between references that are the same
PARALLEL = 0.01  # degrees between references that are the same


@dataclass(frozen=True)
class Ground:
    """What is known of the references and the target before any equation is looked at.

    Attributes:
        references: Expressions by name, over the data's variables.
        target: The target.
        samples: The samples.
        seed: Seed of the resamples.
        rule: Thresholds.
        logarithmic: Whether the target is the logarithm of a scale.
        unexplained: Share of the target's variance that each reference leaves outside training.
        rivals: Each reference against the best one.
        twins: By reference the others that are the same.
        coefficients: By reference, of each term in the data, and their uncertainties; empty where
            they were not measured.
        telling: By reference, for each term whether the rule can tell its absence.
        lowest: Share of the variance that the best known equation leaves outside training.
    """

    references: Mapping[str, Expression]
    target: Target
    samples: Samples
    seed: int
    rule: Rule
    logarithmic: bool
    unexplained: Mapping[str, float | None]
    rivals: Mapping[str, Rival]
    twins: Mapping[str, tuple[str, ...]]
    coefficients: Mapping[str, Coefficients]
    telling: Mapping[str, Sequence[bool]]
    lowest: float | None

    @property
    def usable(self) -> np.ndarray:
        """Mask (sample,) of the region, where target and inputs are known."""
        return self.samples.usable(self.target)

    @property
    def inside_target(self) -> np.ndarray:
        """The target on the usable samples, (usable,)."""
        return self.target.values[self.usable]

    @property
    def inside(self) -> dict[str, np.ndarray]:
        """The data's variables by name on the usable samples, (usable,) each."""
        return {name: values[self.usable] for name, values in self.samples.variables.items()}


def prepare(
    references: Mapping[str, Expression],
    target: Target,
    samples: Samples,
    seed: int,
    *,
    rule: Rule | None = None,
    logarithmic: bool = False,
    coefficients: Mapping[str, Coefficients] | None = None,
    lowest: float | None = None,
) -> Ground:
    """Compare references with the target and with each other; the arguments as in `Ground`."""
    rule = rule or Rule()
    values = {name: values_of(item, samples.variables) for name, item in references.items()}
    usable = samples.usable(target)
    shown = usable & ~samples.parts["train"]
    y = target.values[shown]
    errors = {
        name: y - mapped(values[name], target, samples)[shown]
        for name, item in references.items()
        if names_in(item)
    }
    has_scale = target.objective is not Objective.ISOTONIC
    inside = {name: column[usable] for name, column in samples.variables.items()}
    return Ground(
        references=references,
        target=target,
        samples=samples,
        seed=seed,
        rule=rule,
        logarithmic=logarithmic,
        unexplained={
            name: left_of_target(column, target, samples) for name, column in values.items()
        },
        rivals=compare_rivals(errors, y, seed, has_scale=has_scale),
        twins=_twins(references, inside, target.objective, rule),
        coefficients=coefficients or {},
        telling={
            name: _telling(item, inside, target.objective, seed, rule)
            for name, item in references.items()
        },
        lowest=lowest,
    )


def _telling(
    reference: Expression,
    values: Mapping[str, np.ndarray],
    objective: Objective,
    seed: int,
    rule: Rule,
) -> list[bool]:
    """For each term, whether the reference without it is another law."""
    terms = terms_of(reference)
    if len(terms) == 1:
        return [True]
    parts = additive_terms(reference)
    lacking = [
        total(parts[:index] + parts[index + 1 :])
        for index, part in enumerate(parts)
        if names_in(part)
    ]
    compared = [
        compare_laws(item, reference, values, objective, seed, rule=rule) for item in lacking
    ]
    return [comparison.status != SAME for comparison in compared]


def _twins(
    references: Mapping[str, Expression],
    values: Mapping[str, np.ndarray],
    objective: Objective,
    rule: Rule,
) -> dict[str, tuple[str, ...]]:
    """By reference the others that are the same, on the samples and beyond them."""
    names = sorted(frozenset().union(*map(names_in, references.values())))
    if not names or not len(values[names[0]]):
        return dict.fromkeys(references, ())
    known = np.logical_and.reduce([np.isfinite(values[name]) for name in names])
    on = {name: values[name][known] for name in names}
    apart = coordinates(on, names).dilated(rule.dilation).values if known.any() else on
    return {
        name: tuple(
            other
            for other, item in references.items()
            if other != name
            and identical(item, reference, on, objective)
            and identical(item, reference, apart, objective)
        )
        for name, reference in references.items()
    }


def identical(
    one: Expression, other: Expression, values: Mapping[str, np.ndarray], objective: Objective
) -> bool:
    """Whether two formulas are the same up to the maps of an objective; values are (sample,)."""
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
