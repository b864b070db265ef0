"""Independent pieces of work on all cores of a job, this process among them.

A worker is a new Python that takes a second or more to load its libraries. This process has them
already, so it works too: workers take the items from the front, it takes them from the back. What
all pieces of work share goes to each worker once.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from kondoflow.files.orphans import end_with_parent

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Shared, Item], Result],
    shared: Shared,
    items: Sequence[Item],
    processes: int,
) -> list[Result]:
    """Do the same work on each of some items, each with one thread.

    Args:
        work: What is done, a function of a module.
        shared: What it needs for all items. It can be pickled, as items and results can.
        items: The items.
        processes: Largest number of processes, this one included.

    Returns:
        The results, in the order of the items. An item whose process was killed is done here once
        more.
    """
    n_workers = min(processes, len(items)) - 1
    with threadpool_limits(1):  # sums over several threads round differently
        if n_workers < 1:
            return [work(shared, item) for item in items]
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(n_workers, context, _start_with, (shared,)) as pool:
            futures = [pool.submit(_in_worker, work, item) for item in items]
            try:
                done = {
                    index: work(shared, items[index])
                    for index in reversed(range(len(items)))
                    if futures[index].cancel()
                }
                return [
                    done[index] if index in done else _of_worker(futures[index], work, shared, item)
                    for index, item in enumerate(items)
                ]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _of_worker(
    future: Future[Result], work: Callable[[Shared, Item], Result], shared: Shared, item: Item
) -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        return work(shared, item)


_of_all: list[Any] = []  # in a worker: what the pieces of work share


def start_worker() -> None:
    """Make this process a worker of one thread that ends with the process that started it."""
    end_with_parent()
    threadpool_limits(1)


def _start_with(shared: Any) -> None:
    start_worker()
    _of_all.append(shared)


def _in_worker(work: Callable[[Any, Item], Result], item: Item) -> Result:
    return work(_of_all[0], item)
