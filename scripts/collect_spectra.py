"""Join the chunks of an ensemble into one data set, with split and provenance.

Every chunk must have been solved with the settings and the code of now, and the joined parameters
must be those that were asked for, in their order. Samples whose solution can't be used are set
apart, with the reason; too many of them are an error. Provenance stands in the global attributes:
the ensemble, the solver's settings and seeds as JSON, versions of code and libraries.
"""

import json
import logging
import platform
from collections import Counter
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr

from kondoflow.files.contract import CONVENTIONS, assemble, check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.spectra import check_spectra
from kondoflow.files.splits import SPLIT, assign_split, split_attributes
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.fingerprint import solver_fingerprint
from kondoflow.systems.anderson.contract import PARAMETERS, REJECTED, SPECTRA, STATUSES
from kondoflow.systems.points import read_points

logger = logging.getLogger("kondoflow")

REFERENCES = "arXiv:2107.08013; Weichselbaum and von Delft, PRL 99, 076402 (2007)"
LIBRARIES = ("numpy", "scipy", "xarray", "netcdf4")
SOLVED = {
    name: replace(variable, optional=False) for name, variable in SPECTRA.items() if name != "split"
}
REMEDY = "(remove this file and run again: it alone is solved anew)"


def main(
    *,
    parameters: Annotated[list[Path], Input("netCDF files of the parameter sets, in order")],
    chunks: Annotated[list[Path], Input("netCDF files of the chunks, in order")],
    spectra: Annotated[Path, Output("netCDF file of the data set")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    solver: Annotated[dict[str, Any], Setting("solver")],
    omega: Annotated[dict[str, Any], Setting("omega")],
    seed: Annotated[int, Setting("ensemble_seed")],
    name: Annotated[str, Option("name of the ensemble")] = "",
    code: Annotated[str, Option("version of the solver's code")] = "",
) -> None:
    """Write the data set of one ensemble."""
    fingerprint = solver_fingerprint(solver, omega, code)
    dataset = _join(chunks, parameters, fingerprint)
    dataset = _set_apart(dataset, solver["max_invalid"], name or spectra)
    n_samples = dataset.sizes["sample"]
    split = assign_split(n_samples, ensemble["split"], seed)
    dataset["split"] = (SPLIT.dims, split, split_attributes())
    check(dataset, {**SPECTRA, **REJECTED}, spectra)
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


def _join(paths: list[Path], parameters: list[Path], fingerprint: str) -> xr.Dataset:
    """Read all chunks and check each before its contents are used.

    Raises:
        InputError: Names the first chunk that is damaged or belongs to something else.
    """
    sources = [read_points(path) for path in parameters]
    wanted = {name: np.concatenate([source[name] for source in sources]) for name in PARAMETERS}
    chunks, n_samples = [], 0
    for path in paths:
        try:
            chunk = read_dataset(path)
            check(chunk, SOLVED, path)
        except InputError as error:
            raise InputError(path, "chunk", str(error), f"whole {REMEDY}") from error
        if chunk.attrs.get("fingerprint") != fingerprint:
            found = chunk.attrs.get("fingerprint")
            raise InputError(path, "fingerprint", found, f"{fingerprint} {REMEDY}")
        own = slice(n_samples, n_samples + chunk.sizes["sample"])
        for name in PARAMETERS:
            if not np.array_equal(chunk[name], wanted[name][own]):
                raise InputError(path, name, "other values", f"those that were asked for {REMEDY}")
        chunks.append(chunk)
        n_samples = own.stop
    if n_samples != len(wanted["U"]):
        allowed = f"{len(wanted['U'])}, as many as parameter sets"
        raise InputError("chunks", "number of samples", n_samples, allowed)
    return xr.concat(chunks, "sample", data_vars="minimal", coords="minimal", join="exact")


def _set_apart(dataset: xr.Dataset, max_invalid: float, source: object) -> xr.Dataset:
    """Leave out the samples that can't be used, and keep their parameters and the reason.

    Raises:
        InputError: If they are more than the share `max_invalid`.
    """
    invalid = dataset["status"].to_numpy() != 0
    rejected = dataset.isel(sample=invalid)
    found = Counter(STATUSES[status] for status in rejected["status"].to_numpy())
    reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(found.items()))
    if invalid.mean() > max_invalid:
        allowed = f"at most solver.max_invalid = {max_invalid} ({reasons}; see the jobs' logs)"
        raise InputError(source, "share of invalid samples", float(invalid.mean()), allowed)
    dataset = dataset.isel(sample=~invalid).drop_vars("status")
    if invalid.any():
        logger.warning("%d of %d samples set apart: %s", invalid.sum(), invalid.size, reasons)
        values = {f"rejected_{key}": rejected[key].to_numpy() for key in (*PARAMETERS, "status")}
        dataset = dataset.merge(assemble(values, REJECTED, {}), combine_attrs="override")
    return dataset


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
