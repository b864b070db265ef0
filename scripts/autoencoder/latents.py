r"""What a trained network says of spectra, with its latents in an order and sign of their own.

A network's latents come in any order and with any sign. They are put into a form that looks at
nothing but spectra:

- *order*: by relevance, the largest first. For a variational network that is the KL divergence in
  nats, averaged over the training spectra: the information that the latent carries. A plain
  autoencoder has none; there it is the rise of the squared error when the latent is held at its
  training mean, as a share of the spectra's total variance.
- *sign*: with c the covariance of latent and spectrum over the training set, the sum of c abs(c)
  over the upper half of the grid is positive: where it acts most, the latent raises the spectrum.
  (The whole grid would not do, as the response to an asymmetry is odd.)
- *unit*: a plain autoencoder's latents are shifted and scaled to mean 0 and variance 1 over the
  training set, so that steps along them mean what they do for a variational one.

The change z = s z' + t is built into the weights next to the code, so that network, history and
encoded spectra agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from autoencoder.loss import kl_divergence, squared_error
from autoencoder.network import Autoencoder

CHUNK = 4096  # spectra encoded at once


@dataclass(frozen=True)
class Encoded:
    """What the network says of spectra.

    Args:
        mean: Mean of q(z|A), (sample, latent), float32.
        log_variance: Its log variance, (sample, latent), float32.
        squared_error: Sum over omega, z at its mean, (sample,), float64.
        absolute_error: Mean over omega, z at its mean, (sample,), float64.
    """

    mean: np.ndarray
    log_variance: np.ndarray
    squared_error: np.ndarray
    absolute_error: np.ndarray


def encode(network: Autoencoder, spectra: np.ndarray) -> Encoded:
    """Encode and reconstruct scaled spectra (sample, omega)."""

    def one(spectrum: jax.Array) -> tuple[jax.Array, ...]:
        mean, log_variance = network.encode(spectrum)
        decoded = network.decode(mean)
        absolute = jnp.mean(jnp.abs(decoded - spectrum))
        return mean, log_variance, squared_error(decoded, spectrum), absolute

    found = jax.lax.map(one, jnp.asarray(spectra), batch_size=min(CHUNK, len(spectra)))
    mean, log_variance, squared, absolute = map(np.asarray, found)
    return Encoded(mean, log_variance, squared.astype(np.float64), absolute.astype(np.float64))


def decode(network: Autoencoder, z: np.ndarray) -> np.ndarray:
    """Scaled spectra (..., omega), float32, of codes (..., latent)."""
    return np.asarray(network.decode(jnp.asarray(z, dtype=jnp.float32)))


def mean_kl(encoded: Encoded) -> np.ndarray:
    """KL divergence of each latent in nats, averaged over the samples, (latent,), float64."""
    divergence = kl_divergence(jnp.asarray(encoded.mean), jnp.asarray(encoded.log_variance))
    return np.asarray(divergence).astype(np.float64).mean(axis=0)


def relevance(network: Autoencoder, spectra: np.ndarray, *, variational: bool) -> np.ndarray:
    """How much each latent matters for training spectra (sample, omega), see above; (latent,)."""
    encoded = encode(network, spectra)
    if variational:
        return mean_kl(encoded)
    total = np.square(spectra.astype(np.float64) - spectra.mean(axis=0)).sum(axis=1).mean()
    rises = np.empty(encoded.mean.shape[1])
    for latent in range(len(rises)):
        held = encoded.mean.copy()
        held[:, latent] = encoded.mean[:, latent].mean()
        error = _decoding_error(network, held, spectra)
        rises[latent] = (error - encoded.squared_error.mean()) / max(total, np.finfo(float).tiny)
    return rises


def _decoding_error(network: Autoencoder, z: np.ndarray, spectra: np.ndarray) -> float:
    def one(pair: tuple[jax.Array, jax.Array]) -> jax.Array:
        return squared_error(network.decode(pair[0]), pair[1])

    pairs = (jnp.asarray(z), jnp.asarray(spectra))
    return float(np.asarray(jax.lax.map(one, pairs, batch_size=min(CHUNK, len(z)))).mean())


def signs(mean: np.ndarray, spectra: np.ndarray) -> np.ndarray:
    """Factors (latent,), 1 or -1, that give latents (sample, latent) their sign, see above."""
    centred = mean.astype(np.float64) - mean.mean(axis=0)
    upper = spectra[:, spectra.shape[1] // 2 :].astype(np.float64)
    covariance = centred.T @ (upper - upper.mean(axis=0))  # latent, omega
    return np.where((covariance * np.abs(covariance)).sum(axis=1) < 0, -1.0, 1.0)


def canonical(
    network: Autoencoder,
    weights: dict[str, np.ndarray],
    spectra: np.ndarray,
    *,
    variational: bool,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Give the latents their order, sign and unit.

    Args:
        network: The trained network.
        weights: Its weights by name.
        spectra: Scaled training spectra, (sample, omega).
        variational: Whether codes are sampled.

    Returns:
        The changed weights, and for each new latent its index in the old network, (latent,).
    """
    mean = encode(network, spectra).mean.astype(np.float64)
    order = np.argsort(-relevance(network, spectra, variational=variational), kind="stable")
    factor = signs(mean, spectra)[order]
    shift = np.zeros(len(order))
    if not variational:
        width = mean.std(axis=0)[order]
        factor = factor * np.where(width > 0, width, 1.0)
        shift = mean.mean(axis=0)[order]
    return change_latents(weights, order, factor, shift), order


