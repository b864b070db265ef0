"""Processes with one thread each, for independent jobs whose order does not matter.

Processes are spawned, not forked: engines hold threads and runtimes that do not survive a fork.
The numerical libraries are told to use one thread before a worker loads them, because more would
compete for the same cores and round differently.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from kondoflow.files.orphans import end_with_parent

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@contextmanager
def single_threaded_pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of spawned processes; jobs not yet started are dropped on an exception."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max(1, processes), context, initializer=end_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
