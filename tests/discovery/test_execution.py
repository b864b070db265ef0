"""Searches that raise, processes that die, limits and signals: what was found is kept."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
import psutil
import pytest
from running import ROOT

from kondoflow.discovery.engines.interface import (
    EngineUnavailableError,
    SearchProblem,
    SearchResult,
    SearchSettings,
)
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search import searches
from kondoflow.discovery.search.execution import DEATHS, execute
from kondoflow.discovery.search.polishing import polish
from kondoflow.discovery.search.searches import Task, search_once
from kondoflow.discovery.selection import Part

RNG = np.random.default_rng(1)
X = RNG.uniform(0.5, 2.0, (60, 2))


@dataclass(frozen=True)
class Scripted:
    """An engine whose searches end as their label says."""

    folder: str
    name: str = "scripted"

    def prepare(self):
        if os.path.exists(f"{self.folder}/broken"):
            os.kill(os.getpid(), signal.SIGKILL)
        return {"scripted": "1"}

    def search(self, problem):
        kind = problem.label.split("-")[0]
        mark = f"{self.folder}/{problem.label}"
        if kind == "raises":
            raise EngineUnavailableError("no memory")
        if kind == "errs":
            raise ValueError("a bug")
        if kind == "dies" or (kind == "once" and not os.path.exists(mark)):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        if kind == "left":
            open(mark, "w").close()
            os.abort()
        return SearchResult(("a*b", "a + b"), False)

    def remains(self, problem):
        left = problem.label.startswith("left")
        return SearchResult(("2.0*a*b",), True) if left else None

    def last_words(self, label):
        return "signal (11): Segmentation fault" if label.startswith("dies") else ""


def task(label, seconds=60.0):
    settings = SearchSettings(("add", "mul"), 10, 100, 5, seconds)
    y = X[:, 0] * X[:, 1]
    problem = SearchProblem(label, ("a", "b"), X, y, Objective.PEARSON, settings, 1)
    part = Part(dict(zip("ab", X.T, strict=True)), y)
    return Task(problem, dict.fromkeys(("train", "validation", "test"), part), 0.1)


def run(folder, *labels, processes=2):
    return execute(Scripted(str(folder)), [task(label) for label in labels], processes)


def texts(outcome):
    return [candidate.text for candidate in outcome.candidates]


@pytest.mark.slow
def test_a_search_whose_process_dies_takes_no_other_with_it(tmp_path):
    found = run(tmp_path, "good-0", "dies-0", "good-1", "raises-0", "errs-0", "good-2")
    assert set(found.outcomes) == {"good-0", "good-1", "good-2"}
    assert texts(found.outcomes["good-1"]) == ["a*b", "a + b"]
    assert found.failed == {
        "dies-0": "its process died: signal (11): Segmentation fault",
        "raises-0": "no memory",
        "errs-0": "ValueError: a bug",
    }
    assert found.summary().startswith("3 of 6 searches failed: ")
    assert found.versions == {"scripted": "1"}
    assert found.outcome(task("dies-0")).candidates == ()


@pytest.mark.slow
def test_a_search_is_taken_up_again_after_the_death_of_its_process(tmp_path):
    found = run(tmp_path, "good-0", "once-0", "left-0")
    assert found.failed == {}
    assert texts(found.outcomes["once-0"]) == ["a*b", "a + b"]
    assert texts(found.outcomes["left-0"]) == ["a*b"]
    assert found.outcomes["left-0"].timed_out


@pytest.mark.slow
def test_an_engine_whose_processes_all_die_is_unavailable(tmp_path):
    with pytest.raises(EngineUnavailableError, match=r"^its process died: signal \(11\)"):
        run(tmp_path, *(f"dies-{index}" for index in range(9)))
    assert len(list(tmp_path.iterdir())) <= DEATHS + 1
    (tmp_path / "broken").touch()
    with pytest.raises(EngineUnavailableError, match=r"^its process died without a word"):
        run(tmp_path, "good-0")


def test_an_engine_whose_searches_all_raise_is_unavailable(tmp_path):
    with pytest.raises(EngineUnavailableError, match=r"^no memory$"):
        run(tmp_path, "raises-0", "raises-1", processes=1)


def test_what_a_search_found_is_kept_when_its_time_is_over():
    class Late:
        name = "late"

        def search(self, problem):
            time.sleep(problem.settings.seconds)
            return SearchResult(("1.5*a*b", "a*b + 0.1*a", "(a + 1.1)*b - 1.1*b"), True)

    outcome = search_once(Late(), task("late", seconds=0.3))
    assert outcome.timed_out
    assert "a*b" in texts(outcome)  # simplified: polishing has time of its own
    outcome = search_once(Late(), task("late", seconds=1e-9))
    assert texts(outcome)[-1] == "(a + 1.1)*b - 1.1*b"  # as it was found
    assert len(outcome.candidates) == 3


def test_other_work_on_the_machine_cuts_no_search_short(monkeypatch):
    """A process that has to wait for the processor does the same as one that has not."""

    def waits(*given):
        time.sleep(1.1)
        return polish(*given)

    monkeypatch.setattr(searches, "polish", waits)
    assert not search_once(Scripted(""), task("slow", seconds=1.0)).timed_out


HANGING = """
import ctypes, os, sys
from test_execution import Scripted, task
from kondoflow.discovery.search.execution import execute

class Hanging(Scripted):
    def search(self, problem):
        print(os.getpid(), flush=True)
        ctypes.PyDLL(None).sleep(120)  # as Julia does: with Python's lock held

if __name__ == "__main__":
    execute(Hanging("."), [task("a"), task("b")], 2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_the_stage_and_its_workers(tmp_path, number):
    script = tmp_path / "hanging.py"
    script.write_text(HANGING)
    folders = (ROOT / "scripts", ROOT / "tests", ROOT / "tests/discovery", tmp_path)
    environment = {**os.environ, "PYTHONPATH": ":".join(map(str, folders))}
    command = [sys.executable, str(script)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as stage:
        workers = [psutil.Process(int(stage.stdout.readline())) for _ in range(2)]
        started = time.monotonic()
        stage.send_signal(number)
        assert stage.wait(15) != 0
        _, alive = psutil.wait_procs(workers, timeout=10)
        assert not alive
        assert time.monotonic() - started < 10
