"""Processes that end with the one that started them.

A job whose Snakemake was killed, or a worker whose job was killed, would otherwise go on and write
its files into those of a later run. Nothing portable makes the system end it, so that a thread of
its own watches.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable

WATCH_EVERY = 0.5  # seconds


def end_with_parent() -> None:
    """Make this worker process end once the process that spawned it has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _watch(parent.join)


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
