"""Jobs of a law whose process is killed."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from kondoflow.discovery.laws.jobs import run
from kondoflow.files.workers import Workers


def dies(mark: Path, times: int) -> str:
    """Be killed so many times, then give a result."""
    before = len(list(mark.parent.glob(f"{mark.name}*")))
    if before < times:
        mark.with_name(f"{mark.name}{before}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name


def test_a_job_whose_process_is_killed_is_done_again(tmp_path):
    jobs = {name: partial(dies, tmp_path / name, times) for name, times in (("a", 1), ("b", 0))}
    with Workers(2) as workers:
        assert run(jobs, workers) == ["a", "b"]


def test_a_worker_that_is_killed_while_it_is_idle_takes_no_job_with_it():
    with Workers(1) as workers:
        (first,) = run({"a": os.getpid}, workers)
        pool = workers._idle[0]
        os.kill(first, signal.SIGKILL)
        while not pool._broken:  # the pool learns of it by itself
            time.sleep(0.01)
        (second,) = run({"b": os.getpid}, workers)
    assert second != first


def test_a_job_whose_process_is_killed_twice_ends_the_stage(tmp_path):
    with Workers(1) as workers, pytest.raises(MemoryError, match="a: the process was killed twice"):
        run({"a": partial(dies, tmp_path / "a", 2)}, workers)
