"""Snakemake on the real rules and scripts, in copies of the workflow."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kondoflow.stage.paths import ROOT

TINY = "workflow/presets/tiny.yaml"


def copy_workflow(target: Path, source: Path = ROOT, *, ignored: tuple[str, ...] = ()) -> Path:
    """Copy a workflow with the times of its files, without what `ignored` matches.

    Byte code that another process is writing is left out.
    """
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.pyc.*", *ignored))
    return target


def snakemake(folder: Path, *arguments: object, check: bool = True, env: dict | None = None):
    """Run Snakemake in a folder, with changed environment variables."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)]
    run = subprocess.run(
        command,
        cwd=folder,
        check=False,
        text=True,
        capture_output=True,
        env={**os.environ, **(env or {})},
    )
    assert run.returncode == 0 or not check, run.stdout + run.stderr
    return run


def planned_jobs(folder: Path, *arguments: object, env: dict | None = None) -> dict[str, int]:
    """Number of jobs of each rule that Snakemake would run on the tiny preset; `all` left out.

    Args:
        folder: Where.
        arguments: Further arguments; YAML files first, which come on top of the preset.
        env: Changed environment variables.
    """
    run = snakemake(folder, "-n", "--configfile", TINY, *arguments, env=env)
    lines = iter((run.stdout + run.stderr).splitlines())
    if "Job stats:" not in lines:
        assert "Nothing to be done" in run.stdout + run.stderr
        return {}
    next(lines), next(lines)  # head of the table
    rows = [line.split() for line in iter(lambda: next(lines), "")]
    return {rule: int(count) for rule, count in rows if rule not in ("all", "total")}
