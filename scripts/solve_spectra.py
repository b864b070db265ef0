"""Solve a chunk of an ensemble, or points of the user's choice, by NRG.

Solutions are spread over worker processes, one a core. Finished ones are saved every few seconds
beside the output, so that a job that was killed goes on where it stood: a saved solution is taken
over if its parameters, the solver's settings and the version of the code (`--code`; the rule gives
a hash, without it that of the solver counts) are the same. So are those in an output that is
already there: a chunk that grows solves what is new. With `keep_raw` the peaks are written beside
the output too, and a later run that changes nothing but the broadening, the estimator or the stored
grid starts from them.

    python scripts/solve_spectra.py --points points.csv --output spectra.nc
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from tqdm import tqdm

from kondoflow.files.contract import assemble
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.stage.entry import Input, Option, Output, Setting, Threads, run_stage
from kondoflow.stage.fingerprint import solver_fingerprint
from kondoflow.systems.anderson.contract import PARAMETERS, SPECTRA, SPINS, STATUSES
from kondoflow.systems.anderson.model import Impurity
from kondoflow.systems.anderson.raw_file import read_raw, write_raw
from kondoflow.systems.anderson.solver import Raw, Settings, Solution, finish
from kondoflow.systems.anderson.workers import solve_all
from kondoflow.systems.points import read_points

logger = logging.getLogger("kondoflow")

SAVE_EVERY = 2.0  # seconds between saves of unfinished work, at least,
SAVE_SHARE = 0.03  # and so many that saving takes no more than this share of the time
BEFORE_BROADENING = ("Lambda", "n_z", "n_keep", "susceptibility")
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
    n_points = len(values["U"])
    if not 0 <= first < n_points:
        raise InputError(points, "first", first, f"a sample of the file, 0 .. {n_points - 1}")
    if first + n_samples > n_points:
        raise InputError(
            points, "n_samples", n_samples, f"at most {n_points - first} from {first} on"
        )
    for name, value, least in (("n_samples", n_samples, 0), ("threads", threads, 1)):
        if value < least:
            raise InputError("command line", name, value, f"at least {least}")
    stop = first + n_samples if n_samples else None
    impurities = [
        Impurity(*map(float, row))
        for row in zip(*(values[name][first:stop] for name in PARAMETERS), strict=True)
    ]
    for impurity in impurities:
        impurity.check(points)
    settings = Settings.from_config(solver, omega)
    fingerprint = solver_fingerprint(solver, omega, code)
    work: _Unfinished | _KeptPeaks
    if settings.keep_raw:
        peaks_print = solver_fingerprint(
            {name: solver[name] for name in BEFORE_BROADENING}, {}, code
        )
        work = _KeptPeaks(output.with_suffix(".raw.nc"), impurities, settings, peaks_print)
    else:
        saved = output.with_name(f".{output.name}.saved.nc")
        work = _Unfinished(saved, [output, saved], impurities, settings.omega, fingerprint)
    solutions = work.take_over()
    logger.info("%d saved solutions taken over", len(solutions))
    todo = [index for index in range(len(impurities)) if index not in solutions]
    logger.info("%d of %d solutions to find, %d processes", len(todo), len(impurities), threads)
    next_save = time.monotonic() + SAVE_EVERY
    bar = tqdm(total=len(impurities), initial=len(solutions), desc=output.stem, disable=None)
    with bar:
        found = solve_all([impurities[index] for index in todo], settings, threads)
        for position, solution in found:
            solutions[todo[position]] = solution
            bar.update()
            if time.monotonic() >= next_save:
                began = time.monotonic()
                work.save(solutions)
                ended = time.monotonic()
                next_save = ended + max(SAVE_EVERY, (ended - began) / SAVE_SHARE)
    _write(output, impurities, solutions, settings.omega, fingerprint)
    work.finish(solutions)
    seconds = sum(solution.cpu_seconds for solution in solutions.values())
    logger.info("%.3f CPU seconds a spectrum", seconds / len(solutions))
    statuses = Counter(STATUSES[solution.status] for solution in solutions.values())
    logger.info("%s", ", ".join(f"{n} {status}" for status, n in sorted(statuses.items())))


def _write(
    path: Path,
    impurities: list[Impurity],
    solutions: Mapping[int, Solution],
    omega: np.ndarray,
    fingerprint: str,
) -> None:
    """Write the solutions found so far, in the order of their samples."""
    order = sorted(solutions)
    values: dict[str, np.ndarray] = {"omega": omega}
    for name in PARAMETERS:
        values[name] = np.array([getattr(impurities[index], name) for index in order])
    for name in RESULTS:
        values[name] = np.array([getattr(solutions[index], name) for index in order])
    attributes = {"title": "Spectral functions", "fingerprint": fingerprint}
    write_dataset(path, assemble(values, SPECTRA, attributes, {"spin": np.array(SPINS)}))


class _Unfinished:
    """Solutions of a job that is still running, gone once it has ended."""

    def __init__(
        self,
        path: Path,
        earlier: list[Path],
        impurities: list[Impurity],
        omega: np.ndarray,
        fingerprint: str,
    ) -> None:
        self._path, self._earlier = path, earlier
        self._impurities, self._omega, self._fingerprint = impurities, omega, fingerprint

    def take_over(self) -> dict[int, Solution]:
        """Solutions of earlier jobs, ended or not, by the index of the sample they belong to."""
        found: dict[int, Solution] = {}
        for path in self._earlier:
            found |= self._taken_from(path)
        return found

    def _taken_from(self, path: Path) -> dict[int, Solution]:
        dataset = _readable(path, read_dataset)
        if dataset is None:
            return {}
        if dataset.attrs.get("fingerprint") != self._fingerprint:
            logger.info("saved work belongs to other settings or code and is done again")
            return {}
        parameters = zip(*(dataset[name].to_numpy().tolist() for name in PARAMETERS), strict=True)
        rows = {Impurity(*values): row for row, values in enumerate(parameters)}
        columns = {name: dataset[name].to_numpy() for name in RESULTS}
        return {
            index: Solution(
                **{name: column[rows[impurity]] for name, column in columns.items()}, raw=None
            )
            for index, impurity in enumerate(self._impurities)
            if impurity in rows
        }

    def save(self, solutions: Mapping[int, Solution]) -> None:
        """Write what has been found."""
        _write(self._path, self._impurities, solutions, self._omega, self._fingerprint)

    def finish(self, solutions: Mapping[int, Solution]) -> None:
        """Forget them: they stand in the output."""
        del solutions
        self._path.unlink(missing_ok=True)


class _KeptPeaks:
    """Peaks that stay beside the output; taking them over means to broaden them again."""

    def __init__(
        self, path: Path, impurities: list[Impurity], settings: Settings, fingerprint: str
    ) -> None:
        self._path, self._impurities, self._settings = path, impurities, settings
        self._fingerprint = fingerprint

    def take_over(self) -> dict[int, Solution]:
        """Solutions from the peaks of an earlier job, by the index of their sample."""
        found = _readable(self._path, read_raw)
        if found is None or found[0] != self._fingerprint:
            return {}
        results: Mapping[Impurity, Raw] = found[1]
        return {
            index: finish(impurity, results[impurity], self._settings)
            for index, impurity in enumerate(self._impurities)
            if impurity in results
        }

    def save(self, solutions: Mapping[int, Solution]) -> None:
        """Write the peaks that have been found."""
        peaks = {index: solutions[index].raw for index in sorted(solutions)}
        kept = {index: raw for index, raw in peaks.items() if raw is not None}
        impurities = [self._impurities[index] for index in kept]
        if kept:
            write_raw(self._path, impurities, list(kept.values()), self._fingerprint)

    finish = save


def _readable(path: Path, read: Callable[[Path], Any]) -> Any:
    """What a file of saved work holds; None if there is none or it is damaged."""
    if not path.is_file():
        return None
    try:
        return read(path)
    except InputError as error:
        logger.warning("saved work is not readable and is done again: %s", error)
        return None


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
