"""Processes that end with the one that started them.

A job whose Snakemake was killed, or a worker whose job was killed, would otherwise go on and write
its files into those of a later run. Linux ends a worker itself once its parent asks for it
(`PR_SET_PDEATHSIG`, see prctl(2)), also while the worker is inside a library that holds Python's
lock. Elsewhere, and for a process that is not the parent, a thread of its own watches.

A process that has ended keeps its number until its parent asks for its status, which a notebook or
a container without an init process may never do; later the number may go to another process. So a
process counts as the same only while its start time is, and as alive only while it is no zombie.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

SNAKEMAKE = "KONDOFLOW_SNAKEMAKE"  # environment variable with the mark of a job's Snakemake
WATCH_EVERY = 0.5  # seconds
PR_SET_PDEATHSIG = 1  # of linux/prctl.h
FIELD_OF_START = 18  # of /proc/<pid>/stat, counted from the one after the state


def end_with_parent() -> None:
    """Make this worker process end once the process that spawned it has ended."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    _watch(parent.join)
    if sys.platform == "linux":
        # Where the system forbids the call, the watch is left.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # it ended before the call
            os._exit(1)


def process_mark(pid: int) -> str:
    """Number and start time of a living process, by which `end_with` knows it again."""
    return f"{pid} {_start_time(pid) or ''}".strip()


def end_with(mark: str) -> None:
    """Make this process end once another one has ended.

    Args:
        mark: What `process_mark` said of the other process.
    """
    number, _, started = mark.partition(" ")

    def wait() -> None:
        while (now := _start_time(int(number))) is not None and now == (started or now):
            time.sleep(WATCH_EVERY)

    _watch(wait)


def _watch(wait: Callable[[], object]) -> None:
    def watch() -> None:
        wait()
        os._exit(1)  # at once: what is half-written has a temporary name

    threading.Thread(target=watch, name="orphan watch", daemon=True).start()


def _start_time(pid: int) -> str | None:
    """When a process started, in the system's own words; None if it has ended."""
    if sys.platform == "linux":
        try:
            # The name of the program, in parentheses, may hold anything (see proc(5)).
            state, *fields = (
                Path(f"/proc/{pid}/stat").read_text("latin-1").rpartition(")")[2].split()
            )
        except OSError:
            return None
        return None if state in "ZX" else fields[FIELD_OF_START]
    command = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    return " ".join(printed[1:]) if printed and not printed[0].startswith("Z") else None
