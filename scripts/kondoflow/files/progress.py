"""How far a job is: a bar where a person watches it alone, lines in its log under Snakemake.

A line reads "progress: epoch 120 of 300, loss 4.6, 40 s left". What shows the progress of a whole
run takes the last such line of each job's log. Without the bar, the module needs the standard
library alone.
"""

from __future__ import annotations

import logging
import os
import time
from typing import Self

from kondoflow.files.orphans import SNAKEMAKE

logger = logging.getLogger("kondoflow")

MARK = "progress: "
LEAST, SHARE = 1.0, 0.01  # seconds between two lines, and share of the time that has gone by


class Progress:
    """Counts what is done of a job; used as a context.

    Args:
        what: What is counted, in the singular.
        total: How much there is.
        done: How much of it is done at the start.
    """

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        self._what, self._total, self._done, self._first = what, total, done, done
        self._started = self._told = time.monotonic()
        self._bar = None
        if SNAKEMAKE not in os.environ:
            from tqdm import tqdm  # outside Snakemake alone: it takes time to import

            self._bar = tqdm(total=total, initial=done, desc=what, disable=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, done: int = 1, note: str = "") -> None:
        """Say that `done` more items are done; `note` adds a remark, such as "loss 4.6"."""
        self._done += done
        if self._bar is not None:
            self._bar.update(done)
        now = time.monotonic()
        gone = now - self._started
        if now - self._told >= max(LEAST, SHARE * gone) or self._done == self._total:
            self._told = now
            logger.info("%s%s", MARK, self.line(gone, note))

    def line(self, gone: float, note: str = "") -> str:
        """What is done after so many seconds, in words."""
        words = [f"{self._what} {self._done:,} of {self._total:,}", *([note] if note else [])]
        new = self._done - self._first
        if new > 0 and self._done < self._total:
            words.append(f"{rough(gone * (self._total - self._done) / new)} left")
        return ", ".join(words)


def rough(seconds: float) -> str:
    """A time that is estimated or still runs: `4 s`, `40 s`, `12 min`, `3.5 h`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 99.5 else f"{minutes / 60:.1f} h"
