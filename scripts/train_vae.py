"""Train the variational autoencoder of one run.

Several restarts are trained from different seeds, each keeping the weights with the lowest
validation loss (squared error + nominal beta * KL, z at its mean). Their latent axes are corrected
(`autoencoder.alignment`); of those whose loss is near the lowest one is chosen and turned to the
axes on which restarts agree (`autoencoder.consensus`), and its decoder is sharpened. Restarts save
checkpoints beside the outputs and go on from them after an interruption. A GPU is used if JAX sees
one.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from flax import nnx
from tqdm import tqdm

from kondoflow.autoencoder.alignment import active_codes, align_axes, factorisation_gap, turn_axes
from kondoflow.autoencoder.consensus import Choice, choose
from kondoflow.autoencoder.contract import HISTORY
from kondoflow.autoencoder.devices import training_device
from kondoflow.autoencoder.loss import loss_parts
from kondoflow.autoencoder.model import Architecture, separate_network
from kondoflow.autoencoder.refinement import refine_decoder
from kondoflow.autoencoder.schedule import Schedule
from kondoflow.autoencoder.storage import (
    fingerprint,
    read_checkpoint,
    write_checkpoint,
    write_weights,
)
from kondoflow.autoencoder.training import History, State, Trained, Trainer
from kondoflow.files.atomic import write_json
from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import channel_spectra, read_spectra
from kondoflow.files.splits import split_mask
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.seeds import derive_seed

logger = logging.getLogger("kondoflow")

PARTS = ("train", "validation")
LIBRARIES = ("jax", "jaxlib", "flax", "optax", "numpy")
NOT_OF_TRAINING = ("checkpoint_every", "active_above", "refine_epochs")  # of no effect on restarts


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    weights: Annotated[Path, Output("safetensors file of the weights")],
    model: Annotated[Path, Output("JSON file that describes the network")],
    history: Annotated[Path, Output("netCDF file of the training curves")],
    settings: Annotated[dict[str, Any], Setting("run")],
    seed: Annotated[int, Setting("seed")],
    gpu_memory: Annotated[float, Option("share of a GPU's memory taken at once, 0: as needed")] = 0,
    code: Annotated[str, Option("version of the code, to tell checkpoints apart")] = "",
) -> None:
    """Train one run and write its best network."""
    device = training_device(gpu_memory)
    dataset = read_spectra(spectra)
    trainer, scale = make_trainer(dataset, settings, spectra)
    root = settings.get("seed", seed)
    seeds = [derive_seed(root, "restart", index) for index in range(settings["restarts"])]
    identity = identity_of(trainer, settings, seeds, code)
    folder = weights.parent / "checkpoint"
    trained = train_restarts(trainer, seeds, folder, identity, settings["checkpoint_every"])
    candidates = [candidate(each, trainer, settings) for each in trained]
    choice = choose_among(candidates)
    best = trained[choice.restart]
    logger.info("restart %d of %d is chosen", choice.restart, len(seeds))
    if len(choice.company) > 1:
        logger.info("restarts %s found its latents", ", ".join(map(str, choice.company)))
    final = finish(trainer, candidates, choice, settings, derive_seed(root, "refine"))
    write_weights(weights, final)
    write_history(history, best, trainer.schedule, latent_order(final, trainer))
    description = {
        "architecture": trainer.architecture.as_json(),
        "settings": settings,
        "scale": scale,
        "channel": settings["channel"],
        "omega": dataset["omega"].to_numpy().tolist(),
        "seed": root,
        "chosen_restart": choice.restart,
        "company": list(choice.company),
        "restarts": [
            {
                "seed": each.seed,
                "epoch": each.epoch,
                "validation_loss": each.loss,
                "loss": corrected.loss,
                "factorisation_gap": corrected.gap,
            }
            for each, corrected in zip(trained, candidates, strict=True)
        ],
        "steps_per_epoch": trainer.steps_per_epoch,
        "device": f"{device.device_kind} ({device.platform})",
        "versions": versions(),
    }
    write_json(model, description)
    shutil.rmtree(folder, ignore_errors=True)


def make_trainer(
    dataset: xr.Dataset, settings: Mapping[str, Any], source: Path
) -> tuple[Trainer, float]:
    """The training of a run's settings, and the number by which it divides the spectra.

    Raises:
        InputError: If a part of the data is empty or the spectra are zero; names `source`.
    """
    values = channel_spectra(dataset, settings["channel"])
    train, validation = (values[split_mask(dataset, part)] for part in PARTS)
    for part, spectra in zip(PARTS, (train, validation), strict=True):
        if len(spectra) == 0:
            raise InputError(source, f"{part} samples in split", 0, "at least 1")
    scale = spectral_scale(train, source)
    architecture = Architecture(
        values.shape[1], tuple(settings["hidden"]), settings["n_latents"], settings["activation"]
    )
    trainer = Trainer(
        architecture,
        Schedule.from_settings(settings),
        min(settings["batch_size"], len(train)),
        jnp.asarray(train / np.float32(scale)),
        jnp.asarray(validation / np.float32(scale)),
    )
    return trainer, scale


def versions() -> dict[str, str]:
    """Versions of the libraries on which a training depends."""
    return {name: version(name) for name in LIBRARIES}


def identity_of(trainer: Trainer, settings: Mapping[str, Any], seeds: list[int], code: str) -> str:
    """Digest of all that the restarts of a run depend on, by which checkpoints are told apart."""
    decisive = {key: value for key, value in settings.items() if key not in NOT_OF_TRAINING}
    return fingerprint(
        {**decisive, "seeds": seeds, "code": code, **versions()},
        train=np.asarray(trainer.train),
        validation=np.asarray(trainer.validation),
    )


@dataclass(frozen=True)
class Candidate:
    """A restart with corrected axes.

    Attributes:
        weights: Its weights.
        active: Which latents are active, (latent,); none of a plain autoencoder's counts.
        codes: Means of the active ones over the training spectra, (sample, active).
        loss: Loss of the weights before the correction, see `mean_loss`.
        gap: Their factorisation gap; 0 for a plain autoencoder, whose axes nothing fixes.
    """

    weights: nnx.State
    active: np.ndarray
    codes: np.ndarray
    loss: float
    gap: float


def candidate(trained: Trained, trainer: Trainer, settings: Mapping[str, Any]) -> Candidate:
    """Correct the axes of a restart."""
    architecture, spectra, beta = trainer.architecture, trainer.train, trainer.schedule.beta
    weights, gap = trained.weights, 0.0
    active = kept_kl(trained)[PARTS.index("train")] > settings["active_above"]
    if beta > 0:
        gap = factorisation_gap(architecture, weights, spectra, beta)
        weights = align_axes(architecture, weights, spectra, beta, active)
    codes = active_codes(architecture, weights, spectra, active)
    return Candidate(weights, active, codes, mean_loss(trained, trainer), gap)


def choose_among(candidates: Sequence[Candidate]) -> Choice:
    """What is chosen among restarts, see `autoencoder.consensus`."""
    columns = zip(*((each.loss, each.gap, each.codes) for each in candidates), strict=True)
    return choose(*columns)


def finish(
    trainer: Trainer,
    candidates: Sequence[Candidate],
    choice: Choice,
    settings: Mapping[str, Any],
    seed: int,
) -> nnx.State:
    """Weights of the chosen restart with the company's axes and a sharpened decoder.

    Args:
        trainer: The training run.
        candidates: All restarts.
        choice: What is chosen among them.
        settings: Settings of the run.
        seed: Seed of the refinement.
    """
    chosen, beta = candidates[choice.restart], trainer.schedule.beta
    if beta == 0:
        return chosen.weights
    architecture, spectra, active = trainer.architecture, trainer.train, chosen.active
    return refine_decoder(
        architecture,
        turn_axes(architecture, chosen.weights, spectra, beta, active, choice.M),
        spectra,
        active,
        epochs=settings["refine_epochs"],
        batch_size=trainer.batch_size,
        learning_rate=settings["learning_rate"][0],
        seed=seed,
    )


def kept_row(trained: Trained) -> int:
    """Row of the history that belongs to the weights that are kept."""
    return int(np.flatnonzero(trained.history.epoch == trained.epoch)[0])


def kept_kl(trained: Trained) -> np.ndarray:
    """KL divergences of the kept weights, (part, latent)."""
    return trained.history.kl[kept_row(trained)]


def mean_loss(trained: Trained, trainer: Trainer) -> float:
    """Loss of the kept weights over training and validation spectra, less noisy than either."""
    reconstruction = trained.history.reconstruction[kept_row(trained)]
    loss = reconstruction + trainer.schedule.beta * kept_kl(trained).sum(axis=-1)
    return float(np.average(loss, weights=[len(trainer.train), len(trainer.validation)]))


def spectral_scale(train: np.ndarray, source: Path) -> float:
    """Number to divide spectra by, so that beta weighs the same error for every data set.

    It is the power of two nearest to the 99.9th percentile: 1 for spectra of order one, as pi Gamma
    A is. Dividing by it is exact, so that spectra in a unit 2^k times smaller give the same network
    bit for bit; in any other unit beta keeps its meaning within a factor of four.

    Raises:
        InputError: If the spectra are zero almost everywhere.
    """
    size = float(np.quantile(np.abs(train).astype(np.float64), 0.999))
    if size == 0:
        raise InputError(source, "spectral_function", size, "above 0 in the training spectra")
    return float(np.exp2(np.round(np.log2(size))))


def train_restarts(
    trainer: Trainer, seeds: list[int], folder: Path, identity: str, every: int
) -> list[Trained]:
    """Train all restarts, each from its last checkpoint.

    Args:
        trainer: The training run.
        seeds: Seed of each restart.
        folder: Folder of the checkpoints.
        identity: Fingerprint of the run.
        every: Epochs between checkpoints.
    """
    n_epochs = trainer.schedule.epochs
    bar = tqdm(total=n_epochs * len(seeds), desc="training", unit="epoch", disable=None)

    def train(index: int) -> Trained:
        path = folder / f"restart_{index}.safetensors"
        found = read_checkpoint(path, trainer.initial_state(seeds[index]), identity)
        state, history = found or (None, None)
        done = last_saved = int(history.epoch[-1]) if history else 0
        bar.update(done)

        def after_block(state: State, history: History) -> None:
            nonlocal done, last_saved
            epoch = int(history.epoch[-1])
            bar.update(epoch - done)
            done = epoch
            if epoch - last_saved >= every or epoch == n_epochs:
                write_checkpoint(path, state, history, identity)
                last_saved = epoch

        return trainer.run(seeds[index], state, history, after_block)

    with bar:
        return [train(index) for index in range(len(seeds))]


def latent_order(weights: nnx.State, trainer: Trainer) -> np.ndarray:
    """Latents by their KL over the training spectra, the largest first, as in `encode_spectra`."""
    network = separate_network(trainer.architecture, weights)
    kl = loss_parts(network, trainer.train, None, variational=True).kl
    return np.argsort(-np.asarray(kl), kind="stable")


def write_history(path: Path, trained: Trained, schedule: Schedule, order: np.ndarray) -> None:
    """Write the training curves by the data contract.

    Args:
        path: File to write.
        trained: The chosen restart.
        schedule: Course of beta and learning rate.
        order: Index of each latent in the network, (latent,).
    """
    history = trained.history
    epochs = history.epoch - 1
    values = {
        "learning_rate": np.array([float(schedule.learning_rate_at(epoch)) for epoch in epochs]),
        "beta": np.array([float(schedule.beta_at(epoch)) for epoch in epochs]),
        "reconstruction": history.reconstruction,
        "kl": history.kl[:, :, order],
        "loss": history.reconstruction + schedule.beta * history.kl.sum(axis=-1),
    }
    coordinates = {"epoch": history.epoch, "part": np.array(PARTS)}
    write_dataset(path, assemble(values, HISTORY, {"title": "Training curves"}, coordinates))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
