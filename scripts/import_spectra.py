"""Bring a user's own spectra into the form that the later stages read.

The file is netCDF with `spectral_function` (sample, omega) or (sample, spin, omega), and `omega`.
All numeric variables of each sample and the attributes of the file are taken along. A `split` is
drawn if the file has none.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

from kondoflow.files.importing import usable_set
from kondoflow.files.netcdf import read_foreign, write_dataset
from kondoflow.stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    source: Annotated[Path, Input("netCDF file with spectral_function and omega")],
    spectra: Annotated[Path, Output("netCDF file of the set of spectra")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    seed: Annotated[int, Setting("ensemble_seed")],
) -> None:
    """Check the user's file and write the set of spectra of one ensemble."""
    dataset = usable_set(read_foreign(source), ensemble["split"], seed, source)
    write_dataset(spectra, dataset)
    logger.info("%d spectra of %d frequencies", dataset.sizes["sample"], dataset.sizes["omega"])


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
