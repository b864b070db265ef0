r"""How well a network's latent axes suit it: the choice among restarts, without looking at labels.

The loss says little about the directions of the latent axes: after a rotation of the code, or a
bend of it, another network decodes as well. What feels the axes is the posterior, which is a
product over latents. Near the code of a spectrum the loss is quadratic in z, with J the decoder's
Jacobian and the squared error as 2/beta times a negative log likelihood:

.. math::
    H = 1 + \frac{2}{\beta} J^T J, \qquad
    \Delta = \frac12 \Big( \sum_k \ln H_{kk} - \ln \det H \Big) \ge 0,

the excess of the Kullback-Leibler divergence of the best product of Gaussians over that of the true
posterior, in nats. It vanishes if the columns of J are orthogonal, that is, if the latents change a
spectrum in independent ways (M. Rolinek, D. Zietlow and G. Martius, CVPR 2019, who showed that this
is what aligns the axes of a variational autoencoder).
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import numpy as np
from flax import nnx

from autoencoder.model import Architecture, Autoencoder, structure

TOLERANCE = 0.02  # relative loss within which restarts count as equally good
MOST_SPECTRA = 512  # over which the gap is averaged


def factorisation_gap(
    architecture: Architecture, weights: nnx.State, spectra: jax.Array, beta: float
) -> float:
    """Mean of Delta in nats.

    Args:
        architecture: Shapes of the network.
        weights: Its weights.
        spectra: Spectra in the network's units, (sample, omega); the first ones are used.
        beta: Weight of the KL divergence, above 0.
    """
    graph, _ = structure(architecture)
    network: Autoencoder = nnx.merge(graph, weights)
    mean, _ = network.encode(spectra[:MOST_SPECTRA])
    jacobian = np.asarray(jax.vmap(jax.jacfwd(network.decode))(mean), np.float64)
    H = np.eye(architecture.n_latents) + 2 / beta * np.einsum("nok,nol->nkl", jacobian, jacobian)
    diagonal = np.log(np.einsum("nkk->nk", H)).sum(axis=1)
    return float(np.mean(diagonal - np.linalg.slogdet(H).logabsdet) / 2)


def choose(losses: Sequence[float], gaps: Sequence[float]) -> int:
    """The restart with the smallest gap among those whose loss is near the lowest.

    Args:
        losses: Loss of each restart.
        gaps: Its factorisation gap.
    """
    good = np.asarray(losses) <= min(losses) * (1 + TOLERANCE)
    return int(np.argmin(np.where(good, gaps, np.inf)))
