"""How far the judgement of equations can be trusted: a battery of cases whose truth is known.

Every case of `studies.judgement_cases` is judged as `judge_equations` does it. A reference that is
recovered though the equation is not that law is a false one; a case whose true law is not among
the recovered references is a miss. No threshold was chosen on the cases of the systems marked
`confirm`; two of them, missed at first, did show that the correction of
`discovery.judgement.misfit` has to leave out what a map would take up. The cases of
`studies.judgement_later` were written when all was settled. Beside it stands what the residual
alone would say: less than 0.5 % of the reference's variance left after the best map of the target's
family.

    python -m studies.judgement > studies/judgement.md
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.common import table
from kondoflow.discovery.judgement.claims import weigh
from kondoflow.discovery.judgement.ground import prepare
from kondoflow.discovery.judgement.law import values_of
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.monotone import affine_residual, isotonic_residual, unexplained
from kondoflow.discovery.predictions import mapped
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.trees import Expression
from studies.judgement_cases import CASES as FIRST
from studies.judgement_cases import FREE, SYSTEMS, Case, draw, equation_of, target_of
from studies.judgement_later import LATER

CASES = [*FIRST, *LATER]


@dataclass(frozen=True)
class Outcome:
    """What the judgement says of a case.

    Attributes:
        recovered: Names of the recovered references.
        by_residual: Names of those that the residual alone would recover.
        why: By true or falsely recovered reference, status and obstacles.
    """

    recovered: frozenset[str]
    by_residual: frozenset[str]
    why: str


def judge_case(case: Case, seed: int) -> Outcome:
    """Draw a case and judge it."""
    samples = draw(case, seed)
    target = target_of(case, samples, seed)
    equation = equation_of(case, samples, target)
    references = case.references
    ground = prepare(references, target, samples, seed, logarithmic=case.is_logarithmic)
    scores = [_score(equation, target, samples, part) for part in ("validation", "test")]
    weighed = weigh(equation, scores, ground)
    recovered = frozenset(name for name, item in weighed.items() if item.recovered)
    told = sorted(set(case.true) | recovered)
    return Outcome(
        recovered,
        frozenset(
            name
            for name, item in references.items()
            if _residual(equation, item, case, samples) < Rule().residual
            and all(score is not None and score >= 0.5 for score in scores)
        ),
        "; ".join(
            f"{name}: {weighed[name].law.status}"
            + "".join(f", {key}" for key in weighed[name].obstacles if key != "law")
            for name in told
        ),
    )


def _score(equation: Expression, target: Target, samples: Samples, part: str) -> float | None:
    """R^2 of an equation on one part of the samples, after the map fitted on training samples."""
    onto = mapped(values_of(equation, samples.variables), target, samples)[samples.parts[part]]
    left = unexplained(target.values[samples.parts[part]], onto)
    return 1.0 - left if np.isfinite(left) else None


def _residual(equation: Expression, reference: Expression, case: Case, samples: Samples) -> float:
    f, r = (values_of(item, samples.variables) for item in (equation, reference))
    both = np.isfinite(f) & np.isfinite(r)
    measure = isotonic_residual if case.objective is FREE else affine_residual
    return measure(f[both], r[both]) if both.sum() >= 10 else np.inf


def summary(outcomes: list[Outcome]) -> str:
    """Counts by half and system."""
    rows = []
    for confirms in (False, True):
        for name in [key for key, system in SYSTEMS.items() if system.confirms is confirms]:
            rows.append(
                _row(name, [key == name for key in (case.system for case in CASES)], outcomes)
            )
        half = [SYSTEMS[case.system].confirms is confirms for case in CASES]
        rows.append(_row("**all to confirm**" if confirms else "**all to choose**", half, outcomes))
    rows.append(_row("**all**", [True] * len(CASES), outcomes))
    header = ["system", "cases", "with a true law", "named", "falsely recovered"]
    return table([*header, "by the residual alone: named", "falsely recovered"], rows)


def _row(name: str, chosen: list[bool], outcomes: list[Outcome]) -> list[object]:
    pairs = [
        (case, outcome) for case, outcome, take in zip(CASES, outcomes, chosen, strict=True) if take
    ]
    true = [pair for pair in pairs if pair[0].true]
    return [
        name,
        len(pairs),
        len(true),
        sum(bool(outcome.recovered & set(case.true)) for case, outcome in true),
        sum(len(outcome.recovered - set(case.true)) for case, outcome in pairs),
        sum(bool(outcome.by_residual & set(case.true)) for case, outcome in true),
        sum(len(outcome.by_residual - set(case.true)) for case, outcome in pairs),
    ]


def each(outcomes: list[Outcome]) -> str:
    """One row for each case."""
    rows = [
        [
            case.system + (" (permuted)" if case.permuted else ""),
            f"`{case.law}`",
            str(case.objective),
            f"{case.noise:g}",
            f"`{case.equation}`" + "".join(f", {n} {a:g} to {b:g}" for n, a, b in case.ranges),
            ", ".join(case.true) or "none",
            ", ".join(sorted(outcome.recovered)) or "none",
            outcome.why,
        ]
        for case, outcome in zip(CASES, outcomes, strict=True)
    ]
    header = ["system", "target", "objective", "noise", "equation", "true", "recovered"]
    return table([*header, "status"], rows)


def main() -> None:
    """Print the counts and every case."""
    outcomes = [judge_case(case, seed) for seed, case in enumerate(CASES)]
    rule = ", ".join(f"{key} {value:g}" for key, value in vars(Rule()).items())
    print(f"Thresholds (`discovery.judgement.limits`): {rule}.\n")
    print(summary(outcomes), end="\n\n")
    print(each(outcomes))


if __name__ == "__main__":
    main()
