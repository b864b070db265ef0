"""Findings: what is true of a run, decided once, stored, and stated elsewhere.

Later stages read these decisions from `scores.json`, `verdict.json` and `predictions.nc` and never
take them again. Nothing here is written in words; `report` does that.

================  ===================================================================
stored in scores  which latent follows a descriptor best, and the reverse; the latent
                  of the physical scale and the map between the two; published figures
                  beside those of this run
in the verdict    order of the references by distance; which of them are telling; the
                  map from equation to target
================  ===================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from kondoflow.discovery.monotone import MIN_SAMPLES, MonotoneMap, fit_monotone
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.residuals import map_onto_target
from kondoflow.discovery.targets import Samples, Target

TELLING = 0.5  # share of the target's variance below which what a reference leaves is telling
NEAR, ALIKE = 0.1, 2.0  # residual of a reference that is near; factor within which two are alike
MAPS = {
    Objective.ISOTONIC: "monotone map",
    Objective.PEARSON: "affine map",
    Objective.SQUARED_ERROR: "identity",
}

Item = TypeVar("Item")
Scores = Mapping[str, Mapping[str, Mapping[str, Any]]]  # descriptor: latent index: measures


def best_latent(scores: Scores, name: str, active: Sequence[int], measure: str) -> int | None:
    """The active latent that follows a descriptor best.

    Args:
        scores: What `scores.score_descriptors` gives.
        name: The descriptor.
        active: Indices of the active latents.
        measure: Key of the measure whose absolute value decides: `spearman` or `pearson`.

    Returns:
        Its index, of equal ones the first; None if no active latent has a score.
    """
    return _best(active, lambda latent: scores[name][str(latent)][measure])


def best_descriptor(scores: Scores, latent: int, measure: str) -> str | None:
    """The descriptor that a latent follows best; None where no score is known."""
    return _best(scores, lambda name: scores[name][str(latent)][measure])


def _best(candidates: Iterable[Item], score: Callable[[Item], float | None]) -> Item | None:
    scored = [(abs(value), item) for item in candidates if (value := score(item)) is not None]
    return max(scored, key=lambda pair: pair[0])[1] if scored else None


def scale_map(
    scale: np.ndarray, latent: np.ndarray, train: np.ndarray
) -> dict[str, list[float]] | None:
    """The monotone map from the scale descriptor to the latent that follows it.

    Args:
        scale: Descriptor, (sample,), non-finite where undefined.
        latent: (sample,).
        train: Mask (sample,) of the training samples, on which the map is fitted.

    Returns:
        Its knots, or None with fewer than `MIN_SAMPLES` samples. It is the map whose held-out
        R^2 stands among the scores of the descriptor.
    """
    fitted = train & np.isfinite(scale) & np.isfinite(latent)
    if fitted.sum() < MIN_SAMPLES:
        return None
    return _knots(fit_monotone(scale[fitted], latent[fitted]))


def beside_published(
    published: Mapping[str, Any],
    scores: Scores,
    strength: Mapping[str, float | None],
    active: Sequence[int],
) -> list[dict[str, Any]]:
    """Published figures, each beside the figure of this run.

    Args:
        published: The section `published` of a system.
        scores: What `scores.score_descriptors` gives.
        strength: Largest abs(Pearson) of each reference with an active latent.
        active: Indices of the active latents.

    Returns:
        For each figure `kind` (`active_latents`, `pearson` or `regression`), the `name` of the
        descriptor or reference, `published` and `found` (None where this run has none).
    """
    rows: list[tuple[str, str | None, float, float | None]] = []
    if "active_latents" in published:
        rows.append(("active_latents", None, published["active_latents"], len(active)))
    for name, value in published.get("pearson", {}).items():
        latent = best_latent(scores, name, active, "pearson") if name in scores else None
        found = None if latent is None else abs(scores[name][str(latent)]["pearson"])
        rows.append(("pearson", name, value, found))
    for name, value in published.get("regression", {}).items():
        rows.append(("regression", name, value, strength.get(name)))
    return [dict(zip(("kind", "name", "published", "found"), row, strict=True)) for row in rows]


def partly_undefined(descriptors: Mapping[str, np.ndarray]) -> dict[str, int]:
    """Number of samples on which a descriptor, (sample,), is finite, if that is not all of them."""
    finite = {name: np.isfinite(values) for name, values in descriptors.items()}
    return {name: int(known.sum()) for name, known in finite.items() if not known.all()}


def nearest_first(references: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Names of the compared references by their residual inside the region, the smallest first.

    Of references that are near and alike in their residuals that comes first whose gradients point
    the least away: up to a map a formula of the strongest input alone leaves little too. References
    without a residual are left out.
    """
    left = {name: item["residual"]["inside"] for name, item in references.items()}
    defined = [name for name, value in left.items() if value is not None]
    order = sorted(defined, key=lambda name: left[name])
    if not order or left[order[0]] > NEAR:
        return order
    alike = [name for name in order if left[name] <= ALIKE * left[order[0]]]
    angles = {name: references[name].get("law", {}).get("angle") for name in alike}
    by_angle = sorted(
        alike, key=lambda name: 180.0 if angles[name] is None else round(angles[name])
    )
    return [*by_angle, *order[len(alike) :]]


def is_telling(unexplained: float | None, *, recovered: bool) -> bool:
    """Whether a reference says something about a target.

    It does if it explains more than half of the target's variance on held-out samples, after the
    map of the target's own objective, or if the chosen equation recovers it.

    Args:
        unexplained: Share of the variance that the reference leaves, see
            `residuals.left_of_target`.
        recovered: Whether the chosen equation recovers the reference.
    """
    return recovered or (unexplained is not None and unexplained < TELLING)


def describe_map(equation: np.ndarray, target: Target, samples: Samples) -> dict[str, Any]:
    """The map from the values of an equation, (sample,), to its target.

    Returns:
        `kind`, a value of `MAPS`, and the knots `x` and `y`: the steps of a monotone map, the ends
        of an affine one over the samples of the region; none for the identity.
    """
    kind = MAPS[target.objective]
    carried = map_onto_target(equation, target, samples)
    if carried is None or target.objective is Objective.SQUARED_ERROR:
        return {"kind": kind, "x": [], "y": []}
    if isinstance(carried, MonotoneMap):
        return {"kind": kind, **_knots(carried)}
    known = equation[samples.usable(target) & np.isfinite(equation)]
    ends = np.array([known.min(), known.max()])
    return {"kind": kind, "x": ends.tolist(), "y": carried(ends).tolist()}


def _knots(carried: MonotoneMap) -> dict[str, list[float]]:
    shortest = carried.shortened()
    return {"x": shortest.x.tolist(), "y": shortest.y.tolist()}
