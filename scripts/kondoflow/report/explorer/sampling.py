"""Which samples and spectra a page holds, and how far from the data a point of the plane is.

A page holds all samples and all spectra up to a size. Beyond, it holds a part of them, drawn
evenly with a fixed seed, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

MAX_SAMPLES = 60_000
MAX_VALUES = 4_000_000  # stored values of spectra, samples times values of each
SEED = 1
FAR = 0.99  # quantile of held-out distances beyond which there is no data


@dataclass(frozen=True)
class Part:
    """What a page holds of a set.

    Attributes:
        samples: Indices of its samples in the set, increasing.
        spectra: Indices into `samples` of those with their spectra, increasing.
        n_total: Number of samples in the set.
    """

    samples: np.ndarray
    spectra: np.ndarray
    n_total: int


def choose_part(n_samples: int, n_values: int) -> Part:
    """Choose samples and spectra of a set, each sample of which has `n_values` values."""
    order = np.random.default_rng(SEED).permutation(n_samples)
    samples = np.sort(order[:MAX_SAMPLES])
    n_spectra = min(len(samples), max(1, MAX_VALUES // n_values))
    with_spectra = np.sort(order[:n_spectra])
    return Part(samples, np.searchsorted(samples, with_spectra), n_samples)


def far_distance(codes: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, float]:
    """From which distance to the nearest training code on there is no data.

    Distances are Euclidean in latents divided by their standard deviation over the training
    samples. The limit is the 99th percentile of the held-out samples' distances, or, without any,
    of the training samples' distances to one another.

    Args:
        codes: Latents, (sample, latent).
        train: Mask (sample,) of the training samples.

    Returns:
        The standard deviations, (latent,), and the limit.
    """
    spread = codes[train].std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = codes / spread
    known = cKDTree(scaled[train])
    if train.all():
        distance = known.query(scaled, k=min(2, len(scaled)))[0].reshape(len(scaled), -1)[:, -1]
    else:
        distance = known.query(scaled[~train])[0]
    return spread, float(np.quantile(distance, FAR))
