"""Train the autoencoder of one run.

A beta-VAE with the network, loss and schedules of arXiv:2107.08013 (see `autoencoder.network`,
`autoencoder.loss`, `autoencoder.schedules`). Several networks are trained from different seeds and
the one with the lowest validation loss is kept, at the epoch where that loss was lowest. A run that
was killed goes on from its last checkpoint.

    python scripts/train_vae.py --spectra results/spectra/low_field.nc --weights out/weights.safetensors \
        --model out/model.json --history out/history.nc
"""

import json
import logging
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from autoencoder.network import Architecture, blueprint, network_of
from autoencoder.scaling import scale_of
from autoencoder.schedules import beta_of_epoch, learning_rate_of_epoch
from autoencoder.settings import Settings

from autoencoder.device import announce_device
from autoencoder.latents import canonical, relevance
from autoencoder.models import write_model
from autoencoder.training import PARTS, Restart, train
from datafiles.contract import HISTORY, assemble
from datafiles.errors import InputError
from datafiles.netcdf import write_dataset
from datafiles.spectra import channel_spectra, read_spectra, split_mask
from stage.entry import Input, Option, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")

LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy")
REFERENCES = "arXiv:2107.08013; Kingma and Welling, ICLR 2014; Higgins et al., ICLR 2017"


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    weights: Annotated[Path, Output("weights of the network (safetensors)")],
    model: Annotated[Path, Output("description of the model (JSON)")],
    history: Annotated[Path, Output("training history (netCDF)")],
    settings: Annotated[dict[str, Any], Setting("run")],
    seed: Annotated[int, Setting("seed")],
    code: Annotated[str, Option("version of the code, to tell checkpoints apart")] = "",
) -> None:
    """Train, keep the best restart, write model and history."""
    run = Settings.from_config(settings)
    seed = settings.get("seed", seed)
    dataset = read_spectra(spectra)
    parts = training_parts(dataset, run.channel, spectra)
    scale = scale_of(parts["train"], spectra)
    scaled = {name: values / np.float32(scale) for name, values in parts.items()}

    device = announce_device()
    versions = {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    checkpoint = weights.with_name(f".{weights.name}.checkpoint")
    started = time.perf_counter()
    restarts = train(
        run,
        seed,
        scaled["train"],
        scaled["validation"],
        checkpoint=checkpoint,
        version=json.dumps({"code": code, **versions}),
    )
    logger.info("trained for %.1f s", time.perf_counter() - started)
    for index, restart in enumerate(restarts):
        logger.info(
            "restart %d: validation loss %.5g, epoch %d",
            index,
            restart.validation_loss,
            restart.epoch,
        )
    chosen = min(range(len(restarts)), key=lambda index: restarts[index].validation_loss)

    architecture = Architecture.of(run, dataset.sizes["omega"])
    arrays, order = canonical_weights(architecture, restarts[chosen], scaled["train"], run)
    found = relevance(
        network_of(architecture, arrays), scaled["train"], variational=run.variational
    )
    details = {
        "variational": run.variational,
        "channel": run.channel,
        "scale": scale,
        "omega": [float(value) for value in dataset["omega"].to_numpy()],
        "relevance": [float(value) for value in found],
        "settings": run.as_json(),
        "seed": seed,
        "restart": chosen,
        "restarts": [
            {"validation_loss": restart.validation_loss, "epoch": restart.epoch}
            for restart in restarts
        ],
        "samples": {name: len(values) for name, values in parts.items()},
        "device": device,
        "versions": versions,
        "code_version": code,
    }
    write_model(weights, model, arrays, architecture, details)
    write_dataset(history, history_dataset(run, restarts[chosen], order, seed))
    checkpoint.unlink(missing_ok=True)


def training_parts(dataset: xr.Dataset, channel: str, source: Path) -> dict[str, np.ndarray]:
    """Spectra of the training and validation parts, (sample, omega), float32.

    Raises:
        InputError: If a part has no sample, or spectra are clearly negative, which a decoder that
            ends in softplus can't express.
    """
    spectra = channel_spectra(dataset, channel)
    parts = {part: spectra[split_mask(dataset, part)] for part in PARTS}
    for part, values in parts.items():
        if len(values) == 0:
            raise InputError(source, f"{part} samples in split", 0, "at least 1")
    lowest = float(parts["train"].min())
    if lowest < -0.01 * scale_of(parts["train"], source):
        raise InputError(source, "smallest spectral_function", lowest, "not below 0")
    return parts


def canonical_weights(
    architecture: Architecture, restart: Restart, spectra: np.ndarray, run: Settings
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Weights of a restart with its latents in their final form, and their order in the network."""
    vector = jnp.asarray(restart.weights)
    plan = blueprint(architecture)
    return canonical(plan.build(vector), plan.named(vector), spectra, variational=run.variational)


def history_dataset(run: Settings, restart: Restart, order: np.ndarray, seed: int) -> xr.Dataset:
    """The history of a restart by the data contract, latents in the order of the final model."""
    epoch = np.arange(run.epochs)
    attributes = {
        "title": "Training history of the chosen restart",
        "source": "variational autoencoder (KondoFlow)",
        "references": REFERENCES,
        "settings": json.dumps(run.as_json()),
        "seed": seed,
        "best_epoch": restart.epoch,
        "comment": "errors are those of spectra divided by the model's scale; the training part is "
        "measured on as many training spectra as there are validation spectra",
    }
    return assemble(
        {
            "learning_rate": learning_rate_of_epoch(run, epoch),
            "beta": beta_of_epoch(run, epoch),
            "reconstruction": restart.reconstruction,
            "kl": restart.kl[:, :, order],
            "loss": restart.reconstruction + run.beta * restart.kl.sum(axis=-1),
        },
        HISTORY,
        attributes,
        {"epoch": epoch, "part": np.array(PARTS)},
    )


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
