"""How well latents follow descriptors, and all scores of a run.

Three measures of increasing generality, all on held-out samples: Pearson's r (a straight line, as
in the original study), Spearman's rank correlation (any monotone relation, without its shape), and
the R^2 of the best monotone map from descriptor to latent, fitted on the training samples
(`discovery.monotone`), which is the share of the latent's variance that the descriptor explains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.discovery.findings import (
    Scores,
    beside_published,
    best_descriptor,
    best_latent,
    partly_undefined,
    scale_map,
)
from kondoflow.discovery.latents.effects import traversal_effects
from kondoflow.discovery.latents.landmarks import measure_landmarks
from kondoflow.discovery.monotone import MIN_SAMPLES, fit_monotone, unexplained
from kondoflow.discovery.residuals import finite
from kondoflow.files.ranks import rank
from kondoflow.files.spectra import sample_variables
from kondoflow.files.splits import SPLITS, split_mask
from kondoflow.files.support import near_data
from kondoflow.formulas.descriptors import evaluate_descriptors


def correlate(
    descriptor: np.ndarray, latent: np.ndarray, train: np.ndarray
) -> dict[str, float | int | None]:
    """Score one latent against one descriptor.

    Args:
        descriptor: (sample,), non-finite where undefined.
        latent: (sample,).
        train: Mask (sample,) of the training samples.

    Returns:
        `pearson` and `spearman` over the held-out samples on which both are finite; `isotonic_r2`
        there, for a monotone map from descriptor to latent fitted on the training samples
        (negative if the map does worse than the mean); `n`, the number of those samples. None
        where too few samples remain or one of the two does not vary.
    """
    defined = np.isfinite(descriptor) & np.isfinite(latent)
    fitted, held_out = defined & train, defined & ~train
    score: dict[str, float | int | None] = dict.fromkeys(("pearson", "spearman", "isotonic_r2"))
    score["n"] = n = int(held_out.sum())
    if n < MIN_SAMPLES or np.ptp(descriptor[held_out]) == 0:
        return score
    if np.ptp(latent[held_out]) == 0:
        return score
    x, y = descriptor[held_out], latent[held_out]
    score["pearson"] = pearson(x, y)
    score["spearman"] = pearson(rank(x), rank(y))
    if fitted.sum() >= MIN_SAMPLES:
        known = fit_monotone(descriptor[fitted], latent[fitted])(descriptor[held_out])
        score["isotonic_r2"] = finite(1.0 - unexplained(latent[held_out], known))
    return score


def pearson(x: np.ndarray, y: np.ndarray) -> float | None:
    """Pearson's correlation of finite values, both (n,); None where rounding leaves none."""
    # The squares of numbers near 1e308 are infinite, and those near 1e-308 are 0.
    x, y = (np.ldexp(values, -np.frexp(np.abs(values).max())[1]) for values in (x, y))
    with np.errstate(invalid="ignore", divide="ignore"):
        return finite(np.corrcoef(x, y)[0, 1])


def score_descriptors(
    descriptors: Mapping[str, np.ndarray], latents: np.ndarray, train: np.ndarray
) -> dict[str, dict[str, dict[str, float | int | None]]]:
    """Score every latent, (sample, latent), against every descriptor, (sample,).

    Returns:
        By descriptor and latent index (as text) what `correlate` gives.
    """
    return {
        name: {
            str(index): correlate(values, latent, train) for index, latent in enumerate(latents.T)
        }
        for name, values in descriptors.items()
    }


def strongest(scores: Scores, active: Sequence[int]) -> dict[str, float | None]:
    """Largest abs(Pearson) of each quantity with an active latent, None where there is none."""
    found: dict[str, float | None] = {}
    for name, by_latent in scores.items():
        latent = best_latent(scores, name, active, "pearson")
        found[name] = None if latent is None else abs(by_latent[str(latent)]["pearson"])
    return found


