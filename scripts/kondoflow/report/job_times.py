"""Where the time went: the time and memory of each job, as Snakemake measured them, by rule."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kondoflow.files.engine_files import TARGETS
from kondoflow.report.results import Results
from kondoflow.stage.config import restart_jobs


@dataclass(frozen=True)
class RuleTime:
    """Cost of all jobs of one rule.

    Attributes:
        rule: Name of the rule.
        jobs: Number of benchmark files.
        wall: Sum of the jobs' wall times, s.
        cpu: Sum of the jobs' processor times, s; None where the jobs were too short to be sampled.
        memory: Largest resident set of a job, MB; None likewise.
    """

    rule: str
    jobs: int
    wall: float
    cpu: float | None
    memory: float | None


def rule_times(
    folder: Path, results: Sequence[Results], chunk_sizes: Mapping[str, int | None]
) -> list[RuleTime]:
    """Sum the jobs of some runs by rule, dearest rule first.

    Args:
        folder: Holds <rule>/<ensemble>.tsv, <rule>/<ensemble>/<run>.tsv, for chunks of an ensemble
            <rule>/<ensemble>/<number>.tsv, and for restarts of a run
            <rule>/<ensemble>/<run>/<number>.tsv, or <first>-<last>.tsv of several together.
        results: The runs; files of other runs, and of restarts that other jobs train now, are left
            out.
        chunk_sizes: Samples in a chunk of each computed ensemble. Files of further chunks, from
            larger or differently cut ensembles of the same name, are left out.
    """
    chunks = {}
    for of_run in results:
        size = chunk_sizes.get(of_run.ensemble)
        if size is not None:
            sizes = of_run.spectra.sizes
            chunks[of_run.ensemble] = -(-(sizes["sample"] + sizes.get("rejected", 0)) // size)
    jobs = {(each.ensemble, each.run): restart_jobs(each.settings) for each in results}
    return sum_by_rule(folder, jobs, chunks)


def sum_by_rule(
    folder: Path, runs: Mapping[tuple[str, str], Collection[str]], chunks: Mapping[str, int]
) -> list[RuleTime]:
    """Sum the jobs below a folder by rule, dearest rule first.

    Args:
        folder: Folder of the jobs' times (TSV).
        runs: Names of the jobs that train the restarts, by (ensemble, run); jobs of other runs are
            left out.
        chunks: Number of chunks by ensemble.
    """
    jobs: dict[str, list[dict[str, str]]] = {}
    for path in sorted(folder.rglob("*.tsv")):
        rule, *names = path.relative_to(folder).with_suffix("").parts
        if _is_of(names, runs, chunks):
            with path.open(encoding="utf-8", newline="") as handle:
                jobs.setdefault(rule, []).extend(csv.DictReader(handle, delimiter="\t"))
    times = [_sum(rule, rows) for rule, rows in jobs.items() if rows]
    return sorted(times, key=lambda time: -time.wall)


def _is_of(
    names: Sequence[str], runs: Mapping[tuple[str, str], Collection[str]], chunks: Mapping[str, int]
) -> bool:
    """Whether a file belongs to the runs, and its chunk or restart is still among theirs."""
    match names:
        case [ensemble]:
            return any(ensemble == of_run for of_run, _ in runs)
        case [ensemble, number] if number.isdigit():
            known = any(ensemble == of_run for of_run, _ in runs)
            return known and int(number) < chunks.get(ensemble, 0)
        case [ensemble, run]:
            # Targets that no network decides are sought once for all runs of an ensemble.
            of_all = run == TARGETS and any(ensemble == known for known, _ in runs)
            return of_all or (ensemble, run) in runs
        case [ensemble, run, restarts]:
            return restarts in runs.get((ensemble, run), ())
    return False


def total(times: Sequence[RuleTime]) -> RuleTime:
    """Cost of the jobs of all rules; jobs run side by side, so that less time goes by."""
    return RuleTime(
        "all",
        sum(time.jobs for time in times),
        math.fsum(time.wall for time in times),
        math.fsum(time.cpu for time in times if time.cpu is not None),
        max((time.memory for time in times if time.memory is not None), default=None),
    )


def _sum(rule: str, rows: list[dict[str, str]]) -> RuleTime:
    cpu = _numbers(rows, "cpu_time")
    memory = _numbers(rows, "max_rss")
    return RuleTime(
        rule,
        len(rows),
        math.fsum(_numbers(rows, "s")),
        math.fsum(cpu) if cpu else None,
        max(memory, default=None),
    )


def _numbers(rows: list[dict[str, str]], column: str) -> list[float]:
    values = []
    for row in rows:
        try:
            value = float(row.get(column) or "nan")
        except ValueError:
            continue
        if math.isfinite(value):
            values.append(value)
    return values
