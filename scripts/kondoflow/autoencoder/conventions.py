r"""The order, sign and unit of a network's latents, and which of them are active.

A network's latents come in arbitrary order and sign. Both are fixed once, at the end of the
training, from the training spectra alone. They are stored with the model and applied to whatever
it encodes, so that one spectrum gets the same latents by itself as among many.

- Relevance: for a variational network the KL divergence of the latent, averaged over the training
  spectra. A plain autoencoder has none. There it is the rise of the squared error when the latent
  is held at its training mean, as a share of the spectra's total variance.
- Order: active latents first, then by relevance, the largest first.
- Sign: with c the covariance of latent and spectrum over the training set, the sum of c abs(c) over
  the upper half of the grid is positive: where the latent acts most, it raises the spectrum. (Over
  the whole grid the response to an asymmetry, which is odd, would cancel.)
- Unit: the latents of a variational network have the unit of the prior. Those of a plain
  autoencoder are shifted and scaled to mean 0 and variance 1 over the training set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np

from kondoflow.autoencoder.loss import Spectra, kl_divergence, squared_error
from kondoflow.autoencoder.model import Autoencoder

BATCH = 8192  # spectra that pass through the network at once


@dataclass(frozen=True)
class Conventions:
    """What is decided about a network's latents, in the order in which files list them.

    Attributes:
        order: Index of each latent in the network, (latent,).
        active: Which latents are active, (latent,).
        factor: Unit and sign of each latent, (latent,): z in the network = factor * z + shift.
        shift: See `factor`, (latent,).
        kl: KL divergence in nats, mean over the training spectra, (latent,); 0 if not variational.
        relevance: See the module, (latent,).
        median: Median over the training spectra, (latent,), float32.
    """

    order: np.ndarray
    active: np.ndarray
    factor: np.ndarray
    shift: np.ndarray
    kl: np.ndarray
    relevance: np.ndarray
    median: np.ndarray

    def from_network(self, z: np.ndarray) -> np.ndarray:
        """Latents (..., latent) in this order, sign and unit, float32, from the network's own."""
        return ((z[..., self.order] - self.shift) / self.factor).astype(np.float32)

    def in_network(self, z: np.ndarray) -> np.ndarray:
        """Latents (..., latent) in the network's own order, sign and unit, float32."""
        values = np.empty(z.shape, np.float32)
        values[..., self.order] = z * self.factor + self.shift
        return values

    def as_json(self) -> dict[str, list[Any]]:
        """The attributes as JSON types; the active latents by their indices in the network."""
        values = {name: getattr(self, name).tolist() for name in NUMBERS}
        return {"order": self.order.tolist(), "active": self.order[self.active].tolist(), **values}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Conventions:
        """What `as_json` gave."""
        order = np.array(content["order"], np.int64)
        numbers = {name: np.array(content[name], np.float64) for name in NUMBERS}
        numbers["median"] = numbers["median"].astype(np.float32)
        return cls(order=order, active=np.isin(order, content["active"]), **numbers)


NUMBERS = ("factor", "shift", "kl", "relevance", "median")


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
    """Signs (latent,) that latents (sample, latent) of spectra (sample, omega) get, see above."""
    centred = mean.astype(np.float64) - mean.mean(axis=0)
    upper = spectra[:, spectra.shape[1] // 2 :].astype(np.float64)
    covariance = centred.T @ (upper - upper.mean(axis=0))  # latent, omega
    return np.where((covariance * np.abs(covariance)).sum(axis=1) < 0, -1.0, 1.0)


def rises_of_error(network: Autoencoder, mean: np.ndarray, spectra: Spectra) -> np.ndarray:
    """Relevance of a plain autoencoder's latents, (latent,), see above.

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
