"""What the page takes of a run, put together from its files, its decoder and its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.report.explorer.decoder import Decoder
from kondoflow.report.explorer.run import Run
from kondoflow.report.results import Results

AGREE = 1e-3  # largest difference of a decoded spectrum, in units of the largest value of all


def make_run(
    results: Results,
    decoder: Decoder,
    measured: Mapping[str, Any],
    joint_errors: Mapping[str, Any] | None = None,
) -> Run:
    """Put a run together.

    Args:
        results: Its files.
        decoder: Its decoder, from all latents as the files list them.
        measured: Of each target `objective` and, by the text of each formula, `scores` and `map`.
        joint_errors: How exactly the latents keep each joint quantity, if there are any.

    Raises:
        InputError: If the decoder is not that of the latents.
    """
    check_decoder(results, decoder)
    return Run(
        ensemble=results.ensemble,
        name=results.run,
        system=results.system,
        spectra=on_grid_of(results.spectra, results.model),
        latents=results.latents,
        scores=results.scores,
        verdict=results.verdict,
        engines=results.engines,
        channel=results.model["channel"],
        decoder=decoder,
        measured=measured,
        joint=results.joint,
        joint_errors=joint_errors or {},
        law=results.own_law,
        confirmation=results.confirmation if results.own_law else None,
    )


def on_grid_of(dataset: xr.Dataset, model: Mapping[str, Any]) -> xr.Dataset:
    """A set of spectra (..., omega) without the frequencies beyond the ends of a model's grid."""
    omega, grid = dataset["omega"].to_numpy(), model["omega"]
    return dataset.isel(omega=(omega >= grid[0]) & (omega <= grid[-1]))


def check_decoder(results: Results, decoder: Decoder) -> None:
    """Compare the decoder with the traversals that stand beside the latents.

    Raises:
        InputError: If it gives other spectra.
    """
    latents = results.latents
    z = latents["traversal_latents"].to_numpy()
    traversal = latents["traversal"].to_numpy().astype(np.float64)
    expected = traversal.reshape(*z.shape[:-1], -1)
    largest = float(np.abs(expected).max()) or 1.0
    apart = float(np.abs(decoder(z) - expected).max()) / largest
    if not apart < AGREE:
        allowed = f"within {AGREE} of what {results.weights} decodes"
        raise InputError(results.files["latents"], "traversal", f"{apart:.3g} away", allowed)
