r"""The decoder as plain layers in the coordinates of the page.

The page moves along some latents z, the others stay at their training median m. The first layer
W z + b of the decoder becomes for the latents on the page

.. math:: W'_{k} = W_{k}, \qquad b' = b + \sum_{k\ \mathrm{held}} m_k W_{k} .

All other layers stay. The output x passes through the function that the network has there, and
is a spectrum in the units of the network: A = u f(scale x + offset), where f undoes the transform
of the spectra and u is its unit. Spectra of several channels stand one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

PRECISIONS = {"half": "float16", "full": "float32"}
ACTIVATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "silu": lambda x: x / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
}
OUTPUTS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "softplus": lambda x: np.logaddexp(0, x),
}


BACK: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda t: t,
    "log": np.exp,
    "sqrt": lambda t: t * np.abs(t),
    "arcsinh": np.sinh,
}


@dataclass(frozen=True)
class Decoder:
    """A perceptron from latents to a spectrum, or to those of several channels in a row.

    Attributes:
        layers: Kernel (n_in, n_out) and bias (n_out,) of each layer, float64.
        activation: Name of the activation between them, of `ACTIVATIONS`.
        output: Name of the function of the output, of `OUTPUTS`.
        scale: Factor of the output.
        offset: Spectrum that is added to it, (n,).
        transform: Name of the transform that is undone, of `BACK`.
        unit: Its unit.
    """

    layers: Sequence[tuple[np.ndarray, np.ndarray]]
    activation: str
    output: str
    scale: float
    offset: np.ndarray
    transform: str = "none"
    unit: float = 1.0

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Spectra (..., n) from latents (..., latent), float64."""
        for index, (kernel, bias) in enumerate(self.layers):
            if index:
                z = ACTIVATIONS[self.activation](z)
            z = z @ kernel + bias
        t = self.scale * OUTPUTS[self.output](z) + self.offset
        return self.unit * BACK[self.transform](t)

    def over(self, latents: Sequence[int], median: np.ndarray) -> Decoder:
        """The decoder over some latents, see the module.

        Args:
            latents: Indices of the latents that stay.
            median: Training median of all latents, (latent,), at which the others are held.
        """
        kernel, bias = self.layers[0]
        held = np.setdiff1d(np.arange(len(kernel)), latents)
        first = (kernel[list(latents)], bias + median[held] @ kernel[held])
        return replace(self, layers=[first, *self.layers[1:]])

    def arrays(self, precision: str) -> dict[str, np.ndarray]:
        """Arrays of the layers for a container, in `half` or `full` precision.

        Returns:
            `kernel_0` (input, output), `bias_0` (output,) and so on, and `offset` (n,), float32.
        """
        dtype = PRECISIONS[precision]
        layers = {
            f"{name}_{index}": array.astype(dtype)
            for index, layer in enumerate(self.layers)
            for name, array in zip(("kernel", "bias"), layer, strict=True)
        }
        return {**layers, "offset": self.offset.astype(np.float32)}

    def description(self) -> dict[str, Any]:
        """What the arrays do not say."""
        return {
            "n_layers": len(self.layers),
            "activation": self.activation,
            "output": self.output,
            "scale": self.scale,
            "transform": self.transform,
            "unit": self.unit,
        }
