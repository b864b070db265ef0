"""Solve a chunk of an ensemble, or points of the user's choice.

Solutions are spread over worker processes, one for each core. They are saved every few seconds
beside the output, so that a job that was killed goes on where it stood (see `systems.saved_work`).
Solutions in an output that is already there are taken over too: a chunk that grows solves only the
new samples. With `keep_raw` the intermediate results stay beside the output, and a later run that
changes only the last step of the solution starts from them.

    python scripts/solve_spectra.py --points points.csv --output spectra.nc

solves points of the system of the first run's ensemble, with the ensemble's settings; `--config`
and `--ensemble` choose another. `--sweep T=1e-6:1e-1:20` solves each point at twenty temperatures,
which share the diagonalisation of a chain where they ask for the same number of sites;
`--sweep T=1e-6,1e-5` names the values.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from kondoflow.stage.entry import Input, Option, Output, Setting, Threads, run_stage
from kondoflow.systems.chunks import check_range, solve_chunk
from kondoflow.systems.points import read_points, read_sweep, split_rows, with_sweep
from kondoflow.systems.registry import find_system


def main(
    *,
    points: Annotated[Path, Input("CSV or netCDF of parameter sets, a column for each parameter")],
    output: Annotated[Path, Output("netCDF file of the spectra")],
    threads: Annotated[int, Threads()],
    system: Annotated[str, Setting("system_name")],
    solver: Annotated[dict[str, Any], Setting("solver")],
    omega: Annotated[dict[str, Any], Setting("omega")],
    sweep: Annotated[
        str, Option("values of one parameter for each point, such as T=1e-6,1e-5")
    ] = "",
    first: Annotated[int, Option("first sample to solve (0)")] = 0,
    n_samples: Annotated[int, Option("number of samples to solve (all)")] = 0,
    code: Annotated[str, Option("version of the solver's code, to tell saved work apart")] = "",
) -> None:
    """Solve the samples first .. first + n_samples - 1 of a file of points."""
    description = find_system(system).with_defaults(solver)
    accepted = dict(description.accepted)
    if sweep:
        name, steps = read_sweep(sweep, accepted)
        accepted[name] = replace(accepted[name], default=float(steps[0]))
    values = read_points(points, accepted)
    if sweep:
        values = with_sweep(values, name, steps)
    description = description.using(values)
    chosen = check_range(len(next(iter(values.values()))), first, n_samples, points, threads)
    values = {name: column[chosen] for name, column in values.items()}
    description.check(values, points)
    description.meaning.check_points(values, solver, points)
    solve_chunk(description, split_rows(values), output, solver, omega, threads, code)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
