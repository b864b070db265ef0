"""Runs the searches of an engine and keeps what each found, however another one ends.

A search may raise, and a process may die: killed for its memory, or with the runtime it holds. A
search whose process died is taken up again with nothing beside it: what it left is evaluated, or
it is repeated once. A search that fails is left out and its reason kept. If the first few
processes all die, the engine can't run here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial

from kondoflow.discovery.engines.interface import Engine, EngineUnavailableError
from kondoflow.discovery.search.searches import Outcome, Task, evaluated, search_once
from kondoflow.files.progress import Progress
from kondoflow.files.workers import Workers

logger = logging.getLogger("kondoflow")

DEATHS = 3  # of processes before the first result, after which no more are started
DIED = "its process died"
AS_WHERE = "as where memory runs out (give the job more, or it fewer cores or a smaller population)"
NOTHING = Outcome((), 0.0, False)


@dataclass
class Executed:
    """What the searches of an engine came to.

    Attributes:
        versions: Versions of what ran.
        outcomes: Of each search that came to an end, by label.
        failed: Why the others did not, by label.
    """

    versions: Mapping[str, str]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def outcome(self, task: Task) -> Outcome:
        """Outcome of a search; an empty one if it failed."""
        return self.outcomes.get(task.problem.label, NOTHING)

    def summary(self) -> str | None:
        """How many searches failed, and why the first of them did; None if none did."""
        if not self.failed:
            return None
        n_searches = len(self.outcomes) + len(self.failed)
        return f"{len(self.failed)} of {n_searches} searches failed: {_first(self.failed)}"


def execute(engine: Engine, tasks: Sequence[Task], processes: int) -> Executed:
    """Run searches over processes.

    Raises:
        EngineUnavailableError: If the engine can't be started, or no search came to an end.
    """
    by_label = {task.problem.label: task for task in tasks}
    with Workers(min(processes, max(1, len(tasks)))) as workers:
        # One worker readies what all share before any other starts on it.
        try:
            executed = Executed(workers.call(engine.prepare))
        except BrokenProcessPool:
            raise EngineUnavailableError(_of_death(engine, "")) from None
        jobs = {label: partial(search_once, engine, task) for label, task in by_label.items()}
        died: list[str] = []
        with Progress("search", len(tasks)) as progress:
            for label, future in workers.run(jobs):
                progress.update()
                if not _take(executed, label, future, engine):
                    died.append(label)
                if len(died) >= DEATHS and not executed.outcomes:
                    raise EngineUnavailableError(_of_death(engine, died[0]))
        jobs = {label: partial(take_up, engine, by_label[label]) for label in died}
        for label, future in workers.run(jobs, processes=1):
            if not _take(executed, label, future, engine):
                executed.failed[label] = _of_death(engine, label)
    if executed.failed and not executed.outcomes:
        raise EngineUnavailableError(_first(executed.failed))
    return executed


def take_up(engine: Engine, task: Task) -> Outcome:
    """Evaluate what a search left whose process died, or else repeat it."""
    started = time.monotonic()
    left = engine.remains(task.problem)
    if left is None:
        return search_once(engine, task)
    return evaluated(left, engine.name, task, started)


def _take(executed: Executed, label: str, future: Future[Outcome], engine: Engine) -> bool:
    """Keep what a search came to; False if its process died."""
    try:
        outcome = future.result()
    except BrokenProcessPool:
        logger.warning("%s %s: %s", engine.name, label, DIED)
        return False
    except Exception as error:
        logger.warning("%s %s failed", engine.name, label, exc_info=error)
        known = isinstance(error, EngineUnavailableError)
        executed.failed[label] = str(error) if known else f"{type(error).__name__}: {error}"
        return True
    executed.outcomes[label] = outcome
    logger.info("%s %s: %.1f s", engine.name, label, outcome.seconds)
    for reason in outcome.left_out:
        logger.warning("%s %s: an equation is left out: %s", engine.name, label, reason)
    if outcome.timed_out:
        logger.warning("%s %s: ended by the time limit", engine.name, label)
    return True


def _of_death(engine: Engine, label: str) -> str:
    words = engine.last_words(label)
    return f"{DIED}: {words}" if words else f"{DIED} without a word, {AS_WHERE}"


def _first(failed: Mapping[str, str]) -> str:
    return next(iter(failed.values()))
