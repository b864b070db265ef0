"""Processes that end with the one that started them.

A job whose Snakemake was killed, or a worker whose job was killed, would otherwise go on and write
its files into those of a later run. Linux ends a worker itself once its parent asks for it
(`PR_SET_PDEATHSIG`, see prctl(2)), also while the worker is inside a library that holds Python's
lock. Elsewhere, and for a process that is not the parent, a thread of its own watches.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

WATCH_EVERY = 0.5  # seconds
PR_SET_PDEATHSIG = 1  # of linux/prctl.h


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


def end_with(pid: int) -> None:
    """Make this process end once the process `pid` has ended."""

    def wait() -> None:
        while _is_alive(pid):
            time.sleep(WATCH_EVERY)

    _watch(wait)


def _watch(wait: Callable[[], object]) -> None:
    def watch() -> None:
        wait()
        os._exit(1)  # at once: what is half-written has a temporary name

    threading.Thread(target=watch, name="orphan watch", daemon=True).start()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
