"""A law on points that were drawn after it was chosen.

The points took no part in any choice, so that no correction for the number of laws that were
compared is due; that number is stored beside the errors. A law is announced if

1. its error on the new points is at most `AGREES` times that on the samples it was chosen with,
2. it explains more than the share `EXPLAINED` of the target's variance there, and
3. the search on permuted values composed no law.

Otherwise the reasons are stored, and the law is not announced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kondoflow.discovery.errors import CELLS, error_map
from kondoflow.discovery.laws.describing import stored_law
from kondoflow.discovery.laws.joint import fit_law
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.parts import errors_of
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.question import set_question, target_of, training, usable
from kondoflow.discovery.laws.slices import slices_of
from kondoflow.discovery.targets import Samples
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.rounding import text_of
from kondoflow.formulas.trees import Apply, Expression

AGREES = 1.5
EXPLAINED = 0.99
RESAMPLES = 16  # of the training samples, for the uncertainty of the constants
WORST = 5  # points with the largest errors that are listed


def values_of_law(found: Mapping[str, Any], samples: Samples) -> np.ndarray:
    """What a stored law says of the target, (sample,)."""
    formula: Expression = parse(found["law"]["formula"], "formula", "law")
    if found["quantity"] is not None:
        formula = Apply("log", (formula,))
    return np.broadcast_to(evaluate(formula, samples.variables), samples.region.shape)


def confirm(
    found: Mapping[str, Any],
    fresh: Samples,
    trained: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    seed: int,
    source: str,
) -> dict[str, Any]:
    """Test a law on new points.

    Args:
        found: Content of `law.json`.
        fresh: The new points; all of them are test samples.
        trained: The samples that the law was found on.
        system: What is known about the samples.
        equations: The `equations` section of the configuration.
        seed: Seed of the resamples.
        source: "fresh points" or "test samples".

    Returns:
        `announced` and the `reasons` against it; `errors` by part of the new points; the
        `constants` with their uncertainties; the `map` of the error over the box; the `worst`
        points; `counts` of what was compared, the `source`.
    """
    if found["law"] is None:
        return {"announced": False, "reasons": [found["reason"]], "law": None, "source": source}
    target = target_of(fresh, system, equations)
    values = values_of_law(found, fresh)
    errors = target.values - values
    known = usable(fresh, target)
    by_part = errors_of(errors, target, fresh)
    stated = max(found["errors"]["law"][part]["rms"] for part in ("train", "validation"))
    spread = float(np.std(target.values[known]))
    reasons = reasons_against(by_part["test"], stated, spread, found["null"])
    worst = np.argsort(-np.abs(np.where(known, errors, 0.0)))[:WORST]
    return {
        "announced": not reasons,
        "reasons": reasons,
        "source": source,
        "law": found["law"]["formula"],
        "n": int(known.sum()),
        "stated": stated,
        "spread": spread,
        "errors": by_part,
        "constants": constants_of_law(found, trained, system, equations, seed),
        "map": error_map(values, target, fresh, CELLS),
        "worst": [
            {
                "error": float(errors[row]),
                **{name: float(fresh.variables[name][row]) for name in system["parameters"]},
            }
            for row in worst
        ],
        "counts": found["counts"],
        "slices": slices_of(found, fresh, trained, system, equations),
    }


def reasons_against(
    reached: Mapping[str, Any], stated: float, spread: float, nulls: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Why a law is not announced; nothing if it is.

    Args:
        reached: Its errors on the new points, see `parts.errors_of`.
        stated: Its error on the samples that it was chosen with.
        spread: Standard deviation of the target on the new points.
        nulls: What the search on permuted values composed.
    """
    reasons = []
    if reached["undefined"] or reached["rms"] is None or reached["rms"] > AGREES * stated:
        reasons.append(f"its error on the new points is more than {AGREES} times the stated one")
    elif 1 - (reached["rms"] / spread) ** 2 < EXPLAINED:
        reasons.append(f"it explains less than {EXPLAINED:.0%} of the variance")
    if any(null["law"] for null in nulls):
        reasons.append("the search on permuted values composed a law too")
    return reasons


def constants_of_law(
    found: Mapping[str, Any],
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    seed: int,
) -> list[dict[str, Any]]:
    """Fitted constants of a law, with their standard deviations over resamples."""
    target = target_of(samples, system, equations)
    setting = set_question(samples, target, system, seed)
    law = stored_law(found, setting.posed)
    if not law.constants:
        return []
    train = training(setting, target, samples)
    n = train.target.size
    rng = np.random.default_rng(seed)
    held = found["law"]["held"]
    spreads = np.std(
        [_refitted(law, train, rng.choice(n, n), held) for _ in range(RESAMPLES)],
        axis=0,
    )
    return [
        {"value": value, "uncertainty": float(spread), "text": text_of(value, float(spread))}
        for value, spread in zip(law.constants, spreads, strict=True)
    ]


def _refitted(law: Law, posed: Posed, rows: np.ndarray, held: int) -> list[float]:
    return fit_law(law, posed.part(rows), held).constants
