r"""The loss of a beta-VAE (Kingma and Welling, arXiv:1312.6114; Higgins et al., ICLR 2017).

.. math::
    L = \Big\langle \sum_\omega (\hat A(\omega) - A(\omega))^2
        + \beta \sum_k \mathrm{KL}_k \Big\rangle_{batch}, \qquad
    \mathrm{KL}_k = \tfrac12 (\mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2),

the divergence of N(mu, sigma^2) from the prior N(0, 1). In training z is drawn from q(z|A). Losses
that are compared between epochs take z at its mean and beta at its final value. With beta = 0 the
network is a plain autoencoder and nothing is drawn. The divergence of its deterministic code would
be infinite; it is given as 0.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from kondoflow.autoencoder.model import Autoencoder


class Parts(NamedTuple):
    """Batch means of the two parts of the loss."""

    reconstruction: jax.Array  # scalar
    kl: jax.Array  # (latent,)

    def total(self, beta: jax.Array | float) -> jax.Array:
        """Reconstruction + beta * KL."""
        return self.reconstruction + beta * jnp.sum(self.kl)


def kl_divergence(mean: jax.Array, log_variance: jax.Array) -> jax.Array:
    """KL divergence of N(mean, exp(log_variance)) from N(0, 1) in nats, of the common shape."""
    return 0.5 * (mean**2 + jnp.expm1(log_variance) - log_variance)


def squared_error(reconstruction: jax.Array, spectra: jax.Array) -> jax.Array:
    """Sum over frequencies of the squared error, (...,) from (..., omega)."""
    return jnp.sum((reconstruction - spectra) ** 2, axis=-1)


def loss_parts(
    model: Autoencoder, spectra: jax.Array, noise: jax.Array | None, *, variational: bool
) -> Parts:
    """Both parts of the loss for a batch.

    Args:
        model: The network.
        spectra: Spectra, (batch, omega).
        noise: Standard normal numbers, (batch, latent); None takes z at its mean.
        variational: False for a plain autoencoder.
    """
    mean, log_variance = model.encode(spectra)
    drawn = noise if variational else None
    z = mean if drawn is None else mean + jnp.exp(log_variance / 2) * drawn
    reconstruction = jnp.mean(squared_error(model.decode(z), spectra))
    kl = jnp.mean(kl_divergence(mean, log_variance), axis=0)
    return Parts(reconstruction, kl if variational else jnp.zeros_like(kl))
