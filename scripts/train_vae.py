"""Train the variational autoencoder of one run.

Several restarts are trained from different seeds, one is chosen, and its axes and decoder are
refined (`kondoflow.autoencoder.procedure`). Restarts save checkpoints beside the outputs and go on
from them after an interruption. A GPU is used if JAX sees one.
"""

import shutil
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.description import describe_model, training_curves
from kondoflow.autoencoder.devices import training_device
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.procedure import run_procedure
from kondoflow.autoencoder.storage import write_weights
from kondoflow.files.atomic import write_json
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.seeds import derive_seed


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
    """Train one run and write the model that is kept."""
    training_device(gpu_memory)
    dataset = read_spectra(spectra)
    prepared = prepare(dataset, settings, spectra)
    root = settings.get("seed", seed)
    seeds = [derive_seed(root, "restart", index) for index in range(settings["restarts"])]
    folder, last = weights.parent / "checkpoint", derive_seed(root, "refine")
    outcome = run_procedure(prepared.trainer, settings, seeds, last, folder, code)
    write_weights(weights, outcome.weights)
    write_dataset(history, training_curves(outcome, prepared.trainer))
    write_json(model, describe_model(outcome, prepared, settings, seed=root))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
