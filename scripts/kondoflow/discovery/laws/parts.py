"""Errors of a law by part of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from kondoflow.discovery.laws.question import usable
from kondoflow.discovery.targets import Samples, Target

EDGE = 0.025  # share of the samples at either end of an input that are its edges


def errors_of(errors: np.ndarray, target: Target, samples: Samples) -> dict[str, Any]:
    """Errors, (sample,), by part: splits of the box, inside and outside the region, and the edges.

    Returns:
        By part `n`, `undefined`, `rms` and `largest`.
    """
    known = usable(samples, target)
    masks = {name: known & mask for name, mask in samples.parts.items()}
    masks |= {"inside": known & samples.region, "outside": known & ~samples.region}
    masks["edges"] = known & edges_of(samples, known)
    found = {}
    for name, mask in masks.items():
        own = errors[mask]
        finite = own[np.isfinite(own)]
        found[name] = {
            "n": int(mask.sum()),
            "undefined": int(mask.sum() - finite.size),
            "rms": float(np.sqrt(np.mean(finite**2))) if finite.size else None,
            "largest": float(np.abs(finite).max()) if finite.size else None,
        }
    return found


def edges_of(samples: Samples, known: np.ndarray) -> np.ndarray:
    """Samples, (sample,), at either end of the range of an input."""
    edges = np.zeros(known.shape, dtype=np.bool_)
    for column in samples.inputs.values():
        if known.any():
            low, high = np.quantile(column[known], [EDGE, 1 - EDGE])
            edges |= (column < low) | (column > high)
    return edges
