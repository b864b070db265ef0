r"""The network: an encoder to the mean and log variance of q(z|A), and a mirrored decoder.

.. math::
    q(z|x) = \prod_k N(z_k; \mu_k(x), \sigma_k^2(x)), \qquad \hat x(z) = f(z),

both perceptrons with the same hidden widths in opposite order. x is a spectrum in the units of the
network (`autoencoder.preparation`). For the loss of arXiv:2107.08013, whose x is positive, the
output passes through a softplus. There is no batch normalisation: with its running statistics the
evaluated network would differ from the trained one, and these inputs do not need it.

An untrained softplus gives log 2 at all points. Where spectra are far below that at most of them,
the first steps lower all outputs together, to where the softplus has no slope and no step leads
back. `starting_at` gives such a network the mean spectrum to begin with.

The log variance is bounded smoothly, by c tanh(./c) of what the network gives. A spectrum far from
all others would otherwise get a variance that overflows and ends the training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

TRUNCATED_DEVIATION = 0.87962566103423978  # of a standard normal cut at +-2
SMALLEST_OUTPUT = 1e-3  # of the softplus of an untrained network, in its units
LARGEST_LOG_VARIANCE = 20.0  # the c above; a posterior of 4.5e-5 in width is sharp enough
OUTPUTS = {"linear": lambda x: x, "softplus": jax.nn.softplus}
ACTIVATIONS = {"silu": jax.nn.silu, "relu": jax.nn.relu}


@dataclass(frozen=True)
class Architecture:
    """What determines the shapes of all weights.

    Attributes:
        n_omega: Number of frequencies.
        hidden: Widths of the encoder's hidden layers.
        n_latents: Number of latents.
        activation: Name of the hidden layers' activation.
        output: Name of the function of the decoder's output.
    """

    n_omega: int
    hidden: tuple[int, ...]
    n_latents: int
    activation: str
    output: str = "linear"

    def as_json(self) -> dict[str, object]:
        """The attributes as JSON types."""
        return {**asdict(self), "hidden": list(self.hidden)}


def lecun_normal(key: jax.Array, shape: tuple[int, int], dtype: jnp.dtype) -> jax.Array:
    """Truncated normal numbers of variance 1/n_in, (n_in, n_out) (LeCun et al., 1998).

    Drawn flat: XLA compiles a draw of two dimensions several times more slowly.
    """
    draws = jax.random.truncated_normal(key, -2.0, 2.0, (prod(shape),), dtype)
    return (draws * (shape[0] ** -0.5 / TRUNCATED_DEVIATION)).reshape(shape)


class Perceptron(nnx.Module):
    """Linear layers with an activation after each but the last."""

    def __init__(self, widths: Sequence[int], activation: str, rngs: nnx.Rngs) -> None:
        self.layers = nnx.List(
            [
                nnx.Linear(n_in, n_out, kernel_init=lecun_normal, rngs=rngs)
                for n_in, n_out in pairwise(widths)
            ]
        )
        self.activation = activation

    def __call__(self, x: jax.Array) -> jax.Array:
        """Map (..., widths[0]) to (..., widths[-1])."""
        for layer in self.layers[:-1]:
            x = ACTIVATIONS[self.activation](layer(x))
        return self.layers[-1](x)


class Autoencoder(nnx.Module):
    """Encoder and decoder."""

    def __init__(self, architecture: Architecture, rngs: nnx.Rngs) -> None:
        hidden, n_latents = list(architecture.hidden), architecture.n_latents
        n_omega, activation = architecture.n_omega, architecture.activation
        self.encoder = Perceptron([n_omega, *hidden, 2 * n_latents], activation, rngs)
        self.decoder = Perceptron([n_latents, *hidden[::-1], n_omega], activation, rngs)
        self.output = architecture.output

    def encode(self, spectra: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Mean and log variance of q(z|x), each (..., latent), from spectra (..., omega)."""
        mean, free = jnp.split(self.encoder(spectra), 2, axis=-1)
        return mean, LARGEST_LOG_VARIANCE * jnp.tanh(free / LARGEST_LOG_VARIANCE)

    def decode(self, z: jax.Array) -> jax.Array:
        """Spectra (..., omega) from latents (..., latent)."""
        return OUTPUTS[self.output](self.decoder(z))


def initialise(architecture: Architecture, seed: int) -> tuple[nnx.GraphDef, nnx.State]:
    """A network with random weights: its static structure and its weights."""
    return nnx.split(Autoencoder(architecture, nnx.Rngs(seed)))


def starting_at(architecture: Architecture, weights: nnx.State, spectrum: np.ndarray) -> nnx.State:
    """Weights of a network with a softplus whose first output lies about a spectrum, (omega,)."""
    model = separate_network(architecture, weights)
    bias = model.decoder.layers[-1].bias
    assert bias is not None  # the layers are made with a bias
    above = np.maximum(spectrum.astype(np.float64), SMALLEST_OUTPUT)
    inverse = above + np.log(-np.expm1(-above))  # of the softplus, also where exp overflows
    bias[...] = jnp.asarray(inverse, bias[...].dtype)
    return nnx.state(model)


@lru_cache(maxsize=16)
def structure(architecture: Architecture) -> tuple[nnx.GraphDef, nnx.State]:
    """A network's static structure, and shapes in the place of its weights; neither may change."""
    return nnx.split(nnx.eval_shape(lambda: Autoencoder(architecture, nnx.Rngs(0))))


def separate_network(architecture: Architecture, weights: nnx.State) -> Autoencoder:
    """A network with a copy of these weights, so that a change of it leaves them as they are."""
    own = jax.tree.map(lambda array: array, weights)  # merging would share the variables
    return nnx.merge(structure(architecture)[0], own)
