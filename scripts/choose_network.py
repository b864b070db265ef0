"""Make one model of all restarts of a run.

One restart is chosen, its axes are turned to those on which several agree, its decoder is
sharpened, and order, sign and unit of its latents are fixed (`kondoflow.autoencoder.procedure`).
"""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.checkpoints import read_all_trained
from kondoflow.autoencoder.description import describe_model, training_curves
from kondoflow.autoencoder.devices import training_device
from kondoflow.autoencoder.large_sets import STREAM_ABOVE, prepare_file
from kondoflow.autoencoder.parameters import write_weights
from kondoflow.autoencoder.procedure import run_procedure
from kondoflow.autoencoder.restarts import identity_of
from kondoflow.autoencoder.weight_scan import with_weight
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.netcdf import write_dataset
from kondoflow.stage.config import restart_settings
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.seeds import derive_seed


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    trained: Annotated[list[Path], Input("weights of each restart (safetensors), in their order")],
    histories: Annotated[list[Path], Input("losses of each restart (netCDF), in their order")],
    weights: Annotated[Path, Output("safetensors file of the weights")],
    model: Annotated[Path, Output("JSON file that describes the network")],
    history: Annotated[Path, Output("netCDF file of the training curves")],
    settings: Annotated[dict[str, Any], Setting("choice")],
    seed: Annotated[int, Setting("training_seed")],
    scan: Annotated[Path | None, Option("scan of the KL weight (JSON), if the run has one")] = None,
    gpu_memory: Annotated[float, Option("share of a GPU's memory taken at once, 0: as needed")] = 0,
    stream_above: Annotated[float, Option("MB of spectra that are held in memory")] = STREAM_ABOVE,
) -> None:
    """Choose among the restarts of one run and write the model that is kept."""
    training_device(gpu_memory)
    found = read_json(scan) if scan else None
    settings = with_weight(settings, found)
    prepared, own = prepare_file(spectra, settings, stream_above), restart_settings(settings)
    seeds = [derive_seed(seed, "restart", index) for index in range(settings["restarts"])]
    identities = [identity_of(prepared, own, each) for each in seeds]
    restarts = read_all_trained(trained, histories, prepared.trainer.architecture, identities)
    outcome = run_procedure(prepared, restarts, settings, derive_seed(seed, "refine"))
    write_weights(weights, outcome.weights)
    write_dataset(history, training_curves(outcome, prepared.trainer))
    description = describe_model(outcome, prepared, settings, seed=seed)
    write_json(model, description | ({"scan": found} if found else {}))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
