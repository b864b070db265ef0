"""Draw the parameter sets of a chunk of an ensemble, or take the user's own points.

The box, its acceptance windows and the sampling method come from the configuration (see
`systems.sampling`). Where the ensemble has `points`, the parameter sets come from that file. Every
parameter set is checked against the bounds of the system before anything is computed.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from kondoflow.files.contract import assemble
from kondoflow.files.netcdf import write_dataset
from kondoflow.stage.entry import Option, Output, Setting, run_stage
from kondoflow.systems.points import check_that_some_differ, read_points
from kondoflow.systems.registry import find_system
from kondoflow.systems.sampling import sample_ensemble

logger = logging.getLogger("kondoflow")


def main(
    *,
    parameters: Annotated[Path, Output("netCDF file of the parameter sets")],
    ensemble: Annotated[dict[str, Any], Setting("ensemble")],
    seed: Annotated[int, Setting("ensemble_seed")],
    first: Annotated[int, Option("first sample (0)")] = 0,
    n_samples: Annotated[int, Option("number of samples (all)")] = 0,
) -> None:
    """Write the parameter sets first .. first + n_samples - 1 of one ensemble."""
    solver = ensemble.get("solver", {})
    system = find_system(ensemble["system"]).with_defaults(solver)
    stop = first + n_samples if n_samples else None
    if "points" in ensemble:
        source = ensemble["points"]
        values = read_points(Path(source), system.accepted)
        check_that_some_differ(values, source)
    else:
        source = "ensemble"
        values = sample_ensemble(ensemble, seed, stop)
    values = {name: column[first:stop] for name, column in values.items()}
    system = system.using(values)
    system.check(values, source)
    system.meaning.check_points(values, solver, source)
    attributes = {"title": "Parameters", "system": system.name, "seed": seed}
    dataset = assemble(values, system.variables, attributes)
    write_dataset(parameters, dataset)
    extent = {name: (float(np.min(v)), float(np.max(v))) for name, v in values.items()}
    logger.info("%d parameter sets, ranges %s", dataset.sizes["sample"], extent)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
