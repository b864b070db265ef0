"""Spectra -> latents, in an order and with signs that do not depend on the training's accidents.

A network's latents come in arbitrary order and sign. They are sorted by their KL divergence over
the training spectra, and each gets the sign that makes it correlate positively with the sum of the
spectrum over the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from autoencoder.loss import kl_divergence
from autoencoder.model import Autoencoder
from autoencoder.storage import Model

BATCH = 8192  # spectra encoded at once
STEPS = np.linspace(-2, 2, 9)  # of a traversal, in training standard deviations


@dataclass(frozen=True)
class Encoding:
    """Latents of a set of spectra.

    Attributes:
        mean: Means, sorted and signed, (sample, latent).
        log_variance: Log variances, (sample, latent).
        reconstruction: Decoded means in the spectra's units, (sample, omega).
        order: Index of each latent in the network, (latent,).
        sign: Sign of each latent relative to the network, (latent,).
        kl: KL divergence in nats, mean over training spectra, (latent,).
    """

    mean: np.ndarray
    log_variance: np.ndarray
    reconstruction: np.ndarray
    order: np.ndarray
    sign: np.ndarray
    kl: np.ndarray


def encode(model: Model, spectra: np.ndarray, train: np.ndarray) -> Encoding:
    """Encode and decode spectra.

    Args:
        model: The trained network.
        spectra: Spectra, (sample, omega), float32.
        train: Mask of the training spectra, (sample,).
    """
    pieces = [
        _pass(model.network, jnp.asarray(spectra[k : k + BATCH] / model.scale))
        for k in range(0, len(spectra), BATCH)
    ]
    mean, log_variance, decoded = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    if not model.variational:
        log_variance = np.zeros_like(log_variance)
    kl = np.asarray(kl_divergence(mean[train], log_variance[train]), np.float64).mean(axis=0)
    order = np.argsort(-kl, kind="stable")
    brightness = spectra[train].sum(axis=1, dtype=np.float64)
    centred = mean[train].astype(np.float64) - mean[train].mean(axis=0)
    covariance = centred.T @ (brightness - brightness.mean())
    sign = np.where(covariance[order] < 0, -1.0, 1.0).astype(np.float32)
    return Encoding(
        mean=mean[:, order] * sign,
        log_variance=log_variance[:, order],
        reconstruction=decoded * np.float32(model.scale),
        order=order,
        sign=sign,
        kl=kl[order],
    )


def traverse(model: Model, encoding: Encoding, train: np.ndarray) -> np.ndarray:
    """Spectra decoded along each latent, (latent, step, omega), in the spectra's units.

    One latent moves by `STEPS` standard deviations about its training median, the others stay at
    theirs.
    """
    median = np.median(encoding.mean[train], axis=0)
    spread = encoding.mean[train].std(axis=0)
    n_latents = len(median)
    z = np.tile(median, (n_latents, len(STEPS), 1))
    for k in range(n_latents):
        z[k, :, k] += STEPS * spread[k]
    in_network = np.empty_like(z)
    in_network[..., encoding.order] = z * encoding.sign
    decoded = model.network.decode(jnp.asarray(in_network, jnp.float32))
    return np.asarray(decoded) * np.float32(model.scale)


def _pass(network: Autoencoder, spectra: jax.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, log_variance = network.encode(spectra)
    return np.asarray(mean), np.asarray(log_variance), np.asarray(network.decode(mean))
