"""Spectra -> latents -> spectra with a trained model.

The order, sign and unit of latents are the model's (`autoencoder.conventions`), whatever is
encoded.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder.conventions import batches
from kondoflow.autoencoder.storage import Model

STEPS = np.linspace(-2, 2, 9)  # of a traversal: values of the latent


@dataclass(frozen=True)
class Encoding:
    """Latents of a set of spectra.

    Attributes:
        mean: Means of q(z|A), (sample, latent), float32.
        log_variance: Log variances, (sample, latent), float32; NaN for a plain autoencoder.
        reconstruction: Decoded means in the spectra's units, (sample, omega), float32.
    """

    mean: np.ndarray
    log_variance: np.ndarray
    reconstruction: np.ndarray


def encode(model: Model, spectra: np.ndarray) -> Encoding:
    """Encode spectra, and decode the means of their latents.

    Args:
        model: The trained model.
        spectra: Spectra on the model's grid, (sample, omega), float32.
    """
    pieces = []
    for batch in batches(spectra):
        codes, spreads = model.network.encode(jnp.asarray(batch / np.float32(model.scale)))
        pieces.append([np.asarray(each) for each in (codes, spreads, model.network.decode(codes))])
    mean, log_variance, decoded = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    if not model.variational:
        log_variance = np.full_like(log_variance, np.nan)
    return Encoding(
        mean=model.conventions.from_network(mean),
        log_variance=log_variance[:, model.conventions.order],
        reconstruction=decoded * np.float32(model.scale),
    )


def decode(model: Model, z: np.ndarray) -> np.ndarray:
    """Spectra (..., omega) in their own units, float32, from latents (..., latent)."""
    codes = jnp.asarray(model.conventions.in_network(z))
    return np.asarray(model.network.decode(codes)) * np.float32(model.scale)


def traverse(model: Model) -> np.ndarray:
    """Spectra decoded along each latent, (latent, step, omega), in the spectra's units.

    One latent takes the values `STEPS`, the others stay at their training median.
    """
    median = model.conventions.median
    z = np.tile(median, (len(median), len(STEPS), 1))
    for k in range(len(median)):
        z[k, :, k] = STEPS
    return decode(model, z)
