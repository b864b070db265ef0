r"""What is claimed of an equation and the references: the one place where it is decided.

A reference counts as recovered if all of these hold.

1. The equation says something about the target: its R^2 is at least `MEANINGFUL` on the
   validation and on the test samples of the region.
2. The equation is the same law as the reference (`discovery.judgement.law`).
3. The coefficient of each of the reference's terms in the equation (`discovery.judgement.terms`)
   is 1 within the stated tolerance plus its uncertainty in the data. Terms that the rule of 2.
   cannot tell, because the reference without them would pass for the reference, are left out.
4. The reference itself describes the target: on samples outside training it has a value wherever
   the target has one, and it leaves less than the rule's `residual` of the variance, or no more
   than `AS_GOOD` times what the best equation leaves, so that a crude equation cannot recover a
   crude law which the data contradict.
5. The data do not point elsewhere: where a smooth correction of the equation is real
   (`discovery.judgement.misfit`), the corrected equation is still close to the reference.
6. The equation is no imitation: the data do not prefer the reference to the equation by more
   than the factor `IMITATES`, which they would if the equation only approximated it.
7. No other reference describes the target better by more than its uncertainty
   (`discovery.judgement.rivals`).
8. No other reference describes the target as well within the uncertainty: what the data cannot
   tell apart is not decided by the equation's chance. References that are the same up to the maps
   that the target allows, on the samples and beyond them, are one law; each names the others
   (`same_as`), and they count as recovered together.
9. The equation is no other formula that describes the data as well. Another formula, such as a
   truncated expansion of the reference, is the reference for no choice of its constants
   (`discovery.judgement.reaching`). Where the data do not separate it from the reference, which of
   the two is the law is open; where they prefer the reference, by whatever factor, the equation
   only approximates it, as in 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.discovery.judgement.coefficients import terms_of
from kondoflow.discovery.judgement.deviations import SAME, Comparison
from kondoflow.discovery.judgement.fields import Coordinates, coordinates
from kondoflow.discovery.judgement.ground import Ground
from kondoflow.discovery.judgement.law import compare_laws, values_of
from kondoflow.discovery.judgement.misfit import Correction
from kondoflow.discovery.judgement.objections import (
    IMITATION,
    OPEN,
    corrected,
    fits,
    imitates,
    other_formula,
)
from kondoflow.discovery.judgement.rivals import Rival
from kondoflow.discovery.judgement.terms import coefficients_by_slope
from kondoflow.discovery.monotone import MIN_SAMPLES
from kondoflow.discovery.residuals import left_of_target
from kondoflow.discovery.targets import Samples
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression, names_in, substitute

MEANINGFUL = 0.5  # R^2 that an equation must reach
AS_GOOD = 2.0  # ratio of errors up to which a reference is as good as the best equation


@dataclass(frozen=True)
class Weighed:
    """One reference, compared with an equation and with the target.

    Attributes:
        law: The comparison of the two formulas.
        terms: Coefficient of each of its terms in the equation; None where not determined.
        telling: For each term, whether the rule can tell its absence.
        rival: Its place among the references; None if undefined.
        same_as: References that are the same up to the target's maps.
        recovered: Whether it counts as recovered.
        obstacles: Which of the conditions fail: "score", "law", "terms",
            "unmeasured", "undefined", "data", "misfit", "imitation", "rivals", "ambiguous",
            "open".
    """

    law: Comparison
    terms: Sequence[float] | None
    telling: Sequence[bool]
    rival: Rival | None
    same_as: tuple[str, ...]
    recovered: bool
    obstacles: tuple[str, ...]


def weigh(
    equation: Expression, scores: Sequence[float | None], ground: Ground
) -> dict[str, Weighed]:
    """Compare an equation with every reference.

    Args:
        equation: The equation, over the data's variables.
        scores: Its R^2 on validation and test samples of the region.
        ground: References and target.

    Returns:
        By name, in the order of the references.
    """
    if not ground.references:
        return {}
    samples = ground.samples
    own = left_of_target(values_of(equation, samples.variables), ground.target, samples)
    seen = _Seen(
        equation=equation,
        scores=scores,
        reached=min((left for left in (own, ground.lowest) if left is not None), default=0.0),
        correction=corrected(equation, ground),
        near=frozenset(name for name, rival in ground.rivals.items() if not rival.excluded),
    )
    return {name: _weigh_one(name, seen, ground) for name in ground.references}


@dataclass(frozen=True)
class _Seen:
    """What is the same for all references.

    Attributes:
        equation: The equation, over the data's variables.
        scores: Its R^2 on validation and test samples of the region.
        reached: Share of the target's variance that the best equation leaves outside training.
        correction: A real correction of the equation, see `objections.corrected`.
        near: Names of the references that the data do not exclude.
    """

    equation: Expression
    scores: Sequence[float | None]
    reached: float
    correction: tuple[Coordinates, Correction] | None
    near: frozenset[str]


def _weigh_one(name: str, seen: _Seen, ground: Ground) -> Weighed:
    reference, objective, rule = ground.references[name], ground.target.objective, ground.rule
    law = compare_laws(
        seen.equation,
        reference,
        ground.inside,
        objective,
        ground.seed,
        logarithmic=ground.logarithmic,
        searchable=list(ground.samples.definitions.values()),
        data=ground.inside_target,
        rule=rule,
    )
    terms, telling = _terms(seen.equation, reference, ground), ground.telling[name]
    _, measured = ground.coefficients.get(name, (None, None))
    spread = measured or [0.0] * len(telling)
    left, twins = ground.unexplained[name], ground.twins[name]
    rival = ground.rivals.get(name)
    undefined = rival is not None and not np.isfinite(rival.factor)
    other = other_formula(seen.equation, reference, ground) if law.status == SAME else None
    fails = {
        "score": any(score is None or not score >= MEANINGFUL for score in seen.scores),
        "law": law.status != SAME,
        "terms": not _agree(terms, telling, spread, rule.slope),
        "unmeasured": left is None and not undefined,
        "undefined": undefined,
        "data": left is not None and left > max(rule.residual, AS_GOOD * seen.reached),
        "misfit": not fits(reference, seen.correction, objective, rule),
        "imitation": imitates(seen.equation, reference, ground) or other == IMITATION,
        "rivals": rival is not None and rival.excluded and not undefined,
        "ambiguous": bool(seen.near - {name, *twins}),
        "open": other == OPEN,
    }
    obstacles = tuple(key for key, fail in fails.items() if fail)
    return Weighed(law, terms, telling, rival, twins, not obstacles, obstacles)


def count_recovered(found: Sequence[Mapping[str, Any]], ground: Ground) -> dict[str, int]:
    """How many of some equations recover each reference.

    Args:
        found: Equations with `equation_inputs`, `score_validation` and, if known, `score_test`.
        ground: References and target.
    """
    counts = dict.fromkeys(ground.references, 0)
    for item in found:
        expression = parse(item["equation_inputs"], "equation_inputs", "equations")
        equation = in_variables(expression, ground.samples)
        scores = [item[key] for key in ("score_validation", "score_test") if key in item]
        for name, weighed in weigh(equation, scores, ground).items():
            counts[name] += weighed.recovered
    return counts


def _terms(equation: Expression, reference: Expression, ground: Ground) -> Sequence[float] | None:
    """Coefficients of the reference's terms in an equation; None if they can't be measured."""
    values = ground.inside
    terms = terms_of(reference)
    if not terms:
        return None
    both = np.isfinite(values_of(equation, values)) & np.isfinite(values_of(reference, values))
    chosen = {name: np.asarray(column)[both] for name, column in values.items()}
    if both.sum() < MIN_SAMPLES:
        return None
    space = coordinates(chosen, sorted(names_in(equation) | names_in(reference)))
    return coefficients_by_slope(equation, terms, space, ground.target.objective)


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
