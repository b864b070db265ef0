r"""How the KL weight and the learning rate change during training.

The KL weight rises as tanh(2 x) times its nominal value, so that the network first learns to
reconstruct. x is 0 at the start, reaches 1 when the share `warmup` of the epochs has passed, and
rises further. The weight ends slightly below the nominal value (by 1.4 % for a share of 0.8). The
learning rate follows half a cosine.
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
        warmup: Share of the epochs after which the weight is tanh(2) = 0.96 of that.
        learning_rate: First and last learning rate.
    """

    epochs: int
    kl_weight: float
    warmup: float
    learning_rate: tuple[float, float]

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Schedule:
        """Schedule of a run's settings."""
        first, last = settings["learning_rate"]
        return cls(settings["epochs"], settings["kl_weight"], settings["warmup"], (first, last))

    def kl_weight_at(self, epoch: jax.Array | int) -> jax.Array:
        """Weight of the KL term in an epoch."""
        if self.warmup == 0:
            return jnp.float32(self.kl_weight)
        return jnp.float32(self.kl_weight) * jnp.tanh(2 * epoch / (self.warmup * self.epochs))

    def learning_rate_at(self, epoch: jax.Array | int) -> jax.Array:
        """Learning rate in an epoch."""
        first, last = self.learning_rate
        cosine = jnp.cos(jnp.pi * epoch / max(self.epochs - 1, 1))
        return jnp.float32(last + (first - last) * (1 + cosine) / 2)

    def optimiser(self, steps_per_epoch: int) -> optax.GradientTransformation:
        """Adam with this learning rate."""
        return optax.adam(lambda step: self.learning_rate_at(step // steps_per_epoch))
