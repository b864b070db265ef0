"""Encode every spectrum of a set with a trained model, and show what the latents do.

Latents keep the order and sign that training gave them (see `autoencoder.latents`). Spectra are
divided by the model's scale on the way in; everything written is in the data's own unit again.
"""

import json
import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr

from autoencoder.device import announce_device
from autoencoder.latents import Encoded, decode, encode, examples, relevance, traverse
from autoencoder.models import Model, load_model
from datafiles.contract import LATENTS, assemble
from datafiles.errors import InputError
from datafiles.netcdf import write_dataset
from datafiles.spectra import channel_spectra, read_spectra, split_mask
from stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")

STEPS = np.linspace(-2.0, 2.0, 9)  # of a traversal, in standard deviations of the prior
OMEGA_TOLERANCE = 1e-9  # relative, of the grid


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    weights: Annotated[Path, Input("weights of the network (safetensors)")],
    model: Annotated[Path, Input("description of the model (JSON)")],
    latents: Annotated[Path, Output("latents of the samples (netCDF)")],
    settings: Annotated[dict[str, Any], Setting("run")],
) -> None:
    """Encode all parts of a data set."""
    trained = load_model(weights, model)
    dataset = read_spectra(spectra)
    check_grid(dataset, trained, spectra)
    announce_device()
    result = encode_dataset(dataset, trained, settings["active_above"], spectra)
    write_dataset(latents, result)
    logger.info("active latents: %s", np.flatnonzero(result["active"].to_numpy()).tolist())


def check_grid(dataset: xr.Dataset, model: Model, source: Path) -> None:
    """Check that spectra stand on the frequencies on which the model was trained.

    Raises:
        InputError: If they don't.
    """
    omega = dataset["omega"].to_numpy()
    if len(omega) != len(model.omega):
        allowed = f"{len(model.omega)}, as in the model"
        raise InputError(source, "number of omega", len(omega), allowed)
    tolerance = OMEGA_TOLERANCE * np.abs(model.omega).max()
    if not np.allclose(omega, model.omega, rtol=OMEGA_TOLERANCE, atol=tolerance):
        raise InputError(source, "omega", "other frequencies", "the grid of the model")


def encode_dataset(
    dataset: xr.Dataset, model: Model, active_above: float, source: Path
) -> xr.Dataset:
    """The latents file of a data set, by the data contract."""
    spectra = channel_spectra(dataset, model.channel)
    scaled = spectra / np.float32(model.scale)
    parts = {part: np.flatnonzero(split_mask(dataset, part)) for part in ("train", "test")}
    for part, samples in parts.items():
        if len(samples) == 0:
            raise InputError(source, f"{part} samples in split", 0, "at least 1")

    encoded = encode(model.network, scaled)
    training = scaled[parts["train"]]
    matters = relevance(model.network, training, variational=model.variational)
    shown = examples(encoded.squared_error, parts["test"])
    steps = traverse(model.network, encoded.mean[parts["train"]], STEPS)
    return assemble(
        {
            "mean": encoded.mean,
            "log_variance": log_variance(encoded, model),
            "kl": matters if model.variational else np.zeros_like(matters),
            "active": matters > active_above,
            "reconstruction_error": encoded.squared_error * model.scale**2,
            "absolute_error": encoded.absolute_error * model.scale,
            "split": dataset["split"].to_numpy(),
            "omega": dataset["omega"].to_numpy(),
            "step": STEPS,
            "traversal": steps * np.float32(model.scale),
            "example": shown,
            "example_input": spectra[shown],
            "example_reconstruction": decode(model.network, encoded.mean[shown])
            * np.float32(model.scale),
        },
        LATENTS,
        attributes(model, active_above),
    )


def log_variance(encoded: Encoded, model: Model) -> np.ndarray:
    """Log variance of the codes, (sample, latent); NaN for a plain autoencoder, which has none."""
    return encoded.log_variance if model.variational else np.full_like(encoded.log_variance, np.nan)


def attributes(model: Model, active_above: float) -> dict[str, str | float]:
    """Global attributes of the latents file."""
    measure = (
        "kl"
        if model.variational
        else "rise of the squared error when the latent is held at its training mean, over the "
        "variance of the training spectra; kl is 0, as a deterministic code has none"
    )
    return {
        "title": "Latent variables of a set of spectra",
        "source": "variational autoencoder (KondoFlow)"
        if model.variational
        else "autoencoder (KondoFlow)",
        "references": "arXiv:2107.08013",
        "channel": model.channel,
        "scale": model.scale,
        "settings": json.dumps(model.description.get("settings", {})),
        "active_above": active_above,
        "activity_measure": measure,
    }


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
