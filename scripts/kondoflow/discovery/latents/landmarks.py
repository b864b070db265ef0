"""Landmarks: thresholds that a system names, such as a transition, and whether latents know them.

A landmark is a value `at` of a descriptor. A latent knows it if a threshold of the latent tells on
which side a sample lies. Latent, threshold and direction are chosen on the training samples; how
often they are right is counted on the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def measure_landmarks(
    landmarks: Mapping[str, Mapping[str, Any]],
    descriptors: Mapping[str, np.ndarray],
    latents: np.ndarray,
    active: Sequence[int],
    train: np.ndarray,
) -> dict[str, dict[str, Any]]:
    """Count the sides of each landmark and find the latent that tells them apart.

    Args:
        landmarks: By name the descriptor `quantity` and its value `at`.
        descriptors: Values, (sample,), non-finite where undefined.
        latents: (sample, latent).
        active: Indices of the active latents.
        train: Mask (sample,) of the training samples.

    Returns:
        By name `below`, `above` and `undefined` (numbers of samples), `latent` (None where no
        latent is active or a side has no sample for training or none for the count), `threshold`,
        `rises` (whether larger values of the latent mean above), `n` (samples of the count),
        `right` (share of them on the side that the latent says) and `larger_side` (share of them
        on the side that has more training samples).
    """
    found = {}
    for name, landmark in landmarks.items():
        values = descriptors[landmark["quantity"]]
        known = np.isfinite(values)
        above = known & (values > landmark["at"])
        found[name] = {
            "below": int((known & ~above).sum()),
            "above": int(above.sum()),
            "undefined": int((~known).sum()),
            **_told_apart(above, latents, active, known & train, known & ~train),
        }
    return found


def _told_apart(
    above: np.ndarray,
    latents: np.ndarray,
    active: Sequence[int],
    fitted: np.ndarray,
    counted: np.ndarray,
) -> dict[str, Any]:
    nothing = dict.fromkeys(("latent", "threshold", "rises", "right", "larger_side"))
    result: dict[str, Any] = {**nothing, "n": int(counted.sum())}
    both = 0 < above[fitted].sum() < fitted.sum()
    if not both or not active or not counted.any():
        return result
    choices = [(*best_threshold(latents[fitted, k], above[fitted]), k) for k in active]
    _, threshold, rises, latent = max(choices, key=lambda choice: choice[0])
    said = (latents[counted, latent] > threshold) == rises
    mostly = bool(above[fitted].mean() > 0.5)
    return {
        "latent": int(latent),
        "threshold": threshold,
        "rises": rises,
        "right": float((said == above[counted]).mean()),
        "larger_side": float((above[counted] == mostly).mean()),
        "n": result["n"],
    }


def best_threshold(values: np.ndarray, above: np.ndarray) -> tuple[float, float, bool]:
    """The threshold of a quantity, (sample,), that best separates a mask, (sample,).

    Returns:
        Share of samples that it puts on the right side, the threshold, halfway between two samples,
        and whether values beyond it belong to the mask.
    """
    order = np.argsort(values, kind="stable")
    values, above = values[order], above[order]
    # Right answers if the first k samples lie below and the others above.
    right = np.cumsum(~above) + above.sum() - np.cumsum(above)
    cuts = np.flatnonzero(np.diff(values) > 0)
    if not cuts.size:
        return max(above.mean(), 1 - above.mean()), float(values[0]), bool(above.mean() <= 0.5)
    share = right[cuts] / len(values)
    rises = bool(share.max() >= 1 - share.min())
    cut = cuts[np.argmax(share) if rises else np.argmin(share)]
    best = float(share.max() if rises else 1 - share.min())
    return best, float((values[cut] + values[cut + 1]) / 2), rises
