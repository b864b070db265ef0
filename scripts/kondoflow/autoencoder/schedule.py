r"""How the KL weight and the learning rate change during training.

The KL weight rises or falls to its nominal value. x is 0 at the start and reaches 1 when the share
`warmup` of the epochs has passed.

- With `kl_start` 0 it rises as tanh(2 x) times its nominal value, so that the network first learns
  to reconstruct. It ends slightly below the nominal value (by 1.4 % for a share of 0.8).
- With another `kl_start` s it is s**(1 - x) times its nominal value, and the nominal value from
  x = 1 on. If s is large, latents become active one after another, that with the largest share of
  the variance first. Each is then nearly straight before the next one comes, whereas latents that
  are there from the beginning may share one quantity that moves a sharp peak (they are folded).

The learning rate follows half a cosine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import optax


@dataclass(frozen=True)
class Schedule:
    """Course of the training.

    Attributes:
        epochs: Number of epochs.
        kl_weight: Nominal weight of the KL term.
        warmup: Share of the epochs after which the weight is that, or tanh(2) = 0.96 of it.
        kl_start: First weight in units of the nominal one, 0 for a rise from 0.
        learning_rate: First and last learning rate.
    """

    epochs: int
    kl_weight: float
    warmup: float
    learning_rate: tuple[float, float]
    kl_start: float = 0.0

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Schedule:
        """Schedule of a run's settings."""
        first, last = settings["learning_rate"]
        return cls(
            settings["epochs"],
            settings["kl_weight"],
            settings["warmup"],
            (first, last),
            settings["kl_start"],
        )

    def kl_weight_at(self, epoch: jax.Array | int) -> jax.Array:
        """Weight of the KL term in an epoch, counted from 0, a scalar."""
        if self.warmup == 0:
            return jnp.float32(self.kl_weight)
        x = epoch / (self.warmup * self.epochs)
        if self.kl_start == 0:
            return jnp.float32(self.kl_weight) * jnp.tanh(2 * x)
        return jnp.float32(self.kl_weight) * self.kl_start ** (1 - jnp.minimum(x, 1.0))

    def learning_rate_at(self, epoch: jax.Array | int) -> jax.Array:
        """Learning rate in an epoch, counted from 0, a scalar."""
        first, last = self.learning_rate
        cosine = jnp.cos(jnp.pi * epoch / max(self.epochs - 1, 1))
        return jnp.float32(last + (first - last) * (1 + cosine) / 2)

    def optimiser(self, steps_per_epoch: int) -> optax.GradientTransformation:
        """Adam with this learning rate."""
        return optax.adam(lambda step: self.learning_rate_at(step // steps_per_epoch))
