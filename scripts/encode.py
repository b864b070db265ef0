r"""Encode spectra of a file with a trained model, as a command.

    .venv/bin/python scripts/encode.py --model results/models/low_field/vae \
      --spectra mine.nc --latents latents.nc

The file is one that a user may bring: a table, netCDF, HDF5 or Zarr with one spectrum or many.
Where it is not clear which variable is what, `--variable`, `--axis` and `--group` name them, as the
keys `spectra`, `axis` and `group` of an ensemble do. Its grid may be another one that covers the
model's. Order, sign and unit of the latents are the model's. (The rule `encode_spectra` encodes the
set on which a model was trained, for the later stages.)
"""

from pathlib import Path
from typing import Annotated

from kondoflow.autoencoder.devices import use_cpu
from kondoflow.autoencoder.encoding import load_model
from kondoflow.autoencoder.latents import encode_any
from kondoflow.files.brought.reading import read_brought
from kondoflow.files.netcdf import write_dataset
from kondoflow.files.spectra import check_spectra
from kondoflow.stage.entry import Input, Option, Output, run_stage


def main(
    *,
    model: Annotated[Path, Input("folder of the model, with weights.safetensors and model.json")],
    spectra: Annotated[Path, Input("file of the spectra, as a user may bring it")],
    latents: Annotated[Path, Output("netCDF file of the latents")],
    variable: Annotated[str, Option("variable of the spectra; several: names with commas")] = "",
    axis: Annotated[str, Option("variable of the grid")] = "",
    group: Annotated[str, Option("group of the file")] = "",
) -> None:
    """Encode the spectra of one file."""
    use_cpu()
    named = {"spectra": variable.split(",") if "," in variable else variable}
    named |= {"axis": axis, "group": group}
    keys = {key: value for key, value in named.items() if value}
    dataset, trained = read_brought(spectra, keys).dataset, load_model(model)
    check_spectra(dataset, spectra)
    write_dataset(latents, encode_any(trained, dataset, spectra))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
