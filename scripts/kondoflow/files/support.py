"""How far from the data a point of the latent space is: the limit beyond which there is no data.

Distances are Euclidean in latents divided by their standard deviation over the training samples.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

FAR = 0.99  # quantile of held-out distances beyond which there is no data


def far_distance(codes: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, float]:
    """From which distance to the nearest training code on there is no data.

    The limit is the 99th percentile of the held-out samples' distances, or, without any, of the
    training samples' distances to one another.

    Args:
        codes: Latents, (sample, latent).
        train: Mask (sample,) of the training samples.

    Returns:
        The standard deviations, (latent,), and the limit.
    """
    spread = _spread(codes[train])
    scaled = codes / spread
    known = cKDTree(scaled[train])
    if train.all():
        distance = known.query(scaled, k=min(2, len(scaled)))[0].reshape(len(scaled), -1)[:, -1]
    else:
        distance = known.query(scaled[~train])[0]
    return spread, float(np.quantile(distance, FAR))


def distance_to(points: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Distance of points (..., latent) to the nearest of the training codes (m, latent): (...)."""
    spread = _spread(codes)
    return np.asarray(cKDTree(codes / spread).query(points / spread)[0])


def near_data(points: np.ndarray, codes: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Whether points (..., latent) are near the training codes, (...).

    They are where the distance is at most the second result of `far_distance`.

    Args:
        points: Latents, (..., latent).
        codes: Latents of all samples, (sample, latent).
        train: Mask of the training samples, (sample,).
    """
    if not train.any() or codes.shape[1] == 0:
        return np.ones(points.shape[:-1], dtype=np.bool_)
    return np.asarray(distance_to(points, codes[train]) <= far_distance(codes, train)[1])


def _spread(codes: np.ndarray) -> np.ndarray:
    """Standard deviation of each latent, (latent,); 1 for one that is the same everywhere."""
    spread = codes.std(axis=0)
    return np.where(spread > 0, spread, 1.0)
