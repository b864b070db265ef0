"""The log handler: what Snakemake says, in few words, and a line that tells how far the run is."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from snakemake.logging import DefaultFilter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from kondoflow.files.progress import rough
from snakemake_logger_plugin_kondoflow.asked import check_configuration
from snakemake_logger_plugin_kondoflow.jobs import SOON, Job, Jobs, end_of_log
from snakemake_logger_plugin_kondoflow.screen import block, cleared
from snakemake_logger_plugin_kondoflow.words import duration, in_words

EVERY = {True: 1.0, False: 60.0}  # seconds between two lines: on a terminal, in a log
# Told in other words, or not at all.
SILENT = {LogEvent.JOB_STARTED, LogEvent.PROGRESS}
REFUSED = "is not usable: must be"  # of a `kondoflow.files.errors.InputError`
# What is so in every run is told with --verbose alone.
UNTOLD = (
    "Config file ",
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Using shell: ",
    "Conda environments: ignored",
    "Select jobs to execute",
    "Trying to restart job",
    "Shutting down, this might take some time",
    "Exiting because a job execution failed",
)
ENDED, BY_ITSELF = "RuleException:\nCalledProcessError", "returned non-zero exit status 1."
SIGNAL = re.compile(r"died with <Signals\.(SIG\w+)")
INCOMPLETE = "WorkflowError:\nAt least one job did not complete successfully."


class LogHandler(LogHandlerBase):
    """Writes to the standard error, as Snakemake's own handler does."""

    def __post_init__(self) -> None:
        check_configuration(sys.argv[1:])
        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        given = self.common_settings
        # A terminal without a cursor that moves is written as a log is.
        self.on_terminal = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        quiet = {each.name for each in given.quiet or ()}
        self.only_errors = "ALL" in quiet and not given.dryrun
        self.with_progress = not (given.dryrun or quiet & {"ALL", "PROGRESS"})
        self.jobs = Jobs()
        self.shown = 0  # lines that are to be overwritten
        self.ended = threading.Event()
        if given.dryrun:  # tells what Snakemake's own handler tells
            shown = (given.debug_dag, given.verbose, given.dryrun, given.printshellcmds)
            self.addFilter(DefaultFilter(given.quiet or set(), *shown))
        elif self.with_progress:
            threading.Thread(target=self._tick, daemon=True).start()

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = False
    needs_rulegraph = True

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of an event; what is no event, such as an error, is told as it stands."""
        event = getattr(record, "event", None)
        given = self.common_settings
        if event is LogEvent.RULEGRAPH:
            for link in getattr(record, "rulegraph", {}).get("links", ()):
                self.jobs.follows[link["sourcerule"]].add(link["targetrule"])
        elif event is LogEvent.WORKFLOW_STARTED or (event in SILENT and not given.dryrun):
            return
        elif given.dryrun:
            self._remark(record)
        elif event is LogEvent.RUN_INFO:
            self._plan(getattr(record, "stats", {}))
        elif event is LogEvent.JOB_INFO:
            self._start(record)
        elif event is LogEvent.RESOURCES_INFO:
            nodes, cores = getattr(record, "nodes", None), getattr(record, "cores", None)
            self.jobs.on_cluster |= bool(nodes)
            self.jobs.cores = max(1, int(nodes or cores or self.jobs.cores))
        elif event is LogEvent.JOB_FINISHED:
            ended = self.jobs.end(getattr(record, "job_id", -1))
            if ended and self.with_progress:
                job, seconds = ended
                self._say(f"{self._count()} done: {job.words} ({duration(seconds)})")
        elif event is LogEvent.JOB_ERROR:
            # Of a group each job is told with the group; Snakemake then names each once more.
            if getattr(record, "jobid", -1) not in self.jobs.failed:
                self._fail(record.__dict__)
        elif event is LogEvent.GROUP_ERROR:
            for info in getattr(record, "job_error_info", None) or ():
                self._fail({**info, "aux_logs": getattr(record, "aux_logs", None)})
        elif event is LogEvent.SHELLCMD:
            if given.printshellcmds:
                self._remark(record)
        elif event is LogEvent.DEBUG_DAG:
            if given.debug_dag:
                self._remark(record)
        else:
            self._remark(record)

    def _remark(self, record: logging.LogRecord) -> None:
        """Tell what Snakemake says, unless it is so in every run."""
        if self.only_errors and record.levelno < logging.ERROR:
            return
        text = refusal(self.format(record))
        if not self.common_settings.verbose:
            if text.startswith(UNTOLD) or (text.startswith(ENDED) and text.endswith(BY_ITSELF)):
                return
            if text.startswith(ENDED) and (signal := SIGNAL.search(text)):
                text = f"a process was ended by {signal[1]}"
            if text.strip() == INCOMPLETE:
                text = self._what_is_missing()
        if text.strip():
            self._say(text)

    def _fail(self, info: Mapping[str, Any]) -> None:
        """Tell that a job has failed, where its log is, and why if that was not seen here."""
        words = in_words(str(info.get("rule_name", "job")), info.get("wildcards") or {})
        job = self.jobs.fail(int(info.get("jobid", -1)))
        logs = [str(each) for each in [*info.get("log", ()), *(info.get("aux_logs") or ())]]
        after = f" after {duration(job.seconds())}" if job else ""
        where = f"; log: {', '.join(logs)}" if logs else ""
        told = [f"failed: {job.words if job else words}{after}{where}"]
        if info.get("rule_msg"):  # of a cluster
            told.append(str(info["rule_msg"]))
        if self.jobs.on_cluster and self.common_settings.show_failed_logs:
            told += end_of_log(logs)
        self._say("\n  ".join(told))

    def _what_is_missing(self) -> str:
        """The last line of a run that was not completed."""
        goes_on = "what is done is kept, and the same command goes on from there"
        n = len(self.jobs.failed)
        if not n:
            return f"error: the run was ended, {self._count()} jobs are done; {goes_on}"
        names = "; ".join(self.jobs.failed.values())
        jobs = f"{n} job{'s' if n != 1 else ''} failed ({names})"
        return f"error: {jobs}, {self._count()} jobs are done; {goes_on}"

    def _plan(self, stats: object) -> None:
        if isinstance(stats, dict):
            counts = {rule: n for rule, n in stats.items() if isinstance(n, int)}
            self.jobs.planned.update({rule: n for rule, n in counts.items() if rule != "total"})
            self.jobs.planned.pop("all", None)
        n, left = self.jobs.n_planned, self.jobs.seconds_left()
        known = "" if left is None else f", about {rough(left)} as runs before took"
        if self.with_progress:
            self._say(f"{n} job{'s' if n != 1 else ''} to do{known}")

    def _start(self, record: logging.LogRecord) -> None:
        rule = str(getattr(record, "rule_name", "job"))
        if rule == "all":
            return
        words = in_words(rule, dict(getattr(record, "wildcards", None) or {}))
        logs = [str(name) for name in getattr(record, "log", None) or ()]
        threads = int(getattr(record, "threads", None) or 1)
        self.jobs.start(int(getattr(record, "jobid", -1)), Job(rule, words, logs, threads))
        if self.with_progress and not self.on_terminal:
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
        about = "" if left is None or left < SOON else f", about {rough(left)} left"
        headline = f"{self._count()} jobs{about}"
        running = [(job.words, self.jobs.progress(job)) for job in self.jobs.running.values()]
        if not self.on_terminal:
            words = "; ".join(": ".join(filter(None, job)) for job in running)
            self._write(f"[{time.strftime('%H:%M:%S')}] {headline}: {words}\n")
            return
        share = self.jobs.n_done / max(1, self.jobs.n_planned)
        lines = block(share, headline, running, *self._size())
        self._write(cleared(self.shown) + "\n".join(lines))
        self.shown = len(lines)

    def _size(self) -> tuple[int, int]:
        """Columns and rows of the terminal that is written to, which need not be the output's."""
        try:
            columns, rows = os.get_terminal_size(self.stream.fileno())
        except (OSError, ValueError):
            columns = rows = 0
        known = shutil.get_terminal_size()
        return columns or known.columns, rows or known.lines

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
