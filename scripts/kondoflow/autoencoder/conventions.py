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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

NUMBERS = ("factor", "shift", "kl", "relevance", "median")  # attributes that are float arrays


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
        """Read what `as_json` gave."""
        order = np.array(content["order"], np.int64)
        numbers = {name: np.array(content[name], np.float64) for name in NUMBERS}
        numbers["median"] = numbers["median"].astype(np.float32)
        return cls(order=order, active=np.isin(order, content["active"]), **numbers)
