"""What all active latents together say of the joint quantities that a system names.

A joint quantity is an expression of the samples' variables, or of what the system's module
`reading` reads off the spectra alone. See `discovery.latents.joint_quantities`.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.latents.joint_quantities import kept_by_latents, names_of, read_together
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import read_spectra, sample_variables
from kondoflow.files.splits import split_mask
from kondoflow.stage.entry import Input, Output, Setting, run_stage
from kondoflow.systems.registry import find_reading

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    joint: Annotated[Path, Output("joint quantities (netCDF)")],
    system: Annotated[dict[str, Any], Setting("system")],
    system_name: Annotated[str, Setting("system_name")],
) -> None:
    """Read the joint quantities of one run."""
    samples, encoded = read_spectra(spectra), read_dataset(latents, LATENTS)
    variables, reading = sample_variables(samples), find_reading(system_name)
    if reading is not None and not names_of(system["joint"]) <= set(variables):
        variables = {**reading.read_off(samples), **variables}
    found = read_together(encoded, samples, system["joint"], variables)
    write_dataset(joint, found)
    for name in system["joint"]:
        kept = kept_by_latents(found, name, split_mask(samples, "test"))
        logger.info("%s: %s", name, kept)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
