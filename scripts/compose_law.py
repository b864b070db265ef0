"""A closed law over the whole box of an ensemble, composed in stages.

The equation of the region is judged. What it leaves over the whole box is searched for. See
`discovery.laws`.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.composing import compose_law
from kondoflow.discovery.targets import read_samples
from kondoflow.files.atomic import write_json
from kondoflow.files.engine_files import read_engines
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Option, Output, Setting, Threads, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    found: Annotated[list[Path], Input("equations of the targets by each engine (JSON)")],
    law: Annotated[Path, Output("the law (JSON)")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
    seed: Annotated[int, Setting("ensemble_seed")],
    threads: Annotated[int, Threads()],
    joint: Annotated[Sequence[Path], Input("joint quantities (netCDF), for a law of one")] = (),
    processes: Annotated[int, Option("processes, if more than cores")] = 0,
) -> None:
    """Compose the law of one ensemble."""
    together = [read_dataset(path) for path in joint]
    samples = read_samples(read_spectra(spectra), system, *together)
    engines = read_engines(found)
    composed = compose_law(
        samples, system, equations, engines, Operon(), seed, max(threads, processes)
    )
    write_json(law, composed)
    logger.info("%s", composed["law"]["formula"] if composed["law"] else composed["reason"])


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
