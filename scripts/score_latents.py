"""Which latents carry information, and which descriptors they follow.

Every latent is compared with every descriptor on the samples that were not trained on (validation
and test), see `discovery.latents.scores`. Latents are sorted by their relevance, the KL divergence
of a variational network; those above the run's threshold count as active.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.latents.scores import score_run
from kondoflow.files.atomic import write_json
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Output("active latents and correlations (JSON)")],
    system: Annotated[dict[str, Any], Setting("system")],
) -> None:
    """Score the latents of one run."""
    dataset, encoded = read_spectra(spectra), read_dataset(latents, LATENTS)
    if encoded.sizes["sample"] != dataset.sizes["sample"]:
        allowed = f"{dataset.sizes['sample']}, as many as in {spectra}"
        raise InputError(latents, "number of samples", encoded.sizes["sample"], allowed)
    found = score_run(dataset, encoded, system)
    write_json(scores, found)
    for name, by_latent in found["descriptors"].items():
        for latent in found["active_latents"]:
            logger.info("latent %d, %s: %s", latent, name, by_latent[str(latent)])


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
