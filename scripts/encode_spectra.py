"""Encode all spectra of a data set with a trained network.

Writes mean and log variance of every sample's latents, which latents are active, how well spectra
are reconstructed, spectra decoded along each latent, and the best, the median and the worst
reconstruction of the test part.
"""

import logging
from pathlib import Path
from typing import Annotated

import jax
import numpy as np

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.autoencoder.encoding import STEPS, encode, traverse
from kondoflow.autoencoder.storage import read_model
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import channel_spectra, read_spectra
from kondoflow.files.splits import split_mask
from kondoflow.stage.entry import Input, Output, run_stage

logger = logging.getLogger("kondoflow")

RELEVANCE = {  # what decides whether a latent is active, by whether the network is variational
    True: "KL divergence in nats, training mean",
    False: "rise of the squared error when the latent is held at its training mean, as a share of "
    "the training spectra's variance",
}


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    weights: Annotated[Path, Input("safetensors file of the weights")],
    model: Annotated[Path, Input("JSON file that describes the network")],
    latents: Annotated[Path, Output("netCDF file of the latents")],
) -> None:
    """Encode one data set."""
    jax.config.update("jax_platforms", "cpu")  # a matter of seconds: the GPU is left to trainings
    dataset, network = read_spectra(spectra), read_model(weights, model)
    omega = dataset["omega"].to_numpy()
    if not np.array_equal(omega, network.omega):
        raise InputError(spectra, "omega", "another grid", f"the grid of {model}")
    values = channel_spectra(dataset, network.channel)
    train, test = split_mask(dataset, "train"), split_mask(dataset, "test")
    for part, mask in (("train", train), ("test", test)):
        if not mask.any():
            raise InputError(spectra, f"{part} samples in split", 0, "at least 1")
    encoding = encode(network, values, train)
    difference = (encoding.reconstruction - values).astype(np.float64)
    squared, absolute = (difference**2).sum(axis=1), np.abs(difference).mean(axis=1)
    examples = best_median_worst(squared, test)
    active = encoding.relevance > network.active_above
    content = {
        "mean": encoding.mean,
        "log_variance": encoding.log_variance,
        "kl": encoding.kl,
        "active": active,
        "reconstruction_error": squared,
        "absolute_error": absolute,
        "split": dataset["split"].to_numpy(),
        "omega": omega,
        "step": STEPS,
        "traversal": traverse(network, encoding, train),
        "example": examples,
        "example_input": values[examples],
        "example_reconstruction": encoding.reconstruction[examples],
    }
    attributes = {
        "title": "Latents",
        "source": "variational autoencoder" if network.variational else "plain autoencoder",
        "references": "arXiv:2107.08013",
        "relevance": encoding.relevance,
        "relevance_comment": RELEVANCE[network.variational],
        "active_above": network.active_above,
        "network_latent": encoding.order,
    }
    write_dataset(latents, assemble(content, LATENTS, attributes))
    found = np.round(encoding.relevance, 4).tolist()
    logger.info("%d active latents, relevance %s", active.sum(), found)
    logger.info("mean absolute error %.4f on the test part", absolute[test].mean())


def best_median_worst(error: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Indices of the test samples with the lowest, the median and the highest error, (3,)."""
    samples = np.flatnonzero(test)
    ranked = samples[np.argsort(error[samples], kind="stable")]
    return ranked[[0, len(ranked) // 2, -1]]


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