def summarise_errors(
    squared: np.ndarray, absolute: np.ndarray, parts: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float | int | None]]:
    """Errors of the decoded spectra in each part of the data set.

    Args:
        squared: Squared error of each spectrum, summed over omega, (sample,).
        absolute: Absolute error of each spectrum, averaged over omega, (sample,).
        parts: Mask (sample,) by name.

    Returns:
        By part the `mean` and the `percentile_99` of the squared error, the number `n` of spectra
        and the mean of the absolute error, `mean_absolute`; None in a part without samples.
    """
    return {
        part: {
            "mean": float(squared[mask].mean()) if mask.any() else None,
            "percentile_99": float(np.percentile(squared[mask], 99)) if mask.any() else None,
            "n": int(mask.sum()),
            "mean_absolute": float(absolute[mask].mean()) if mask.any() else None,
        }
        for part, mask in parts.items()
    }


def effects_of_latents(
    latents: xr.Dataset, active: Sequence[int], train: np.ndarray
) -> dict[str, Any]:
    """What each active latent does to the spectrum, at those values near which there are samples.

    Args:
        latents: Latents of the samples, with spectra decoded along each latent.
        active: Active latents.
        train: Mask (sample,) of the training samples.

    Returns:
        See `discovery.latents.effects.traversal_effects`.
    """
    mean = latents["mean"].to_numpy().astype(np.float64)
    omega, traversal = latents["omega"].to_numpy(), latents["traversal"].to_numpy()
    channels = latents["channel"].to_numpy() if "channel" in latents.dims else ()
    points = latents["traversal_latents"].to_numpy()[:, :, active]
    near = np.ones(traversal.shape[:2], dtype=np.bool_)
    near[active] = near_data(points[active], mean[:, active], train)
    return traversal_effects(omega, traversal, near, active, [str(label) for label in channels])


def score_run(
    spectra: xr.Dataset, latents: xr.Dataset, system: Mapping[str, Any]
) -> dict[str, Any]:
    """Score the latents of a run and decide what follows from the scores.

    Args:
        spectra: The set of spectra.
        latents: Latents of its samples.
        system: What the configuration says of the samples: `descriptors`, and where given
            `references`, `scale`, `published` and `landmarks`.

    Returns:
        The content of `scores.json`: scores (`kl`, `reconstruction`, `descriptors` on the samples
        named in `scored_on`, `reference_strength`: largest abs(Pearson) of each reference with an
        active latent) and decisions (`active_latents`, `undefined`, `best_latent`,
        `best_descriptor`, `leading_latent`, `scale_map`, `published`; see `discovery.findings`;
        `traversal_effects`, see `discovery.latents.effects`; `landmarks`, see
        `discovery.latents.landmarks`).

    Raises:
        InputError: If an expression of the system can't be evaluated on these data.
    """
    variables = sample_variables(spectra)
    descriptors = evaluate_descriptors(system["descriptors"], variables)
    references = evaluate_descriptors(system.get("references", {}), variables, "references")
    parts = {part: split_mask(spectra, part) for part in SPLITS}
    train = parts["train"]
    mean = latents["mean"].to_numpy().astype(np.float64)
    active = [int(index) for index in np.flatnonzero(latents["active"].to_numpy())]
    scores = score_descriptors(descriptors, mean, train)
    strength = strongest(score_descriptors(references, mean, train), active)
    follows = {name: best_latent(scores, name, active, "spearman") for name in scores}
    scale = system.get("scale")
    leading = follows.get(scale) if scale else None
    squared = latents["reconstruction_error"].to_numpy()
    absolute = latents["absolute_error"].to_numpy()
    return {
        "active_latents": active,
        "kl": [float(value) for value in latents["kl"].to_numpy()],
        "reconstruction": summarise_errors(squared, absolute, parts),
        "scored_on": ["validation", "test"],
        "descriptors": scores,
        "undefined": partly_undefined(descriptors),
        "best_latent": follows,
        "best_descriptor": {
            str(latent): best_descriptor(scores, latent, "spearman") for latent in active
        },
        "leading_latent": leading,
        "scale_map": None
        if leading is None or scale is None
        else scale_map(descriptors[scale], mean[:, leading], train),
        "reference_strength": strength,
        "published": beside_published(system.get("published") or {}, scores, strength, active),
        "traversal_effects": effects_of_latents(latents, active, train),
        "landmarks": measure_landmarks(
            system.get("landmarks", {}), descriptors, mean, active, train
        ),
    }
