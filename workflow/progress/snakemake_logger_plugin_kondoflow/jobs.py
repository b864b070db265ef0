"""The jobs of a run: which are done, which run and how far, how much time is left."""

from __future__ import annotations

import csv
import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kondoflow.files.progress import MARK, rough

TAIL = 4096  # bytes at the end of a log that are read
LAST = 20  # lines of a log
BENCHMARKS = Path("results/benchmarks")
LEFT = re.compile(r", ([0-9.]+) (s|min|h) left$")
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
SOON = 1.0  # seconds; less is not worth saying


@dataclass
class Job:
    """A job that runs.

    Attributes:
        rule: Its rule.
        words: What it does.
        logs: Its log files.
        threads: Cores that it takes.
        started: When it was started, s.
    """

    rule: str
    words: str
    logs: Sequence[str] = ()
    threads: int = 1
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        # What an earlier run of the job left in its log says nothing of this one.
        self._before = {name: _changed(name) for name in self.logs}
        self._told, self._told_at = "", self.started

    def seconds(self) -> float:
        """How long it has been running, s."""
        return time.monotonic() - self.started

    def progress(self) -> str:
        """How far it is, as the last line of progress in its log says; "" if nothing is said.

        Of the time left that the line tells, the time that has gone by since is taken off.
        """
        told, now = self._last_line(), time.monotonic()
        if told != self._told:
            self._told, self._told_at = told, now
        found = LEFT.search(told)
        if found is None:
            return told
        left = float(found[1]) * SECONDS[found[2]] - (now - self._told_at)
        return told[: found.start()] + (f", {rough(left)} left" if left >= SOON else "")

    def left(self) -> float:
        """Seconds left by its own account, 0 where it gives none."""
        found = LEFT.search(self.progress())
        return float(found[1]) * SECONDS[found[2]] if found else 0.0

    def _last_line(self) -> str:
        for name in self.logs:
            if _changed(name) == self._before[name]:
                continue
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


def _changed(name: str) -> tuple[int, int] | None:
    """By what a file is known to be another: time of its last change and its size."""
    try:
        status = Path(name).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class Jobs:
    """All jobs of a run.

    Attributes:
        cores: Cores that jobs share, or how many jobs run at the same time on a cluster.
        follows: Which rules need what a rule makes.
    """

    def __init__(self, cores: int = 1, benchmarks: Path = BENCHMARKS) -> None:
        self.cores = max(1, cores)
        self.on_cluster = False
        self.running: dict[int, Job] = {}
        self.done: dict[str, list[float]] = defaultdict(list)
        self.failed: dict[int, str] = {}  # words by the number of the job
        self.planned: Counter[str] = Counter()
        self.before = times_before(benchmarks)
        self.follows: dict[str, set[str]] = defaultdict(set)
        self.threads: dict[str, int] = {}

    @property
    def n_done(self) -> int:
        """Number of jobs that have ended well."""
        return sum(map(len, self.done.values()))

    @property
    def n_planned(self) -> int:
        """Number of jobs of the run."""
        return max(sum(self.planned.values()), self.n_done + len(self.running))

    def start(self, number: int, job: Job) -> None:
        """Add a job to those that run."""
        self.running[number] = job
        self.failed.pop(number, None)  # another attempt
        self.threads[job.rule] = job.threads

    def end(self, number: int) -> tuple[Job, float] | None:
        """Take a job from those that run; returns it and its seconds."""
        job = self.running.pop(number, None)
        if job is None:
            return None
        seconds = job.seconds()
        self.done[job.rule].append(seconds)
        return job, seconds

    def fail(self, number: int) -> Job | None:
        """Take a job that has failed from those that run; returns it, if it was one of them."""
        job = self.running.pop(number, None)
        if job is not None:
            self.failed[number] = job.words
        return job

    def progress(self, job: Job) -> str:
        """How far a job is: what it says itself, or else how long it has been running."""
        told = job.progress()
        if told or job.seconds() < SOON:
            return told
        usual = self._known().get(job.rule, 0.0)
        of_usual = f"of about {rough(usual)}" if usual > job.seconds() else "so far"
        return f"{rough(job.seconds())} {of_usual}"

    def seconds_left(self) -> float | None:
        """An estimate of the time left, None where nothing is known of most of it.

        Jobs that are left share the cores, and the rules of a chain come one after another.
        """
        known = self._known()
        waiting = Counter(self.planned)
        waiting.subtract({rule: len(times) for rule, times in self.done.items()})
        waiting.subtract(job.rule for job in self.running.values())
        waiting = +waiting
        unknown = sum(n for rule, n in waiting.items() if rule not in known)
        of_running: dict[str, list[float]] = defaultdict(list)
        for job in self.running.values():
            left = max(job.left(), known.get(job.rule, 0.0) - job.seconds(), 0.0)
            of_running[job.rule].append(left)
            unknown += job.rule not in known
        if unknown > (waiting.total() + len(self.running)) / 2:
            return None
        work = 0.0  # in seconds of a core
        longest: dict[str, float] = {}  # of the jobs of a rule
        for rule in {*waiting, *of_running}:
            times = [*of_running[rule], *[known.get(rule, 0.0)] * waiting[rule]]
            share = 1 if self.on_cluster else min(self.threads.get(rule, 1), self.cores)
            work += share * sum(times)
            longest[rule] = max(max(times), sum(times) * share / self.cores)
        return max(work / self.cores, self._longest_chain(longest))

    def _known(self) -> dict[str, float]:
        """Seconds that a job of a rule takes, by this run or else by those before."""
        times = {**self.before, **{rule: each for rule, each in self.done.items() if each}}
        return {rule: sum(each) / len(each) for rule, each in times.items() if each}

    def _longest_chain(self, seconds: Mapping[str, float]) -> float:
        """The longest time that rules take one after another, each with its seconds."""
        chains: dict[str, float] = {}

        def chain_from(rule: str) -> float:
            if rule not in chains:
                chains[rule] = 0.0  # should rules ever need each other in turn
                further = max(map(chain_from, self.follows[rule]), default=0.0)
                chains[rule] = seconds.get(rule, 0.0) + further
            return chains[rule]

        return max(map(chain_from, [*seconds, *self.follows]), default=0.0)


def end_of_log(names: Sequence[str]) -> list[str]:
    """Why a job failed, by its logs: the line that says it, or else the last lines of each."""
    found = []
    for name in names:
        try:
            lines = Path(name).read_text(errors="replace").splitlines()
        except OSError:
            continue
        if lines and " ERROR " in lines[-1]:
            return [lines[-1].partition(" ERROR ")[2]]
        found += lines[-LAST:]
    return found


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
