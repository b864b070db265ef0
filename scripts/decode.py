r"""Decode latents of a file with a trained model, as a command.

    .venv/bin/python scripts/decode.py --model results/models/low_field/vae \
      --latents latents.nc --spectra decoded.nc

The file holds `mean` (sample, latent), as `encode` and the workflow write it, with the latents in
the model's order. The spectra stand on the model's grid, in the unit of those it was trained on.
"""

from pathlib import Path
from typing import Annotated

from kondoflow.autoencoder.devices import use_cpu
from kondoflow.autoencoder.encoding import load_model
from kondoflow.autoencoder.latents import decode_dataset
from kondoflow.files.apart import read_apart
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.stage.entry import Input, Output, run_stage


def main(
    *,
    model: Annotated[Path, Input("folder of the model, with weights.safetensors and model.json")],
    latents: Annotated[Path, Input("netCDF file of the latents")],
    spectra: Annotated[Path, Output("netCDF file of the decoded spectra")],
) -> None:
    """Decode the latents of one file."""
    use_cpu()
    trained = load_model(model)
    write_dataset(
        spectra,
        decode_dataset(
            trained, read_apart(read_dataset, latents, "a readable netCDF4 file"), latents
        ),
    )


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