def change_latents(
    weights: dict[str, np.ndarray], order: np.ndarray, factor: np.ndarray, shift: np.ndarray
) -> dict[str, np.ndarray]:
    """Weights of the same network in the latents z' with z[order] = factor z' + shift.

    Args:
        weights: Weights by name.
        order: Old index of each new latent, (latent,).
        factor: Non-zero, (latent,).
        shift: (latent,).
    """
    last = max(int(name.split(".")[2]) for name in weights if name.startswith("encoder."))
    out_kernel, out_bias = f"encoder.layers.{last}.kernel", f"encoder.layers.{last}.bias"
    in_kernel, in_bias = "decoder.layers.0.kernel", "decoder.layers.0.bias"
    changed = {name: array.astype(np.float64) for name, array in weights.items()}
    mean_kernel, variance_kernel = np.split(changed[out_kernel], 2, axis=1)  # hidden, latent
    mean_bias, variance_bias = np.split(changed[out_bias], 2)  # latent
    rows = changed[in_kernel][order]  # latent, hidden
    changed[out_kernel] = np.concatenate(
        [mean_kernel[:, order] / factor, variance_kernel[:, order]], axis=1
    )
    changed[out_bias] = np.concatenate(
        [
            (mean_bias[order] - shift) / factor,
            variance_bias[order] - 2.0 * np.log(np.abs(factor)),
        ]
    )
    changed[in_kernel] = rows * factor[:, None]
    changed[in_bias] = changed[in_bias] + shift @ rows
    return {name: array.astype(np.float32) for name, array in changed.items()}


def traverse(network: Autoencoder, mean: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Scaled spectra along each latent, the others at the median of `mean`.

    Args:
        network: The trained network.
        mean: Codes of the training spectra, (sample, latent).
        steps: Values of the moving latent, (step,).

    Returns:
        Spectra, (latent, step, omega), float32.
    """
    n_latents = mean.shape[1]
    codes = np.tile(np.median(mean, axis=0), (n_latents, len(steps), 1))  # moving, step, latent
    for latent in range(n_latents):
        codes[latent, :, latent] = steps
    return decode(network, codes)


def examples(errors: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Best, median and worst of the candidate samples by their error.

    Args:
        errors: Error of every sample, (sample,).
        candidates: Indices of at least one sample.

    Returns:
        Sample indices, (3,).
    """
    ranked = candidates[np.argsort(errors[candidates], kind="stable")]
    return ranked[[0, len(ranked) // 2, -1]]
