"""Independent jobs over processes, each with one thread, in an order that does not matter.

Processes are spawned, not forked: engines hold threads and runtimes that do not survive a fork.
The numerical libraries are told to use one thread before a worker loads them, because more would
compete for the same cores and round differently.

Every worker is a pool of its own, so that a process that dies takes its own job with it and no
other. An interrupt ends the workers at once, and they end with the process that started them.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Self, TypeVar

from kondoflow.files.orphans import end_with_parent
from kondoflow.files.surroundings import NUMBERS_OF_THREADS

Result = TypeVar("Result")


class Workers:
    """Worker processes, started when they are needed and kept for further jobs.

    Use it as a context manager; it ends its processes when it is left, at once on an exception.
    """

    def __init__(self, processes: int) -> None:
        self._n_processes = max(1, processes)
        self._pools: list[ProcessPoolExecutor] = []
        self._idle: list[ProcessPoolExecutor] = []
        self._before: dict[str, str | None] = {}
        self._others: set[multiprocessing.process.BaseProcess] = set()

    def __enter__(self) -> Self:
        self._others = set(multiprocessing.active_children())
        self._before = {name: os.environ.get(name) for name in NUMBERS_OF_THREADS}
        os.environ.update(dict.fromkeys(NUMBERS_OF_THREADS, "1"))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._kill()
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def _kill(self) -> None:
        for child in set(multiprocessing.active_children()) - self._others:
            child.kill()

    def call(self, job: Callable[[], Result]) -> Result:
        """Run one job in a worker.

        Raises:
            BrokenProcessPool: If the worker died.
        """
        ((_, future),) = self.run({"": job}, 1)
        return future.result()

    def run(
        self, jobs: Mapping[str, Callable[[], Result]], processes: int | None = None
    ) -> Iterator[tuple[str, Future[Result]]]:
        """Run jobs and hand out each as it ends; the future of one whose worker died says so.

        Args:
            jobs: Functions that can be pickled, by label.
            processes: How many may run at a time, if fewer than there are workers.
        """
        limit = min(processes or self._n_processes, self._n_processes)
        waiting = deque(jobs.items())
        running: dict[Future[Result], tuple[str, ProcessPoolExecutor]] = {}
        while waiting or running:
            while waiting and len(running) < limit:
                label, job = waiting.popleft()
                future, pool = self._submit(job)
                running[future] = label, pool
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                label, pool = running.pop(future)
                if isinstance(future.exception(), BrokenProcessPool):
                    self._discard(pool)
                else:
                    self._idle.append(pool)
                yield label, future

    def _submit(self, job: Callable[[], Result]) -> tuple[Future[Result], ProcessPoolExecutor]:
        while self._idle:
            pool = self._idle.pop()
            try:
                return pool.submit(job), pool
            except BrokenProcessPool:  # it died while it was idle: no job is lost
                self._discard(pool)
        pool = self._new_pool()
        return pool.submit(job), pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        self._pools.remove(pool)
        pool.shutdown(wait=True)

    def _new_pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, context, initializer=end_with_parent)
        self._pools.append(pool)
        return pool
