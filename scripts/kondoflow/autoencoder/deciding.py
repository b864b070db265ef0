"""Fixing order, sign and unit of a network's latents, see `autoencoder.conventions`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder.conventions import Conventions
from kondoflow.autoencoder.loss import Spectra, kl_divergence, squared_error
from kondoflow.autoencoder.model import Autoencoder

BATCH = 8192  # spectra that pass through the network at once


def decide(
    network: Autoencoder, spectra: Spectra, *, active: np.ndarray | None, active_above: float
) -> Conventions:
    """Fix order, sign and unit of a network's latents.

    Args:
        network: The network.
        spectra: Training spectra.
        active: Which latents of a variational network are active, (latent,), in the network's
            order; None for a plain autoencoder.
        active_above: Relevance above which a latent of a plain autoencoder is active.
    """
    codes = [network.encode(batch.values) for batch in batches(spectra)]
    mean, log_variance = (np.concatenate(part) for part in zip(*codes, strict=True))
    n_latents = mean.shape[1]
    if active is not None:
        divergences = kl_divergence(jnp.asarray(mean), jnp.asarray(log_variance))
        kl = np.asarray(divergences, np.float64).mean(axis=0)
        relevance, unit, shift = kl, np.ones(n_latents), np.zeros(n_latents)
    else:
        kl, relevance = np.zeros(n_latents), rises_of_error(network, mean, spectra)
        seen = mean.astype(np.float64)
        unit, shift = np.where(seen.std(axis=0) > 0, seen.std(axis=0), 1.0), seen.mean(axis=0)
        active = relevance > active_above
    order = np.lexsort((-relevance, ~active))
    conventions = Conventions(
        order=order,
        active=active[order],
        factor=(unit * signs(mean, np.asarray(spectra.values)))[order],
        shift=shift[order],
        kl=kl[order],
        relevance=relevance[order],
        median=np.zeros(n_latents, np.float32),
    )
    return replace(conventions, median=np.median(conventions.from_network(mean), axis=0))


def signs(mean: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Signs (latent,) that latents (sample, latent) of spectra (sample, omega) get."""
    centred = mean.astype(np.float64) - mean.mean(axis=0)
    upper = spectra[:, spectra.shape[1] // 2 :].astype(np.float64)
    covariance = centred.T @ (upper - upper.mean(axis=0))  # latent, omega
    return np.where((covariance * np.abs(covariance)).sum(axis=1) < 0, -1.0, 1.0)


def rises_of_error(network: Autoencoder, mean: np.ndarray, spectra: Spectra) -> np.ndarray:
    """Relevance of a plain autoencoder's latents, (latent,).

    Args:
        network: The network.
        mean: Its codes of the spectra, (sample, latent).
        spectra: Training spectra.
    """
    centre = spectra.values.mean(axis=0, keepdims=True)
    variance = float(squared_error(centre, spectra).mean())
    if variance == 0:
        return np.zeros(mean.shape[1])
    base, rises = mean_error(network, mean, spectra), []
    for k in range(mean.shape[1]):
        held = mean.copy()
        held[:, k] = mean[:, k].mean()
        rises.append((mean_error(network, held, spectra) - base) / variance)
    return np.array(rises)


def mean_error(network: Autoencoder, codes: np.ndarray, spectra: Spectra) -> float:
    """Mean weighted squared error of spectra decoded from codes (sample, latent)."""
    starts = range(0, len(codes), BATCH)
    errors = [
        np.asarray(squared_error(network.decode(jnp.asarray(codes[k : k + BATCH])), batch))
        for k, batch in zip(starts, batches(spectra), strict=True)
    ]
    return float(np.concatenate(errors).astype(np.float64).mean())


def batches(spectra: Spectra) -> Iterator[Spectra]:
    """Consecutive parts of at most `BATCH` spectra."""
    starts = range(0, spectra.n_samples, BATCH)
    return (spectra.take(slice(k, k + BATCH)) for k in starts)
