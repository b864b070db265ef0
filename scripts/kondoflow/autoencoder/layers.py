r"""A trained decoder as plain arrays, for code that knows no network.

The network's own latents are :math:`z^\mathrm{net}_{o(k)} = f_k z_k + s_k` (order, factor and shift
of `autoencoder.conventions`), so that its first layer W z^net + b becomes, in the latents z that
files list,

.. math:: W'_{k} = f_k W_{o(k)}, \qquad b' = b + \sum_k s_k W_{o(k)} .

All other layers stay, but the last where a linear output has a unit for each point: the unit is
taken into it. Spectra of several channels stand one after the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kondoflow.autoencoder.stored import Stored


def plain_decoder(stored: Stored) -> dict[str, Any]:
    """The decoder of a stored model, from latents as files list them to spectra in their own units.

    Returns:
        `layers`: kernel (n_in, n_out) and bias (n_out,) of each layer, float64; `activation` and
        `output`, names of the functions between and after them; `scale` and `offset` (n_out,),
        `transform` and `unit`: spectrum = unit * f(scale * output + offset), where f undoes the
        transform (`autoencoder.scaling`).
    """
    conventions, scaling = stored.conventions, stored.scaling
    layers = [
        (kernel.astype(np.float64), bias.astype(np.float64)) for kernel, bias in stored.layers
    ]
    kernel, bias = layers[0]
    ordered = kernel[conventions.order]
    layers[0] = (conventions.factor[:, None] * ordered, bias + conventions.shift @ ordered)
    scale = scaling.scale
    if isinstance(scale, np.ndarray):
        kernel, bias = layers[-1]
        layers[-1], scale = (kernel * scale, bias * scale), 1.0
    return {
        "layers": layers,
        "activation": stored.activation,
        "output": stored.output,
        "scale": scale,
        "offset": scaling.offset,
        "transform": scaling.transform,
        "unit": scaling.unit,
    }
