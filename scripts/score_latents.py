"""Which latents carry information, and what they know: correlations with the system's descriptors.

Every latent is held against every descriptor on the samples that were not trained on (validation
and test), see `discovery.scores`. Latents are sorted by their relevance, the KL divergence of a
variational network; those above the run's threshold count as active.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.descriptors import evaluate_descriptors
from kondoflow.discovery.scores import score_descriptors, summarise_errors
from kondoflow.files.atomic import write_json
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.files.splits import SPLITS, split_mask
from kondoflow.stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")


def score(spectra: xr.Dataset, latents: xr.Dataset, definitions: dict[str, str]) -> dict[str, Any]:
    """Collect what is known of a run's latents, see `main`."""
    descriptors = evaluate_descriptors(definitions, sample_variables(spectra))
    parts = {part: split_mask(spectra, part) for part in SPLITS}
    mean = latents["mean"].to_numpy().astype(np.float64)
    return {
        "active_latents": [int(i) for i in np.flatnonzero(latents["active"].to_numpy())],
        "kl": [float(value) for value in latents["kl"].to_numpy()],
        "reconstruction": summarise_errors(latents["reconstruction_error"].to_numpy(), parts),
        "scored_on": ["validation", "test"],
        "descriptors": score_descriptors(descriptors, mean, parts["train"]),
    }


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Output("active latents and correlations (JSON)")],
    system: Annotated[dict[str, Any], Setting("system")],
) -> None:
    """Score the latents of one run."""
    dataset, encoded = read_spectra(spectra), read_dataset(latents)
    check(encoded, LATENTS, latents)
    if encoded.sizes["sample"] != dataset.sizes["sample"]:
        allowed = f"{dataset.sizes['sample']}, as many as in {spectra}"
        raise InputError(latents, "number of samples", encoded.sizes["sample"], allowed)
    found = score(dataset, encoded, system["descriptors"])
    write_json(scores, found)
    for name, by_latent in found["descriptors"].items():
        for latent in found["active_latents"]:
            logger.info("latent %d, %s: %s", latent, name, by_latent[str(latent)])


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
