"""Find the KL weight of one run by a scan: the middle of the plateau of the number of latents."""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.devices import training_device
from kondoflow.autoencoder.preparation import prepare
from kondoflow.autoencoder.weight_scan import WEIGHTS, scan_weights
from kondoflow.files.atomic import write_json
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.seeds import derive_seed


def main(
    *,
    spectra: Annotated[Path, Input("netCDF file of the data set")],
    scan: Annotated[Path, Output("weights, active latents and the answer (JSON)")],
    settings: Annotated[dict[str, Any], Setting("choice")],
    seed: Annotated[int, Setting("training_seed")],
    gpu_memory: Annotated[float, Option("share of a GPU's memory taken at once, 0: as needed")] = 0,
) -> None:
    """Train one network at each weight and write what was found."""
    training_device(gpu_memory)
    any_weight = {**settings, "kl_weight": WEIGHTS[0]}
    trainer = prepare(read_spectra(spectra), any_weight, spectra).trainer
    write_json(scan, scan_weights(trainer, any_weight, derive_seed(seed, "scan")))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
