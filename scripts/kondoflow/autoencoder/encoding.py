"""Spectra -> latents, in an order and with signs that do not depend on the training's accidents.

A network's latents come in arbitrary order and sign; what fixes both looks at spectra alone, never
at what produced them.

- Order: by relevance, the largest first. For a variational network that is the KL divergence over
  the training spectra. A plain autoencoder has none; there it is the rise of the squared error when
  the latent is held at its training mean, as a share of the spectra's total variance.
- Sign: with c the covariance of latent and spectrum over the training set, the sum of c abs(c) over
  the upper half of the grid is positive: where it acts most, the latent raises the spectrum. (Over
  the whole grid the response to an asymmetry, being odd, would cancel.)
- Unit: a plain autoencoder's latents are shifted and scaled to mean 0 and variance 1 over the
  training set; those of a variational one have the unit of the prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder.loss import kl_divergence, squared_error
from kondoflow.autoencoder.model import Autoencoder
from kondoflow.autoencoder.storage import Model

BATCH = 8192  # spectra encoded at once
STEPS = np.linspace(-2, 2, 9)  # of a traversal: values of the latent


@dataclass(frozen=True)
class Encoding:
    """Latents of a set of spectra.

    Attributes:
        mean: Means, sorted and signed, (sample, latent).
        log_variance: Log variances, (sample, latent).
        reconstruction: Decoded means in the spectra's units, (sample, omega).
        order: Index of each latent in the network, (latent,).
        factor: Unit and sign of each latent, (latent,): z in the network = factor * z + shift.
        shift: See `factor`, (latent,).
        kl: KL divergence in nats, mean over training spectra, (latent,); 0 if not variational.
        relevance: What latents are sorted by, (latent,).
    """

    mean: np.ndarray
    log_variance: np.ndarray
    reconstruction: np.ndarray
    order: np.ndarray
    factor: np.ndarray
    shift: np.ndarray
    kl: np.ndarray
    relevance: np.ndarray

    def in_network(self, z: np.ndarray) -> np.ndarray:
        """Latents (..., latent) in the network's own order, sign and unit, float32."""
        values = np.empty(z.shape, np.float32)
        values[..., self.order] = z * self.factor + self.shift
        return values


def encode(model: Model, spectra: np.ndarray, train: np.ndarray) -> Encoding:
    """Encode and decode spectra.

    Args:
        model: The trained network.
        spectra: Spectra, (sample, omega), float32.
        train: Mask of the training spectra, (sample,).
    """
    pieces = [
        _pass(model.network, jnp.asarray(batch / np.float32(model.scale)))
        for batch in _batches(spectra)
    ]
    mean, log_variance, decoded = (np.concatenate(piece) for piece in zip(*pieces, strict=True))
    n_latents = mean.shape[1]
    if model.variational:
        kl = np.asarray(kl_divergence(mean[train], log_variance[train]), np.float64).mean(axis=0)
        relevance, unit, shift = kl, np.ones(n_latents), np.zeros(n_latents)
    else:
        kl, log_variance = np.zeros(n_latents), np.full_like(log_variance, np.nan)
        relevance = _relevance(model, mean[train], spectra[train])
        seen = mean[train].astype(np.float64)
        unit, shift = np.where(seen.std(axis=0) > 0, seen.std(axis=0), 1.0), seen.mean(axis=0)
    order = np.argsort(-relevance, kind="stable")
    factor = (unit * signs(mean[train], spectra[train]))[order]
    return Encoding(
        mean=((mean[:, order] - shift[order]) / factor).astype(np.float32),
        log_variance=log_variance[:, order],
        reconstruction=decoded * np.float32(model.scale),
        order=order,
        factor=factor,
        shift=shift[order],
        kl=kl[order],
        relevance=relevance[order],
    )


def signs(mean: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Signs (latent,) that latents (sample, latent) of spectra (sample, omega) get, see above."""
    centred = mean.astype(np.float64) - mean.mean(axis=0)
    upper = spectra[:, spectra.shape[1] // 2 :].astype(np.float64)
    covariance = centred.T @ (upper - upper.mean(axis=0))  # latent, omega
    return np.where((covariance * np.abs(covariance)).sum(axis=1) < 0, -1.0, 1.0)


def _relevance(model: Model, mean: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Relevance of a plain autoencoder's latents, (latent,), see above."""
    inputs = spectra / np.float32(model.scale)
    variance = float(np.square(inputs - inputs.mean(axis=0)).sum(axis=1).mean())
    rises = np.empty(mean.shape[1])
    for k in range(-1, mean.shape[1]):  # -1: nothing is held
        held = mean.copy()
        if k >= 0:
            held[:, k] = mean[:, k].mean()
        errors = [
            np.asarray(squared_error(model.network.decode(jnp.asarray(codes)), jnp.asarray(target)))
            for codes, target in zip(_batches(held), _batches(inputs), strict=True)
        ]
        error = float(np.concatenate(errors).astype(np.float64).mean())
        if k < 0:
            base = error
        else:
            rises[k] = (error - base) / variance if variance > 0 else 0.0
    return rises


def _batches(values: np.ndarray) -> list[np.ndarray]:
    return [values[k : k + BATCH] for k in range(0, len(values), BATCH)]


def traverse(model: Model, encoding: Encoding, train: np.ndarray) -> np.ndarray:
    """Spectra decoded along each latent, (latent, step, omega), in the spectra's units.

    One latent takes the values `STEPS`, the others stay at their training median.
    """
    median = np.median(encoding.mean[train], axis=0)
    n_latents = len(median)
    z = np.tile(median, (n_latents, len(STEPS), 1))
    for k in range(n_latents):
        z[k, :, k] = STEPS
    decoded = model.network.decode(jnp.asarray(encoding.in_network(z)))
    return np.asarray(decoded) * np.float32(model.scale)


def _pass(network: Autoencoder, spectra: jax.Array) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, log_variance = network.encode(spectra)
    return np.asarray(mean), np.asarray(log_variance), np.asarray(network.decode(mean))
