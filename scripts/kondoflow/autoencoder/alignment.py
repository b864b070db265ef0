r"""How well the latent axes suit the posterior, and a correction of their directions.

Neither uses physical descriptors.

The loss says little about the directions of the latent axes: if the code is rotated or bent,
another network decodes it as well. The posterior does feel the axes, because it is a product over
latents. Near the code of a spectrum the loss is quadratic in z. Let J be the decoder's Jacobian,
with rows scaled by the roots of the weights p of the points, and read the squared error as the KL
weight kappa times a negative log likelihood. Then the true posterior has the inverse covariance H,
and the loss pays Delta for the product form:

.. math::
    H = 1 + \frac{2}{\kappa} J^T J, \qquad
    \Delta = \frac12 \Big( \sum_k \log H_{kk} - \log \det H \Big) \ge 0,

the Kullback-Leibler divergence of the best product of Gaussians from the true posterior, in nats.
Delta is called the factorisation gap. It vanishes if the columns of J are orthogonal, that is, if
the latents change a spectrum in independent ways (M. Rolinek, D. Zietlow and G. Martius, CVPR 2019,
who showed that this is what aligns the axes of a variational autoencoder).

To first order no loss feels a small tilt of the axes, so that the tilt that is left after training
is accidental. It is removed by use of the prior, under which latents are independent. Let R be the
matrix of the rank correlations of the latents' means over the data set. The linear map

.. math::
    z \to z M, \qquad R(z M) = 1, \qquad M = 1 + \text{small}

is found by the iteration M <- M (1 - (R(z M) - 1)/2), which treats both latents of a pair alike.
Its columns are scaled so that each latent keeps its standard deviation and thus its KL divergence.
Rank correlations are used because a latent is defined up to a monotone map. M becomes part of the
linear layers before and after the code. The variances of the posterior, which M changes in second
order only, are left as they are. Where the factors of the data depend on each other the map would
not be small. It is applied only if the loss, with kappa Delta added, stays within the tolerance.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from kondoflow.autoencoder.loss import Spectra, loss_parts
from kondoflow.autoencoder.model import Architecture, Autoencoder, separate_network, structure
from kondoflow.files.ranks import rank

TOLERANCE = 0.02  # relative loss within which networks count as equally good
SETTLED = 1e-3  # largest rank correlation that is left
MOST_ITERATIONS = 100
MOST_SPECTRA = 512  # over which the gap is averaged


def factorisation_gap(
    architecture: Architecture, weights: nnx.State, spectra: Spectra, kl_weight: float
) -> float:
    """The factorisation gap Delta in nats, averaged over spectra.

    Args:
        architecture: Shapes of the network.
        weights: Its weights.
        spectra: Spectra; the first `MOST_SPECTRA` count.
        kl_weight: Weight of the KL divergence, above 0.
    """
    graph, _ = structure(architecture)
    network: Autoencoder = nnx.merge(graph, weights)
    first = spectra.take(slice(MOST_SPECTRA))
    mean, _ = network.encode(first.values)
    jacobian = np.asarray(jax.vmap(jax.jacfwd(network.decode))(mean), np.float64)
    jacobian *= np.sqrt(np.asarray(first.weights, np.float64))[..., None]
    metric = np.einsum("nok,nol->nkl", jacobian, jacobian)
    H = np.eye(architecture.n_latents) + 2 / kl_weight * metric
    diagonal = np.log(np.einsum("nkk->nk", H)).sum(axis=1)
    return float(np.mean(diagonal - np.linalg.slogdet(H).logabsdet) / 2)


def align_axes(
    architecture: Architecture,
    weights: nnx.State,
    spectra: Spectra,
    kl_weight: float,
    active: np.ndarray,
    gap: float | None = None,
) -> tuple[nnx.State, bool]:
    """Correct the axes of the active latents.

    Args:
        architecture: Shapes of the network.
        weights: Its weights.
        spectra: Training spectra.
        kl_weight: Weight of the KL divergence, above 0.
        active: Which latents are active, (latent,).
        gap: Factorisation gap of the weights, if it is known.

    Returns:
        The weights, and whether the correction was made. They are as they were if there is no such
        correction or it would raise the loss above the tolerance.
    """
    codes = active_codes(architecture, weights, spectra, active)
    if active.sum() < 2 or not all_vary(codes):
        return weights, False
    M = independent_axes(codes)
    if M is None:
        return weights, False
    return turn_axes(architecture, weights, spectra, kl_weight, active, M, gap)


def active_codes(
    architecture: Architecture, weights: nnx.State, spectra: Spectra, active: np.ndarray
) -> np.ndarray:
    """Means of the active latents of spectra, (sample, active), float64."""
    network = separate_network(architecture, weights)
    return np.asarray(network.encode(spectra.values)[0], np.float64)[:, active]


def all_vary(codes: np.ndarray) -> bool:
    """Whether no latent (sample, latent) is the same for all samples."""
    return bool(np.all(np.ptp(codes, axis=0) > 0))


def turn_axes(
    architecture: Architecture,
    weights: nnx.State,
    spectra: Spectra,
    kl_weight: float,
    active: np.ndarray,
    M: np.ndarray,
    gap: float | None = None,
) -> tuple[nnx.State, bool]:
    """Put z M in the place of the active latents z, with a matrix M (active, active).

    The other arguments are those of `align_axes`.

    Returns:
        The weights, and whether the map was applied. They are as they were if the map would raise
        the loss above the tolerance.
    """
    network = separate_network(architecture, weights)
    whole = np.eye(architecture.n_latents)
    whole[np.ix_(active, active)] = M
    _turn(network, whole)
    turned = nnx.split(network)[1]
    before = _loss_with_gap(architecture, weights, spectra, kl_weight, gap)
    after = _loss_with_gap(architecture, turned, spectra, kl_weight)
    accepted = after <= before * (1 + TOLERANCE)
    return (turned if accepted else weights), accepted


def _loss_with_gap(
    architecture: Architecture,
    weights: nnx.State,
    spectra: Spectra,
    kl_weight: float,
    gap: float | None = None,
) -> float:
    """Loss with z at its mean, and what the product form of the posterior adds to it."""
    network = separate_network(architecture, weights)
    parts = loss_parts(network, spectra, None, variational=True)
    if gap is None:
        gap = factorisation_gap(architecture, weights, spectra, kl_weight)
    return float(parts.total(kl_weight)) + kl_weight * gap


def independent_axes(mean: np.ndarray) -> np.ndarray | None:
    """The map M, (latent, latent), after which latents (sample, latent) have no rank correlation.

    It keeps the standard deviation of each latent. None if the iteration does not settle.
    """
    unit = np.eye(mean.shape[1])
    M = unit
    for _ in range(MOST_ITERATIONS):
        excess = rank_correlations(mean @ M) - unit
        if np.abs(excess).max() < SETTLED:
            return keep_spread(M, mean)
        M = M @ (unit - excess / 2)
    return None


def keep_spread(M: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """M with columns scaled so that the latents mean (sample, latent) keep their deviations."""
    return M * (mean.std(axis=0) / (mean @ M).std(axis=0))


def rank_correlations(values: np.ndarray) -> np.ndarray:
    """Spearman's correlations of the columns of (sample, column), (column, column)."""
    n_columns = values.shape[1]
    return np.corrcoef(rank(values), rowvar=False).reshape(n_columns, n_columns)


def _turn(network: Autoencoder, M: np.ndarray) -> None:
    """Make z M the network's latents z, in place; what it decodes from a spectrum stays."""
    n_latents = len(M)
    last, first = network.encoder.layers[-1], network.decoder.layers[0]
    both = np.eye(2 * n_latents)  # means, log variances
    both[:n_latents, :n_latents] = M
    assert last.bias is not None  # the layers are made with a bias
    for parameter in (last.kernel, last.bias):
        parameter[...] = jnp.asarray(np.asarray(parameter[...], np.float64) @ both, jnp.float32)
    kernel = np.asarray(first.kernel[...], np.float64)
    first.kernel[...] = jnp.asarray(np.linalg.solve(M, kernel), jnp.float32)
