"""Independent pieces of work on all cores of a job, this process among them.

A worker is a new Python that takes a second or more to load its libraries. This process has them
already, so it works too: workers take the pieces from the front, it takes them from the back.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from threadpoolctl import threadpool_limits

from kondoflow.files.orphans import end_with_parent

Result = TypeVar("Result")


def side_by_side(pieces: Sequence[Callable[[], Result]], processes: int) -> list[Result]:
    """Do independent pieces of work, each with one thread.

    Args:
        pieces: Functions that can be pickled.
        processes: Largest number of processes, this one included.

    Returns:
        Their results, in order. A piece whose process was killed is done here once more.
    """
    n_workers = min(processes, len(pieces)) - 1
    with threadpool_limits(1):  # sums over several threads round differently
        if n_workers < 1:
            return [piece() for piece in pieces]
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(n_workers, context, initializer=start_worker) as pool:
            futures = [pool.submit(piece) for piece in pieces]
            try:
                done = {
                    index: pieces[index]()
                    for index in reversed(range(len(pieces)))
                    if futures[index].cancel()
                }
                return [
                    done[index] if index in done else _of_worker(futures[index], piece)
                    for index, piece in enumerate(pieces)
                ]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _of_worker(future: Future[Result], piece: Callable[[], Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        return piece()


def start_worker() -> None:
    """Make a worker process end with its parent and calculate with one thread."""
    end_with_parent()
    threadpool_limits(1)
