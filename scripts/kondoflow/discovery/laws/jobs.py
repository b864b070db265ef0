"""Independent jobs of a search for a law, of which none may be lost without a word."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from kondoflow.files.workers import Workers

logger = logging.getLogger("kondoflow")

Result = TypeVar("Result")


def run(jobs: Mapping[str, Callable[[], Result]], workers: Workers) -> list[Result]:
    """Results of independent jobs, in their order; a job that fails is logged and left out.

    A job whose process was killed is done once more: without it the law would be another.

    Raises:
        MemoryError: If the process of a job is killed twice.
    """
    results: dict[str, Result] = {}
    started = time.monotonic()
    killed = _collect(jobs, workers, results)
    if killed:
        logger.warning("%s: the process was killed, and is started anew", ", ".join(killed))
        killed = _collect({label: jobs[label] for label in killed}, workers, results)
    if killed:
        raise MemoryError(f"{', '.join(killed)}: the process was killed twice")
    logger.info("%d of %d jobs in %.1f s", len(results), len(jobs), time.monotonic() - started)
    return [results[label] for label in jobs if label in results]


def _collect(
    jobs: Mapping[str, Callable[[], Result]], workers: Workers, results: dict[str, Result]
) -> list[str]:
    """Add the results of jobs to others; the labels of those whose process was killed."""
    killed = []
    for label, future in workers.run(jobs):
        try:
            results[label] = future.result()
        except BrokenProcessPool:
            killed.append(label)
        except Exception as error:
            logger.warning("%s failed", label, exc_info=error)
    return killed
