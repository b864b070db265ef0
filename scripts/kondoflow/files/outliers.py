"""Spectra that are much farther from the median spectrum than most, if they are few.

A single defect would otherwise set the unit for all others and dominate a training. If the distant
spectra are not few, they belong to the data.
"""

from __future__ import annotations

import numpy as np

FAR = 30.0  # times the median distance from the median spectrum
FEW = 0.01  # share of the spectra, but at least one spectrum


def far_from_others(spectra: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which spectra are far from all others, (sample,).

    Args:
        spectra: Spectra, (sample, point).
        among: Mask of those that are judged, (sample,).
    """
    judged = spectra[among].astype(np.float64)
    distances = np.sqrt(((judged - np.median(judged, axis=0)) ** 2).mean(axis=1))
    far = np.zeros(len(spectra), bool)
    far[among] = distances > FAR * np.median(distances)
    return far if far.sum() <= max(1, FEW * len(judged)) else np.zeros(len(spectra), bool)
