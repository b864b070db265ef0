"""Spectra along one latent.

A latent goes through quantiles of the training samples. Held at their medians, the other latents
would leave the data: codes lie on a curved sheet. So they take the values of a training sample. Of
the samples nearest in that latent it is the one nearest to the medians in the others.
"""

from __future__ import annotations

import numpy as np

STEPS = np.linspace(0.01, 0.99, 9)  # quantiles of the latent
NEAREST = 0.05  # share of the training samples of which one lends the other latents


def points_along(codes: np.ndarray, active: np.ndarray) -> np.ndarray:
    """Points along each latent, (latent, step, latent).

    Args:
        codes: Latents of the training samples, (sample, latent).
        active: Whether each latent is active, (latent,); the others stay at their medians.
    """
    codes, active = codes.astype(np.float64), active.astype(np.bool_)
    median, n_near = np.median(codes, axis=0), max(1, round(NEAREST * len(codes)))
    spread = codes.std(axis=0)
    apart = np.where(active, (codes - median) / np.where(spread > 0, spread, 1.0), 0.0) ** 2
    points = np.tile(median, (codes.shape[1], len(STEPS), 1))
    for k, values in enumerate(np.quantile(codes, STEPS, axis=0).T):
        in_others = apart.sum(axis=1) - apart[:, k]
        for step, value in enumerate(values):
            near = np.argsort(np.abs(codes[:, k] - value), kind="stable")[:n_near]
            lender = codes[near[np.argmin(in_others[near])]]
            points[k, step, active] = lender[active]
            points[k, step, k] = value
    return points
