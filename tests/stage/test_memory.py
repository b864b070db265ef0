"""Memory that runs out: one line, whether a stage notices it or the system ends the stage."""

import subprocess
import sys

import pytest

from kondoflow.stage.memory import LESS, MORE_MEMORY, lines_on_killed
from kondoflow.stage.paths import ROOT

COMMAND = "Command 'set -euo pipefail;  python /x/.snakemake/scripts/tmp1a.{}.py' {}.\n"
KILLED = "died with <Signals.SIGKILL: 9>"
# After an import of all it needs, a stage gets no memory for what it does.
LIMITED = """
import resource, sys
from pathlib import Path
import {stage}
from kondoflow.stage.entry import run_stage
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**27,) * 2)
def main() -> None:
    {work}
run_stage(main)
"""


@pytest.mark.parametrize(
    "fate", [KILLED, "returned non-zero exit status 137", "died with <Signals.SIGABRT: 6>"]
)
@pytest.mark.parametrize("rule", ["train_restart", "regress_operon", "write_report"])
def test_a_killed_job_is_told_with_what_lowers_its_memory(rule, fate):
    (line,) = lines_on_killed("RuleException:\n" + 2 * COMMAND.format(rule, fate))
    assert line.startswith(f"error: a job of {rule} was ended by the system, as where memory runs")
    assert f"--set-resources {rule}:mem_mb=..." in line
    assert LESS.get(rule.split("_")[0], "fewer samples") in line


def test_other_ends_are_not_of_memory():
    for fate in ("returned non-zero exit status 1", "died with <Signals.SIGINT: 2>"):
        assert lines_on_killed(COMMAND.format("train_restart", fate)) == []


def test_the_beginnings_are_those_of_rules():
    scripts = [path.stem for path in (ROOT / "scripts").glob("*.py")]
    assert all(any(name.startswith(f"{start}_") for name in scripts) for start in LESS)


@pytest.mark.parametrize(
    ("stage", "work"),
    [
        ("train_restart", "import numpy as np; np.ones(2**29)"),
        ("regress_operon", "import numpy as np; np.ones(2**29)"),
        ("regress_operon", "raise RuntimeError('x') from RuntimeError(\"can't start new thread\")"),
    ],
)
def test_a_stage_that_gets_no_memory_says_so(stage, work):
    run = subprocess.run(
        [sys.executable, "-c", LIMITED.format(stage=stage, work=work)],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == f"error: memory ran out: {MORE_MEMORY}\n"
    assert run.returncode == 1
