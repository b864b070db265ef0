r"""Joint quantities for the page: values, errors, and the function of the latents itself.

The function is a kernel ridge regression (`discovery.smooth`), fitted to at most 2,000 training
samples i. The page gets their latents, their weights a, and for each latent k a centre c and a
width w. With :math:`x_k = (z_k - c_k)/w_k` its value at any point z is

.. math:: f(z) = b + \sum_i a_i \left[e^{-|x - x_i|^2/2 l^2} + T (1 + x \cdot x_i)^2\right] ,

which a browser computes in well under a millisecond, so that nothing is interpolated. The latents
of these samples are stored once for all quantities, in single precision, as the network gives them.
The weights have double precision, because large terms nearly cancel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

PARTS = {  # of the samples, in words
    "train": "training samples, each by a fit to the others",
    "test": "test samples",
    "inside": "test samples in the region",
    "outside": "test samples outside the region",
    "farthest": "the tenth of the test samples that is farthest from training samples",
    "truth": "test samples, against the truth of the law",
}


def together_content(
    joint: xr.Dataset, measured: Mapping[str, Any], definitions: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What the page says of each joint quantity.

    Args:
        joint: Variables of `discovery.contract.JOINT`, over (quantity, sample) among others.
        measured: `errors` and `truth` by quantity, see `discovery.latents.joint_errors`.
        definitions: Expression by quantity.

    Returns:
        A dictionary for each quantity.
    """
    return [
        {
            "name": name,
            "definition": definitions.get(name, name),
            "n_latents": int(joint.attrs["active_latents"]),
            "n_fitted": int((joint["weight"].to_numpy()[index] != 0).sum()),
            "errors": [
                {"part": part, "words": words, **measured[name]["errors"][part]}
                for part, words in PARTS.items()
                if part in measured[name]["errors"]
            ],
            "has_truth": measured[name]["truth"] is not None,
        }
        for index, name in enumerate(map(str, joint["quantity"].to_numpy()))
    ]


def function_content(
    joint: xr.Dataset, index: int, latents: Sequence[int]
) -> dict[str, Any] | None:
    """The numbers of a quantity's function but its weights; None where none was fitted.

    A latent that takes no part has the inverse width 0.

    Args:
        joint: Variables of `discovery.contract.JOINT`, over (quantity, latent) among others.
        index: Index of the quantity.
        latents: Indices of the latents on the page, all that take part among them.

    Returns:
        Lists `centre` and `inverse_width`, (latent,), and the numbers `length`, `offset`, `trend`.
    """
    own = joint.isel(quantity=index)
    centre, width = (own[key].to_numpy()[list(latents)] for key in ("centre", "width"))
    if np.isnan(width).all():
        return None
    return {
        "centre": np.nan_to_num(centre).tolist(),
        "inverse_width": np.nan_to_num(1 / width).tolist(),
        "length": float(own["length"]),
        "offset": float(own["offset"]),
        "trend": float(joint.attrs["trend"]),
    }


def together_arrays(
    joint: xr.Dataset,
    measured: Mapping[str, Any],
    codes: np.ndarray,
    samples: np.ndarray,
) -> dict[str, np.ndarray]:
    """Values on the page's samples, and latents and weights of the functions' samples.

    Args:
        joint: Variables of `discovery.contract.JOINT`.
        measured: As in `together_content`.
        codes: Latents on the page, (sample, latent), of all samples of the set.
        samples: Indices of the samples on the page, (shown,).

    Returns:
        `joint_codes`, (fitted, latent), and of each quantity, by its index, `joint_weight_0`,
        (fitted,), `joint_read_0`, `joint_said_0` and, with a truth, `joint_truth_0`, (shown,).
    """
    weight = joint["weight"].to_numpy()
    fitted = (weight != 0).any(axis=0)
    arrays = {"joint_codes": codes[fitted].astype(np.float32)}
    for index, name in enumerate(map(str, joint["quantity"].to_numpy())):
        arrays[f"joint_weight_{index}"] = weight[index, fitted]
        columns = {
            "read": joint["read"][index].to_numpy(),
            "said": joint["joint"][index].to_numpy(),
        }
        if measured[name]["truth"] is not None:
            columns["truth"] = measured[name]["truth"]
        for kind, column in columns.items():
            arrays[f"joint_{kind}_{index}"] = column[samples].astype(np.float32)
    return arrays
