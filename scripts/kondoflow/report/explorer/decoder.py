r"""The decoder as plain layers in the coordinates of the page.

The page moves along some latents z, the others stay at their training median m. The network's own
latents are :math:`z^\mathrm{net}_{o(k)} = f_k z_k + s_k` (order, factor and shift of an encoding),
so that its first layer W z^net + b becomes, for the latents on the page,

.. math:: W'_{k} = f_k W_{o(k)}, \qquad
    b' = b + \sum_k s_k W_{o(k)} + \sum_{k\ \mathrm{held}} f_k m_k W_{o(k)} .

All other layers stay. The output is softplus, times the number by which spectra were divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.autoencoder.encoding import Encoding
from kondoflow.autoencoder.storage import Model

PRECISIONS = {"half": "float16", "full": "float32"}


@dataclass(frozen=True)
class Decoder:
    """A perceptron from the page's latents to a spectrum.

    Attributes:
        layers: Kernel (n_in, n_out) and bias (n_out,) of each layer, float64.
        activation: Name of the activation between them, silu or relu.
        scale: Factor of the output.
    """

    layers: Sequence[tuple[np.ndarray, np.ndarray]]
    activation: str
    scale: float

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Spectra (..., omega) from latents (..., latent), float64."""
        for index, (kernel, bias) in enumerate(self.layers):
            if index:
                z = z / (1 + np.exp(-z)) if self.activation == "silu" else np.maximum(z, 0)
            z = z @ kernel + bias
        return self.scale * np.logaddexp(0, z)

    def arrays(self, precision: str) -> dict[str, np.ndarray]:
        """Arrays for a container, `kernel_0`, `bias_0`, ..., in `half` or `full` precision."""
        dtype = PRECISIONS[precision]
        return {
            f"{name}_{index}": array.astype(dtype)
            for index, layer in enumerate(self.layers)
            for name, array in zip(("kernel", "bias"), layer, strict=True)
        }

    def description(self) -> dict[str, Any]:
        """What the arrays do not say."""
        return {
            "n_layers": len(self.layers),
            "activation": self.activation,
            "scale": self.scale,
        }


def page_decoder(
    model: Model, encoding: Encoding, latents: Sequence[int], median: np.ndarray
) -> Decoder:
    """The decoder over some latents, see the module.

    Args:
        model: The network.
        encoding: Order, factor and shift of its latents.
        latents: Indices of the latents on the page.
        median: Training median of all latents, (latent,), at which the others are held.
    """
    network = model.network.decoder
    layers = []
    for layer in network.layers:
        assert layer.bias is not None  # it is made with one
        kernel, bias = (np.asarray(part[...], np.float64) for part in (layer.kernel, layer.bias))
        layers.append((kernel, bias))
    kernel, bias = layers[0]
    ordered = kernel[encoding.order]
    held = np.setdiff1d(np.arange(len(ordered)), latents)
    bias = bias + encoding.shift @ ordered + (encoding.factor * median)[held] @ ordered[held]
    chosen = list(latents)
    layers[0] = (encoding.factor[chosen, None] * ordered[chosen], bias)
    return Decoder(layers, network.activation, model.scale)
