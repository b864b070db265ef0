"""The set-up on machines that lack this or that, with programs that stand for theirs.

`envs/set_up.sh` is run with a `PATH` of programs of its own: Pythons of any version with or without
pip, pip and uv that fail with any words or are not there. What stands in for a program does what
the set-up relies on, and no more.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

from benchmarks.common import ROOT
from studies.hostile.drawing import SIGNS, drawn, printed

# The system's own pip, which the set-up finds by its path, reaches no index.
CUT_OFF = {"HOME": os.devnull, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
NAMES = ["python3", "python3.11", "python3.12", "python3.13", "python"]
VERSIONS = [None, "", "no version", 207, 309, 310, 311, 312, 313, 313, 314, 315, 1000]
TOOLS = ["sh", "grep", "tail", "tr", "cut", "touch", "mkdir", "cat", "rm", "env", "chmod"]
# `-c` asks for the version, the base interpreter or the executable; `-m pip` for pip.
PYTHON = """#!/bin/sh
case "$1 $2" in
"-c "*version_info*) printf '%s\\n' '{version}'; exit {fails} ;;
"-c "*) printf '%s\\n' "$0" ;;
"-m pip") case "$3" in
  --version) exit {without_pip} ;;
  *)
    cat "{words}"
    [ {pip_fails} = 0 ] && mkdir -p .tools/bin && cp "{uv}" .tools/bin/uv
    exit {pip_fails} ;;
  esac ;;
esac
"""
UV = """#!/bin/sh
cat "{words}" >&2
case "$1" in
venv) [ {venv_fails} = 0 ] && mkdir -p .venv/bin; exit {venv_fails} ;;
pip) exit {sync_fails} ;;
esac
"""


def program(path: Path, text: str) -> Path:
    """Write a program."""
    path.write_text(text)
    path.chmod(0o755)
    return path


def set_up(rng: random.Random, folder: Path) -> bool:
    """Set up on a random machine; a stamp tells that all went well."""
    place = folder / "set up"
    shutil.rmtree(place, ignore_errors=True)
    (place / ".tools").mkdir(parents=True)
    shutil.copytree(ROOT / "envs", place / "envs")
    there = place / "programs"
    there.mkdir()
    for name in [*TOOLS, "cp"]:
        found = shutil.which(name)
        assert found is not None
        (there / name).symlink_to(found)
    words = place / "words"
    said = "\n".join(drawn(rng, SIGNS, 30) for _ in range(rng.randrange(6)))
    words.write_text(said, encoding="utf-8", errors="replace")
    fails = {name: int(rng.random() < 0.15) for name in ("pip_fails", "venv_fails", "sync_fails")}
    uv = program(place / "uv", UV.format(words=words, **fails))
    if rng.random() < 0.3:  # from an earlier set-up
        (place / ".tools" / "bin").mkdir()
        shutil.copy(uv, place / ".tools" / "bin" / "uv")
    for name in NAMES:
        version = rng.choice(VERSIONS)
        if version is not None:
            program(
                there / name,
                PYTHON.format(
                    version=version,
                    fails=int(rng.random() < 0.1),
                    words=words,
                    uv=uv,
                    without_pip=int(rng.random() < 0.4),
                    pip_fails=fails["pip_fails"],
                ),
            )
    command = ["sh", "envs/set_up.sh", rng.choice([*NAMES, "python3", "my python", "-c", "'"])]
    run = subprocess.run(
        command,
        cwd=place,
        env={"PATH": str(there), **CUT_OFF},
        check=False,
        text=True,
        capture_output=True,
        errors="replace",
        timeout=60,
    )
    *remarks, last = run.stderr.splitlines() or [""]
    if run.returncode and not (
        last.startswith("error: ") and all("Python" in each for each in remarks)
    ):
        raise ValueError(run.stderr)
    run.stderr = last
    printed(run)
    return (place / ".venv" / ".stamp").is_file()
