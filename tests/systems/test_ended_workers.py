"""Workers that the system ends, as where memory runs out: fewer go on, and no solution is lost."""

import contextlib
import logging

import psutil
import pytest
from stage.refusals import ANY, refused

from kondoflow.stage.config import load_config
from kondoflow.stage.paths import ROOT
from kondoflow.systems.registry import find_computation
from kondoflow.systems.solving import solve_all

CONFIG = load_config(ROOT / "workflow/presets/bcs.yaml")
ENSEMBLE = CONFIG["ensembles"][CONFIG["runs"][0]["ensemble"]]
POINTS = [
    {"coupling": 0.3 + 0.01 * index, "omega_D": 30.0, "T": 0.1, "dynes": 0.05}
    for index in range(40)
]


def end_workers():
    """End all workers of this process as the system does."""
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a worker that has ended meanwhile
            if "spawn_main" in " ".join(child.cmdline()):
                child.kill()


@pytest.fixture(scope="module")
def settings():
    return find_computation("bcs").settings_of(ENSEMBLE["solver"], ENSEMBLE["omega"])


def test_solutions_go_on_with_fewer_processes(settings, caplog):
    caplog.set_level(logging.WARNING, "kondoflow")
    found = {}
    for index, record in solve_all("bcs", POINTS, settings, 2):
        if not found:
            end_workers()
        found[index] = record
    assert sorted(found) == list(range(len(POINTS)))
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith("one of 2 processes was ended by the system, as where memory runs")
    assert message.endswith("solutions go on with 1")


def test_a_second_end_is_told_in_one_line(settings):
    with refused("job", "memory", ANY, "enough for its processes: give it more (mem_mb)"):
        for _ in solve_all("bcs", POINTS, settings, 2):
            end_workers()
