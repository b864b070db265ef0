"""Bring a user's own spectra into the form that the later stages read.

Any netCDF file with `spectral_function` (sample, omega) or (sample, spin, omega) and `omega` will
do; all numeric per-sample variables are taken along, and so are the file's attributes. A `split`
is drawn if the file has none.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr

from kondoflow.files.contract import CONVENTIONS
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import check_spectra, numeric_variables
from kondoflow.files.splits import SPLIT, SPLITS, assign_split, split_attributes
from kondoflow.stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")

LEAST_SAMPLES = 3  # one a part


def main(
    *,
    source: Annotated[Path, Input("netCDF file with spectral_function and omega")],
    spectra: Annotated[Path, Output("netCDF file of the data set")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    seed: Annotated[int, Setting("ensemble_seed")],
) -> None:
    """Check the user's file and write the data set of one ensemble."""
    brought = read_dataset(source)
    check_spectra(brought, source)
    if brought.sizes["sample"] < LEAST_SAMPLES:
        allowed = f"at least {LEAST_SAMPLES}"
        raise InputError(source, "number of samples", brought.sizes["sample"], allowed)
    if not np.ptp(brought["spectral_function"].to_numpy(), axis=0).any():
        allowed = "spectra that differ from each other"
        raise InputError(source, "spectral_function", "the same in all samples", allowed)
    weighing = [name for name in ("uncertainty",) if name in brought]
    dataset = brought[["spectral_function", *weighing, *numeric_variables(brought)]]
    dataset = dataset.assign_attrs(Conventions=CONVENTIONS, source_file=source.name)
    dataset["split"] = _split(brought, ensemble, seed, source)
    write_dataset(spectra, dataset)
    logger.info("%d spectra of %d frequencies", dataset.sizes["sample"], dataset.sizes["omega"])


def _split(
    brought: xr.Dataset, ensemble: dict[str, Any], seed: int, source: Path
) -> tuple[tuple[str, ...], np.ndarray, dict[str, Any]]:
    n_samples = brought.sizes["sample"]
    if "split" not in brought:
        return SPLIT.dims, assign_split(n_samples, ensemble["split"], seed), split_attributes()
    split = brought["split"].to_numpy()
    if brought["split"].dims != SPLIT.dims or set(np.unique(split)) != set(range(len(SPLITS))):
        allowed = "0 (train), 1 (validation) or 2 (test) for each sample, each of them present"
        raise InputError(source, "split", np.unique(split).tolist(), allowed)
    return SPLIT.dims, split.astype(SPLIT.dtype), split_attributes()


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
