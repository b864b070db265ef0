"""Bring a user's own spectra into the form that the later stages read.

The file is a table of text (CSV), netCDF, HDF5 or Zarr (`kondoflow.files.brought`). All numeric
variables of each sample and the attributes of the file are taken along. A `split` is drawn if the
file has none. What was read otherwise than it stands in the file is told once.
"""

import logging
import sys
from pathlib import Path
from typing import Annotated, Any

from kondoflow.files.brought.reading import read_brought
from kondoflow.files.errors import InputError
from kondoflow.files.importing import check_labels, usable_set
from kondoflow.files.netcdf import write_dataset
from kondoflow.stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    source: Annotated[Path, Input("the user's file")],
    spectra: Annotated[Path, Output("netCDF file of the set of spectra")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    seed: Annotated[int, Setting("ensemble_seed")],
    labels: Annotated[dict[str, str], Setting("labels_of_data")],
    system: Annotated[str, Setting("system_name")],
) -> None:
    """Check the user's file and write the set of spectra of one ensemble."""
    if ensemble.get("source", "file") != "file" or "solver" in ensemble:  # of the command line
        allowed = "one whose spectra are brought (source: file), named by --ensemble"
        raise InputError("config", "ensemble", f"one of {system}, computed", allowed)
    dataset, remarks = usable_set(read_brought(source, ensemble), ensemble, seed, source)
    check_labels(dataset, labels, f"systems.{system}.labels", source)
    write_dataset(spectra, dataset)
    for remark in remarks:
        logger.warning("%s", remark)
        print(f"{source}: {remark}", file=sys.stderr)
    logger.info("%d spectra of %d frequencies", dataset.sizes["sample"], dataset.sizes["omega"])


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
