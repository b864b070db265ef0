"""Join the chunks of an ensemble into one set of spectra, with split and provenance.

See `systems.collection`. Provenance stands in the global attributes: the ensemble, the settings of
the solver and the seeds as JSON, versions of code and libraries.
"""

import json
import logging
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

from kondoflow import __version__
from kondoflow.files.contract import CONVENTIONS
from kondoflow.files.netcdf import write_dataset
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.systems.collection import complete_set, join_chunks, set_apart
from kondoflow.systems.points import names_of
from kondoflow.systems.registry import find_system
from kondoflow.systems.versions import solutions_fingerprint

logger = logging.getLogger("kondoflow")


def main(
    *,
    parameters: Annotated[list[Path], Input("netCDF files of the parameter sets, in order")],
    chunks: Annotated[list[Path], Input("netCDF files of the chunks, in order")],
    spectra: Annotated[Path, Output("netCDF file of the set of spectra")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    solver: Annotated[dict[str, Any], Setting("solver")],
    omega: Annotated[dict[str, Any], Setting("omega")],
    seed: Annotated[int, Setting("ensemble_seed")],
    name: Annotated[str, Option("name of the ensemble")] = "",
    code: Annotated[str, Option("version of the solver's code")] = "",
) -> None:
    """Write the set of spectra of one ensemble."""
    system = find_system(ensemble["system"]).using(names_of(parameters))
    fingerprint = solutions_fingerprint(system, solver, omega, code)
    joined = join_chunks(system, parameters, chunks, fingerprint)
    usable = set_apart(system, joined, solver.get("max_invalid", 0.0), name or spectra)
    dataset = complete_set(system, usable, ensemble["split"], seed, spectra)
    libraries = {library: version(library) for library in system.libraries}
    software = {"kondoflow": __version__, "python": platform.python_version(), **libraries}
    dataset.attrs = {
        "Conventions": CONVENTIONS,
        "title": f"{system.title}: {name}",
        "source": system.source,
        "references": system.references,
        "system": system.name,
        "ensemble": json.dumps(ensemble, sort_keys=True),
        "solver": json.dumps(solver, sort_keys=True),
        **system.meaning.stored(solver, system.parameters)[1],
        "omega_grid": json.dumps(omega, sort_keys=True),
        "seed": seed,
        "code_version": code,
        "software": json.dumps(software),
    }
    write_dataset(spectra, dataset)
    seconds = float(dataset["cpu_seconds"].mean())
    logger.info("%d spectra, %.3f CPU seconds each", dataset.sizes["sample"], seconds)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
