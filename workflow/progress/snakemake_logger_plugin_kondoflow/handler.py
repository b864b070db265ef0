"""The log handler: what Snakemake says, in few words, and a line that tells how far the run is."""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import time

from snakemake.logging import DefaultFilter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_kondoflow.asked import check_configuration
from snakemake_logger_plugin_kondoflow.jobs import Job, Jobs
from snakemake_logger_plugin_kondoflow.screen import block, cleared
from snakemake_logger_plugin_kondoflow.words import in_words

EVERY = {True: 1.0, False: 60.0}  # seconds between two lines: on a terminal, in a log
# Told in other words, or not at all.
SILENT = {
    LogEvent.JOB_STARTED,
    LogEvent.PROGRESS,
    LogEvent.WORKFLOW_STARTED,
    LogEvent.RULEGRAPH,
    LogEvent.DEBUG_DAG,
    LogEvent.SHELLCMD,
}
REFUSED = "is not usable: must be"  # of a `kondoflow.files.errors.InputError`
UNTOLD = ("Building DAG of jobs", "Select jobs to execute", "Conda environments: ignored")


class LogHandler(LogHandlerBase):
    """Writes to the standard error, as Snakemake's own handler does."""

    def __post_init__(self) -> None:
        check_configuration(sys.argv[1:])
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self.on_terminal = self.stream.isatty() and not self.common_settings.dryrun
        self.jobs = Jobs()
        self.shown = 0  # lines that are to be overwritten
        self.ended = threading.Event()
        if self.common_settings.dryrun:  # tells what Snakemake's own handler tells
            given = self.common_settings
            shown = (given.debug_dag, given.verbose, given.dryrun, given.printshellcmds)
            self.addFilter(DefaultFilter(given.quiet or set(), *shown))
        else:
            threading.Thread(target=self._tick, daemon=True).start()

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = False
    needs_rulegraph = False

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of an event; what is no event, such as an error, is told as it stands."""
        event = getattr(record, "event", None)
        if self.common_settings.dryrun:
            self._say(refusal(self.format(record)))
            return
        match event:
            case LogEvent.RUN_INFO:
                self._plan(getattr(record, "stats", {}))
            case LogEvent.JOB_INFO:
                self._start(record)
            case LogEvent.RESOURCES_INFO:
                self.jobs.cores = max(1, int(getattr(record, "cores", None) or self.jobs.cores))
            case LogEvent.JOB_FINISHED:
                ended = self.jobs.end(getattr(record, "job_id", -1))
                if ended:
                    job, seconds = ended
                    self._say(f"{self._count()} done: {job.words} ({duration(seconds)})")
            case LogEvent.JOB_ERROR:
                self.jobs.running.pop(getattr(record, "jobid", -1), None)
                self._say(self.format(record))
            case _ if event in SILENT:
                return
            case _:
                text = refusal(self.format(record))
                if text.strip() and not text.startswith(UNTOLD):
                    self._say(text)

    def _plan(self, stats: object) -> None:
        if isinstance(stats, dict):
            counts = {rule: n for rule, n in stats.items() if isinstance(n, int)}
            self.jobs.planned.update({rule: n for rule, n in counts.items() if rule != "total"})
            self.jobs.planned.pop("all", None)
        n, left = self.jobs.n_planned, self.jobs.seconds_left()
        known = "" if left is None else f", about {duration(left)} as runs before took"
        self._say(f"{n} job{'s' if n != 1 else ''} to do{known}")

    def _start(self, record: logging.LogRecord) -> None:
        rule = str(getattr(record, "rule_name", "job"))
        if rule == "all":
            return
        words = in_words(rule, dict(getattr(record, "wildcards", None) or {}))
        logs = [str(name) for name in getattr(record, "log", None) or ()]
        self.jobs.running[int(getattr(record, "jobid", -1))] = Job(rule, words, logs)
        if not self.on_terminal:
            self._say(f"started: {words}")

    def _count(self) -> str:
        return f"{self.jobs.n_done} of {self.jobs.n_planned}"

    def _tick(self) -> None:
        while not self.ended.wait(EVERY[self.on_terminal]):
            with self.lock or threading.RLock():
                if self.jobs.running:
                    self._show()

    def _show(self) -> None:
        """What runs and how far it is: lines in place on a terminal, one line in a log."""
        left = self.jobs.seconds_left()
        about = "" if left is None else f", about {duration(left)} left"
        headline = f"{self._count()} jobs{about}"
        running = [(job.words, job.progress()) for job in self.jobs.running.values()]
        if not self.on_terminal:
            words = "; ".join(": ".join(filter(None, job)) for job in running)
            self._write(f"[{time.strftime('%H:%M:%S')}] {headline}: {words}\n")
            return
        share = self.jobs.n_done / max(1, self.jobs.n_planned)
        lines = block(share, headline, running, *shutil.get_terminal_size())
        self._write(cleared(self.shown) + "\n".join(lines))
        self.shown = len(lines)

    def _say(self, text: str) -> None:
        self._write(f"{cleared(self.shown)}{text}\n")
        self.shown = 0

    def _write(self, text: str) -> None:
        try:
            self.stream.write(text)
            self.stream.flush()
        except (OSError, ValueError):  # the terminal is gone
            self.ended.set()

    def close(self) -> None:
        """Take the line away and end."""
        self.ended.set()
        if self.shown:
            self._write(cleared(self.shown))
            self.shown = 0
        super().close()


def refusal(text: str) -> str:
    """What Snakemake says of an error; of a refused input without the lines of code around it."""
    if not text.startswith("WorkflowError in file") or REFUSED not in text:
        return text
    lines = text.splitlines()[1:]
    return "error: " + "\n".join(line for line in lines if not line.startswith('  File "'))


def duration(seconds: float) -> str:
    """A time: `0.4 s`, `40 s`, `12 min`, `3.5 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 99.5 else f"{minutes / 60:.1f} h"
