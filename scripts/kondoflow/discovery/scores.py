"""How well latents and descriptors know each other.

Three measures of increasing generality, all on held-out samples: Pearson's r (a straight line, as
in the original study), Spearman's rank correlation (any monotone relation, without a size), and
the R^2 of the best monotone map from descriptor to latent, fitted on the training samples
(`discovery.monotone`), which says how much of the latent's variance the descriptor explains.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.stats import pearsonr, spearmanr

from kondoflow.discovery.monotone import fit_monotone, unexplained

MIN_SAMPLES = 10  # below, a correlation says nothing


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
        (negative if the map does worse than the mean); `n`, how many samples that were. None
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
    score["pearson"] = _finite(pearsonr(descriptor[held_out], latent[held_out]).statistic)
    score["spearman"] = _finite(spearmanr(descriptor[held_out], latent[held_out]).statistic)
    if fitted.sum() >= MIN_SAMPLES:
        known = fit_monotone(descriptor[fitted], latent[fitted])(descriptor[held_out])
        score["isotonic_r2"] = _finite(1.0 - unexplained(latent[held_out], known))
    return score


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


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


def summarise_errors(
    errors: np.ndarray, parts: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float | int | None]]:
    """Mean and 99th percentile of a per-sample error in each part of the data set.

    Args:
        errors: (sample,).
        parts: Mask (sample,) by name.

    Returns:
        `mean`, `percentile_99` and `n` by part; None in a part without samples.
    """
    return {
        part: {
            "mean": float(errors[mask].mean()) if mask.any() else None,
            "percentile_99": float(np.percentile(errors[mask], 99)) if mask.any() else None,
            "n": int(mask.sum()),
        }
        for part, mask in parts.items()
    }
