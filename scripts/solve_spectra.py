"""Solve a chunk of an ensemble, or points of the user's choice, by NRG.

Solutions are spread over worker processes, one a core. Finished ones are saved every half minute
beside the output, so that a job that was killed goes on where it stood: a saved solution is taken
over if its parameters, the solver's settings and the code are the same.

    python scripts/solve_spectra.py --points points.csv --output spectra.nc
"""

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import xarray as xr
from tqdm import tqdm

from anderson.model import Impurity
from anderson.solver import Settings, Solution
from anderson.workers import solve_all
from datafiles.contract import PARAMETERS, SPECTRA, SPINS, assemble
from datafiles.errors import InputError
from datafiles.netcdf import read_dataset, write_dataset
from datafiles.points import read_points
from stage.entry import Input, Option, Output, Setting, Threads, run_stage

logger = logging.getLogger("kondoflow")

SAVE_EVERY = 30.0  # seconds between saves of unfinished work
RESULTS = [field.name for field in fields(Solution) if field.name in SPECTRA]


def main(
    *,
    points: Annotated[Path, Input("CSV (U, Gamma, eps_d, B, T) or netCDF of parameter sets")],
    output: Annotated[Path, Output("netCDF file of the spectra")],
    threads: Annotated[int, Threads()],
    solver: Annotated[dict[str, Any], Setting("solver")],
    omega: Annotated[dict[str, Any], Setting("omega")],
    first: Annotated[int, Option("first sample to solve (0)")] = 0,
    n_samples: Annotated[int, Option("number of samples to solve (all)")] = 0,
    code: Annotated[str, Option("version of the solver's code, to tell saved work apart")] = "",
) -> None:
    """Solve the samples first .. first + n_samples - 1 of a file of points."""
    values = read_points(points)
    stop = first + n_samples if n_samples else None
    impurities = [
        Impurity(*map(float, row))
        for row in zip(*(values[name][first:stop] for name in PARAMETERS), strict=True)
    ]
    for impurity in impurities:
        impurity.check(points)
    settings = Settings.from_config(solver, omega)
    fingerprint = _fingerprint(solver, omega, code)
    saved = output.with_name(f".{output.name}.saved.nc")
    solutions = _take_over(saved, impurities, fingerprint)
    todo = [index for index in range(len(impurities)) if index not in solutions]
    logger.info("%d of %d solutions to find, %d processes", len(todo), len(impurities), threads)
    last_save = time.monotonic()
    bar = tqdm(total=len(impurities), initial=len(solutions), desc=output.stem, disable=None)
    with bar:
        found = solve_all([impurities[index] for index in todo], settings, threads)
        for position, solution in found:
            solutions[todo[position]] = {name: getattr(solution, name) for name in RESULTS}
            bar.update()
            if time.monotonic() - last_save > SAVE_EVERY:
                _save(saved, impurities, solutions, settings, fingerprint)
                last_save = time.monotonic()
    _save(output, impurities, solutions, settings, fingerprint)
    saved.unlink(missing_ok=True)
    seconds = sum(float(solution["cpu_seconds"]) for solution in solutions.values())
    logger.info("%.3f CPU seconds a spectrum", seconds / len(solutions))


def _fingerprint(solver: Mapping[str, Any], omega: Mapping[str, Any], code: str) -> str:
    text = json.dumps([dict(solver), dict(omega), code], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _save(
    path: Path,
    impurities: list[Impurity],
    solutions: dict[int, dict[str, Any]],
    settings: Settings,
    fingerprint: str,
) -> None:
    """Write the solutions found so far, in the order of their samples."""
    order = sorted(solutions)
    values: dict[str, np.ndarray] = {"omega": settings.omega}
    for name in PARAMETERS:
        values[name] = np.array([getattr(impurities[index], name) for index in order])
    for name in RESULTS:
        values[name] = np.array([solutions[index][name] for index in order])
    attributes = {"title": "Spectral functions", "fingerprint": fingerprint}
    write_dataset(path, assemble(values, SPECTRA, attributes, {"spin": np.array(SPINS)}))


def _take_over(
    saved: Path, impurities: list[Impurity], fingerprint: str
) -> dict[int, dict[str, Any]]:
    """Solutions of an earlier, interrupted job, by the index of the sample they belong to."""
    if not saved.is_file():
        return {}
    try:
        dataset = read_dataset(saved)
    except InputError as error:
        logger.warning("saved work is not readable and is done again: %s", error)
        return {}
    if dataset.attrs.get("fingerprint") != fingerprint:
        logger.info("saved work belongs to other settings or code and is done again")
        return {}
    rows = {key: row for row, key in enumerate(_keys(dataset))}
    keys = [tuple(getattr(impurity, name) for name in PARAMETERS) for impurity in impurities]
    taken = {
        index: {name: dataset[name].to_numpy()[rows[key]] for name in RESULTS}
        for index, key in enumerate(keys)
        if key in rows
    }
    logger.info("%d saved solutions taken over", len(taken))
    return taken


def _keys(dataset: xr.Dataset) -> list[tuple[float, ...]]:
    columns = [dataset[name].to_numpy().tolist() for name in PARAMETERS]
    return list(zip(*columns, strict=True))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
