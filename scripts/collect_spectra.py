"""Join the chunks of an ensemble into one data set, with split and provenance.

Every chunk must have been solved with the same settings, and the joined parameters must be those
that were asked for, in their order. Provenance stands in the global attributes: the ensemble, the
solver's settings and seeds as JSON, versions of code and libraries.
"""

import json
import logging
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr

from datafiles.contract import CONVENTIONS, PARAMETERS, SPECTRA, SPLIT, check
from datafiles.errors import InputError
from datafiles.netcdf import read_dataset, write_dataset
from datafiles.points import read_points
from datafiles.spectra import assign_split, check_spectra, split_attributes
from stage.entry import Input, Option, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")

REFERENCES = "arXiv:2107.08013; Weichselbaum and von Delft, PRL 99, 076402 (2007)"
LIBRARIES = ("numpy", "scipy", "xarray", "netcdf4")


def main(
    *,
    parameters: Annotated[list[Path], Input("netCDF files of the parameter sets, in order")],
    chunks: Annotated[list[Path], Input("netCDF files of the chunks, in order")],
    spectra: Annotated[Path, Output("netCDF file of the data set")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    solver: Annotated[dict[str, Any], Setting("solver")],
    omega: Annotated[dict[str, Any], Setting("omega")],
    seed: Annotated[int, Setting("seed")],
    name: Annotated[str, Option("name of the ensemble")] = "",
    code: Annotated[str, Option("version of the solver's code")] = "",
) -> None:
    """Write the data set of one ensemble."""
    dataset = _join(chunks)
    _check_parameters(dataset, parameters)
    n_samples = dataset.sizes["sample"]
    split = assign_split(n_samples, ensemble["split"], seed)
    dataset["split"] = (SPLIT.dims, split, split_attributes())
    check(dataset, SPECTRA, spectra)
    check_spectra(dataset, spectra)
    dataset.attrs = {
        "Conventions": CONVENTIONS,
        "title": f"Spectral functions of the Anderson impurity model: {name}",
        "source": "full-density-matrix numerical renormalization group (KondoFlow)",
        "references": REFERENCES,
        "ensemble": json.dumps(ensemble, sort_keys=True),
        "solver": json.dumps(solver, sort_keys=True),
        "omega_grid": json.dumps(omega, sort_keys=True),
        "seed": seed,
        "code_version": code,
        "software": json.dumps(
            {"python": platform.python_version(), **{lib: version(lib) for lib in LIBRARIES}}
        ),
    }
    write_dataset(spectra, dataset)
    seconds = float(dataset["cpu_seconds"].mean())
    logger.info("%d spectra, %.3f CPU seconds each", n_samples, seconds)


def _join(paths: list[Path]) -> xr.Dataset:
    chunks = [read_dataset(path) for path in paths]
    for path, chunk in zip(paths, chunks, strict=True):
        solved = {key: value for key, value in SPECTRA.items() if key != "split"}
        check(chunk, solved, path)
        if chunk.attrs.get("fingerprint") != chunks[0].attrs.get("fingerprint"):
            allowed = f"as in {paths[0]} (remove the chunk to have it solved again)"
            raise InputError(path, "fingerprint", chunk.attrs.get("fingerprint"), allowed)
    return xr.concat(chunks, "sample", data_vars="minimal", coords="minimal", join="exact")


def _check_parameters(dataset: xr.Dataset, sources: list[Path]) -> None:
    wanted = [read_points(path) for path in sources]
    for parameter in PARAMETERS:
        values = np.concatenate([points[parameter] for points in wanted])
        if not np.array_equal(dataset[parameter].to_numpy(), values):
            allowed = "as in the chunks, in their order"
            raise InputError(sources[0].parent, parameter, "other values", allowed)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
