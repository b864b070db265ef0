"""Encode all spectra of a data set with a trained model.

Writes mean and log variance of every sample's latents, which latents are active, how well spectra
are reconstructed, spectra decoded along each latent, and the best, the median and the worst
reconstruction of the test part.
"""

import logging
from pathlib import Path
from typing import Annotated

import numpy as np

from kondoflow.autoencoder.devices import use_cpu
from kondoflow.autoencoder.latents import encode_dataset
from kondoflow.autoencoder.storage import read_model
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.files.splits import split_mask
from kondoflow.stage.entry import Input, Output, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    weights: Annotated[Path, Input("safetensors file of the weights")],
    model: Annotated[Path, Input("JSON file that describes the network")],
    latents: Annotated[Path, Output("netCDF file of the latents")],
) -> None:
    """Encode one data set."""
    use_cpu()
    dataset = read_spectra(spectra)
    encoded = encode_dataset(read_model(weights, model), dataset, spectra)
    write_dataset(latents, encoded)
    relevance = np.round(encoded.attrs["relevance"], 4).tolist()
    logger.info("%d active latents, relevance %s", encoded["active"].sum(), relevance)
    error = encoded["absolute_error"].to_numpy()[split_mask(dataset, "test")].mean()
    logger.info("mean absolute error %.4f on the test part", error)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
