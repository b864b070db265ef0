"""The jobs of a run: which are done, which run and how far, how much time is left."""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MARK = "progress: "  # before a line of progress in a log, see kondoflow.files.progress
TAIL = 4096  # bytes at the end of a log that are read
BENCHMARKS = Path("results/benchmarks")


@dataclass
class Job:
    """A job that runs.

    Attributes:
        rule: Its rule.
        words: What it does.
        logs: Its log files.
        started: When it was started, s.
    """

    rule: str
    words: str
    logs: Sequence[str] = ()
    started: float = field(default_factory=time.monotonic)

    def progress(self) -> str:
        """How far it is, as the last line of progress in its log says; "" if nothing is said."""
        for name in self.logs:
            try:
                with Path(name).open("rb") as handle:
                    handle.seek(max(0, handle.seek(0, 2) - TAIL))
                    text = handle.read().decode(errors="replace")
            except OSError:
                continue
            found = [line for line in text.splitlines() if MARK in line]
            if found:
                return found[-1].partition(MARK)[2].strip()
        return ""


class Jobs:
    """All jobs of a run."""

    def __init__(self, cores: int = 1, benchmarks: Path = BENCHMARKS) -> None:
        self.cores = max(1, cores)
        self.running: dict[int, Job] = {}
        self.done: dict[str, list[float]] = defaultdict(list)
        self.planned: Counter[str] = Counter()
        self.before = times_before(benchmarks)
        self.started = time.monotonic()

    @property
    def n_done(self) -> int:
        """Number of jobs that have ended well."""
        return sum(map(len, self.done.values()))

    @property
    def n_planned(self) -> int:
        """Number of jobs of the run."""
        return max(sum(self.planned.values()), self.n_done + len(self.running))

    def end(self, number: int) -> tuple[Job, float] | None:
        """Take a job from those that run; returns it and its seconds."""
        job = self.running.pop(number, None)
        if job is None:
            return None
        seconds = time.monotonic() - job.started
        self.done[job.rule].append(seconds)
        return job, seconds

    def seconds_left(self) -> float | None:
        """An estimate of the time left, None where nothing is known of most of it.

        Jobs that are left share the cores, and none ends before the longest that runs.
        """
        known = {rule: sum(times) / len(times) for rule, times in self.before.items()}
        known |= {rule: sum(times) / len(times) for rule, times in self.done.items()}
        left = Counter(self.planned)
        left.subtract({rule: len(times) for rule, times in self.done.items()})
        now = time.monotonic()
        of_running: list[float] = []
        for job in self.running.values():
            left[job.rule] -= 1
            if job.rule in known:
                of_running.append(max(0.0, known[job.rule] - (now - job.started)))
        waiting = {rule: n for rule, n in left.items() if n > 0}
        unknown = sum(n for rule, n in waiting.items() if rule not in known)
        unknown += len(self.running) - len(of_running)
        if unknown > (sum(waiting.values()) + len(self.running)) / 2:
            return None
        work = sum(n * known.get(rule, 0.0) for rule, n in waiting.items()) + sum(of_running)
        return max([work / self.cores, *of_running])


def times_before(folder: Path) -> Mapping[str, Sequence[float]]:
    """Seconds that the jobs of each rule took, as Snakemake's benchmark files tell."""
    found: dict[str, list[float]] = defaultdict(list)
    for path in sorted(folder.rglob("*.tsv")):
        rule = path.relative_to(folder).with_suffix("").parts[0]
        try:
            with path.open(encoding="utf-8", newline="") as handle:
                found[rule] += [float(row["s"]) for row in csv.DictReader(handle, delimiter="\t")]
        except (OSError, ValueError, KeyError):
            continue
    return found
