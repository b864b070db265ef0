"""Processes that end at random moments: those that jobs wait for, and workers of jobs."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.common import ROOT
from kondoflow.files.apart import read_apart
from kondoflow.files.workers import Workers
from kondoflow.stage.config import load_config
from kondoflow.systems.registry import find_computation
from kondoflow.systems.solving import solve_all

PATIENCE = 10.0  # seconds in which a job must have ended
# A job that starts late and works on; only what it needs is imported, to try many.
JOB = """
import sys, time
sys.path.insert(0, "scripts/kondoflow/files")
time.sleep(float(sys.argv[2]))
from orphans import end_with
end_with(sys.argv[1])
while True:
    time.sleep(0.05)
"""
POINTS = [
    {"coupling": 0.3 + 0.01 * index, "omega_D": 30.0, "T": 0.1, "dynes": 0.05}
    for index in range(12)
]


def end_with_parent(rng: random.Random, folder: Path) -> bool:
    """A job ends with its Snakemake, when it is killed at any moment, and reaped late or never."""
    del folder
    from kondoflow.files.orphans import process_mark

    main = subprocess.Popen(["sleep", "60"])
    mark = process_mark(main.pid)
    command = [sys.executable, "-S", "-E", "-c", JOB, mark, f"{rng.uniform(0, 0.5):.3f}"]
    with subprocess.Popen(command, cwd=ROOT) as job:
        time.sleep(rng.uniform(0.0, 1.0))
        alive = job.poll() is None
        main.send_signal(rng.choice([signal.SIGKILL, signal.SIGTERM]))
        if rng.random() < 0.5:
            main.wait()
        try:
            job.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            job.kill()
            alive = False
        main.wait()
    return alive


@cache
def _bcs() -> tuple[Any, dict[int, Any]]:
    """Settings of a light system, and its undisturbed solutions."""
    config = load_config(ROOT / "workflow/presets/bcs.yaml")
    ensemble = next(iter(config["ensembles"].values()))
    settings = find_computation("bcs").settings_of(ensemble["solver"], ensemble["omega"])
    return settings, dict(solve_all("bcs", POINTS, settings, 1))


def _kill_workers(rng: random.Random, times: int) -> threading.Thread:
    """Kill some of the workers of this process at random moments, as the system may."""
    pauses = [rng.uniform(0.0, 2.0) for _ in range(times)]

    def work() -> None:
        for pause in pauses:
            time.sleep(pause)
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                    if "spawn_main" in " ".join(child.cmdline()):
                        child.kill()
                        break

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def lose_solving_workers(rng: random.Random, folder: Path) -> bool:
    """Solutions are the same where workers are killed, or memory is named in one line."""
    del folder
    settings, expected = _bcs()
    killer = _kill_workers(rng, rng.choice([0, 1, 2, 3]))
    try:
        found = dict(solve_all("bcs", POINTS, settings, rng.choice([2, 3])))
    finally:
        killer.join()
    return all(
        np.array_equal(
            expected[k].values["spectral_function"], found[k].values["spectral_function"]
        )
        for k in expected
    )


def lose_searching_workers(rng: random.Random, folder: Path) -> bool:
    """A search whose worker is killed is told, and the others keep their results."""
    del folder
    killer = _kill_workers(rng, rng.choice([0, 1, 2]))
    with Workers(2) as workers:
        futures = dict(workers.run(dict.fromkeys("abcd", os.getpid)))
    killer.join()
    return sorted(futures) == list("abcd") and all(
        isinstance(each.exception(), type(None) | Exception) for each in futures.values()
    )


def _read(path: Path) -> str:
    return path.read_text()


def lose_a_reader(rng: random.Random, folder: Path) -> bool:
    """A reader of a user's file that is killed names the file."""
    path = folder / "own.txt"
    path.write_text("content")
    killer = _kill_workers(rng, 1)
    try:
        return read_apart(_read, path, "a text", 5.0) == "content"
    finally:
        killer.join()
