"""Train the variational autoencoder of one run.

Several restarts from different seeds are trained side by side; the one with the lowest validation
loss (squared error + final beta * KL, z at its mean) is kept, with its best weights. The restarts
save checkpoints beside the outputs and go on from them after an interruption. A GPU is used if JAX
sees one.
"""

import logging
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from tqdm import tqdm

from autoencoder.model import Architecture
from autoencoder.schedule import Schedule
from autoencoder.storage import fingerprint, read_checkpoint, write_checkpoint, write_weights
from autoencoder.training import History, State, Trained, Trainer
from datafiles.atomic import write_json
from datafiles.contract import HISTORY, assemble
from datafiles.netcdf import write_dataset
from datafiles.spectra import channel_spectra, read_spectra, split_mask
from stage.entry import Input, Output, Setting, Threads, run_stage
from stage.seeds import derive_seed

logger = logging.getLogger("kondoflow")

PARTS = ("train", "validation")
LIBRARIES = ("jax", "flax", "optax", "numpy")
USUAL_SCALE = (0.2, 2.0)  # spectra of about this size are not rescaled


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    weights: Annotated[Path, Output("safetensors file of the weights")],
    model: Annotated[Path, Output("JSON file that describes the network")],
    history: Annotated[Path, Output("netCDF file of the training curves")],
    threads: Annotated[int, Threads()],
    settings: Annotated[dict[str, Any], Setting("run")],
    seed: Annotated[int, Setting("seed")],
) -> None:
    """Train one run and write its best network."""
    dataset = read_spectra(spectra)
    values = channel_spectra(dataset, settings["channel"])
    train, validation = (values[split_mask(dataset, part)] for part in PARTS)
    scale = spectral_scale(train)
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
    device = jax.devices()[0]
    logger.info("training on %s (%s)", device.device_kind, device.platform)
    root = settings.get("seed", seed)
    seeds = [derive_seed(root, "restart", index) for index in range(settings["restarts"])]
    identity = fingerprint({**settings, "seeds": seeds}, train, validation)
    folder = weights.parent / "checkpoint"
    trained = train_restarts(
        trainer, seeds, folder, identity, settings["checkpoint_every"], threads
    )
    chosen = int(np.argmin([each.loss for each in trained]))
    best = trained[chosen]
    logger.info("restart %d of %d has the lowest loss, %.4f", chosen, len(seeds), best.loss)
    write_weights(weights, best.weights)
    write_history(history, best.history, trainer.schedule)
    description = {
        "architecture": architecture.as_json(),
        "settings": settings,
        "scale": scale,
        "channel": settings["channel"],
        "omega": dataset["omega"].to_numpy().tolist(),
        "seed": root,
        "chosen_restart": chosen,
        "restarts": [
            {"seed": each.seed, "validation_loss": each.loss, "epoch": each.epoch}
            for each in trained
        ],
        "steps_per_epoch": trainer.steps_per_epoch,
        "device": f"{device.device_kind} ({device.platform})",
        "versions": {name: version(name) for name in LIBRARIES},
    }
    write_json(model, description)
    shutil.rmtree(folder, ignore_errors=True)


def spectral_scale(train: np.ndarray) -> float:
    """Number to divide spectra by, so that beta weighs the same error for every data set.

    Spectra whose 99.9th percentile is of order one, as pi Gamma A is, are left as they are.
    """
    size = float(np.quantile(np.abs(train), 0.999))
    low, high = USUAL_SCALE
    return 1.0 if low <= size <= high or size == 0 else size


def train_restarts(
    trainer: Trainer, seeds: list[int], folder: Path, identity: str, every: int, threads: int
) -> list[Trained]:
    """Train all restarts, side by side, each from its last checkpoint.

    Args:
        trainer: The training run.
        seeds: Seed of each restart.
        folder: Folder of the checkpoints.
        identity: Fingerprint of the run.
        every: Epochs between checkpoints.
        threads: Restarts trained at a time on a CPU.
    """
    n_epochs = trainer.schedule.epochs
    bar = tqdm(total=n_epochs * len(seeds), desc="training", unit="epoch", disable=None)
    counting = threading.Lock()

    def train(index: int) -> Trained:
        path = folder / f"restart_{index}.safetensors"
        found = read_checkpoint(path, trainer.initial_state(seeds[index]), identity)
        state, history = found or (None, None)
        done = last_saved = int(history.epoch[-1]) if history else 0
        with counting:
            bar.update(done)

        def after_block(state: State, history: History) -> None:
            nonlocal done, last_saved
            epoch = int(history.epoch[-1])
            with counting:
                bar.update(epoch - done)
            done = epoch
            if epoch - last_saved >= every or epoch == n_epochs:
                write_checkpoint(path, state, history, identity)
                last_saved = epoch

        return trainer.run(seeds[index], state, history, after_block)

    assert trainer.block  # compiled here, once, and not by each of the threads
    workers = threads if jax.default_backend() == "cpu" else 1
    with bar, ThreadPoolExecutor(workers) as pool:
        return list(pool.map(train, range(len(seeds))))


def write_history(path: Path, history: History, schedule: Schedule) -> None:
    """Write the training curves by the data contract."""
    epochs = history.epoch - 1
    values = {
        "learning_rate": np.array([float(schedule.learning_rate_at(epoch)) for epoch in epochs]),
        "beta": np.array([float(schedule.beta_at(epoch)) for epoch in epochs]),
        "reconstruction": history.reconstruction,
        "kl": history.kl,
        "loss": history.reconstruction + schedule.beta * history.kl.sum(axis=-1),
    }
    coordinates = {"epoch": history.epoch, "part": np.array(PARTS)}
    write_dataset(path, assemble(values, HISTORY, {"title": "Training curves"}, coordinates))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
