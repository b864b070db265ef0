r"""The loss of a beta-VAE (Kingma and Welling, arXiv:1312.6114; Higgins et al., ICLR 2017).

.. math::
    L = \Big\langle \sum_\omega p(\omega) (\hat x(\omega) - x(\omega))^2
        + \kappa \sum_k \mathrm{KL}_k \Big\rangle_{batch}, \qquad
    \mathrm{KL}_k = \tfrac12 (\mu_k^2 + \sigma_k^2 - 1 - \log \sigma_k^2),

with KL the divergence of N(mu, sigma^2) from the prior N(0, 1), the weight kappa of the KL term and
weights p of the points. In training z is drawn from q(z|x). Losses that are compared between epochs
take z at its mean and kappa at its final value. With kappa = 0 the network is a plain autoencoder
and nothing is drawn. The divergence of its deterministic code would be infinite; it is given as 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from kondoflow.autoencoder.model import Autoencoder


class Spectra(NamedTuple):
    """Spectra in the units of the network, and what their points count.

    Attributes:
        values: Spectra, (sample, omega).
        weights: Weights p of the points, (sample, omega), or (1, omega) for all samples.
    """

    values: Any  # of JAX, or of numpy where they stay on the disk
    weights: jax.Array

    @property
    def n_samples(self) -> int:
        """Number of spectra."""
        return self.values.shape[0]

    def take(self, chosen: Any) -> Spectra:
        """The chosen samples, by a slice or by indices."""
        own = self.weights.shape[0] > 1
        return Spectra(self.values[chosen], self.weights[chosen] if own else self.weights)


class Parts(NamedTuple):
    """Batch means of the two parts of the loss."""

    reconstruction: jax.Array  # scalar
    kl: jax.Array  # (latent,)

    def total(self, kl_weight: jax.Array | float) -> jax.Array:
        """Reconstruction + weight * sum of the KL over latents (nat), a scalar."""
        return self.reconstruction + kl_weight * jnp.sum(self.kl)


def kl_divergence(mean: jax.Array, log_variance: jax.Array) -> jax.Array:
    """KL divergence of N(mean, exp(log_variance)) from N(0, 1) in nats, of the common shape."""
    return 0.5 * (mean**2 + jnp.expm1(log_variance) - log_variance)


def squared_error(reconstruction: jax.Array, spectra: Spectra) -> jax.Array:
    """Weighted sum over frequencies of the squared error, (sample,) from (sample, omega)."""
    return jnp.sum(spectra.weights * (reconstruction - spectra.values) ** 2, axis=-1)


def loss_parts(
    model: Autoencoder, spectra: Spectra, noise: jax.Array | None, *, variational: bool
) -> Parts:
    """Both parts of the loss for a batch.

    Args:
        model: The network.
        spectra: Spectra of the batch.
        noise: Standard normal numbers, (batch, latent); None takes z at its mean.
        variational: False for a plain autoencoder.
    """
    mean, log_variance = model.encode(spectra.values)
    drawn = noise if variational else None
    z = mean if drawn is None else mean + jnp.exp(log_variance / 2) * drawn
    reconstruction = jnp.mean(squared_error(model.decode(z), spectra))
    kl = jnp.mean(kl_divergence(mean, log_variance), axis=0)
    return Parts(reconstruction, kl if variational else jnp.zeros_like(kl))
