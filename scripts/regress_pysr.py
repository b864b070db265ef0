"""Equations for the active latents and the system's targets, by PySR.

PySR (Cranmer, arXiv:2305.01582) evolves equations in Julia, see `discovery.engines.pysr`. The stage
runs an ensemble of searches, see `discovery.regression`. Where Julia or its packages are missing or
fail, the result says so and the workflow goes on with the other engines.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.engines.interface import EngineUnavailableError
from kondoflow.discovery.engines.pysr import PySR
from kondoflow.discovery.regression import regress
from kondoflow.discovery.targets import read_samples, read_targets
from kondoflow.files.atomic import write_json
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Output, Setting, Threads, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    found: Annotated[Path, Output("equations (JSON)")],
    searches: Annotated[Path, Output("folder for the files of each search")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
    seed: Annotated[int, Setting("seed")],
    threads: Annotated[int, Threads()],
) -> None:
    """Search for equations with PySR."""
    encoded = read_dataset(latents)
    check(encoded, LATENTS, latents)
    samples = read_samples(read_spectra(spectra), system)
    targets = read_targets(encoded, samples, system, equations["objectives"])
    searches.mkdir(parents=True, exist_ok=True)
    engine = PySR(searches)
    try:
        result = regress(engine, targets, samples, equations, seed, threads)
    except EngineUnavailableError as error:
        logger.warning("PySR can't run here: %s", error, exc_info=error)
        result = {"engine": engine.name, "available": False, "reason": str(error), "targets": []}
    write_json(found, result)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
