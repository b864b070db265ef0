"""Checkouts in folders of any name: a job is started there as the Makefile and Snakemake do."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from benchmarks.common import ROOT
from studies.hostile.drawing import drawn, printed

COMMON = [*" '\"$`;#&()*?!\\:,=@+-.~%[]<>|^", "ä", "名", "K", "My Drive", "--", "$HOME"]
PARTS = [*COMMON * 3, *"{}\t\n\x07"]
# As a rule's script is started: by Snakemake's interpreter, pasted into a line for bash.
STARTING = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, "scripts")
from kondoflow.files.errors import InputError
from kondoflow.files.surroundings import check_place, in_shell
try:
    check_place(Path.cwd())
except InputError as error:
    sys.exit(f"error: {error}")
line = f"set -euo pipefail; {in_shell(sys.executable)} -S -c 'print(6 * 7)'"
subprocess.run(["bash", "-c", line], check=True)
"""


def named(rng: random.Random, folder: Path) -> Path:
    """A new folder of a random name."""
    name = drawn(rng, PARTS, 12) or " "
    place = (
        folder / "folders" / str(rng.randrange(10**9)) / (name if name.strip(".") else "K" + name)
    )
    place.mkdir(parents=True)
    return place


def start_a_job(rng: random.Random, folder: Path) -> bool:
    """Start an interpreter below a folder of a random name."""
    place = named(rng, folder)
    for part in ("envs", "scripts"):
        (place / part).symlink_to(ROOT / part)
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "bin" / "python").symlink_to(sys.executable)
    command = ["sh", "envs/inside.sh", ".venv/bin/python", "-S", "-c", STARTING]
    run = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    shutil.rmtree(place.parent)
    return printed(run) == "42\n"


def run_a_rule(rng: random.Random, folder: Path) -> bool:
    """Run a rule through Snakemake in a folder of a random name."""
    place = named(rng, folder)
    for part in ("envs", "scripts", "workflow", "Snakefile", "config.yaml"):
        (place / part).symlink_to(ROOT / part)
    (place / ".venv").symlink_to(sys.prefix)
    (place / "own.yaml").write_text(yaml.safe_dump({"seed": rng.randrange(100)}))
    wanted = "results/spectra/tiny/parameters/0000.nc"
    command = ["sh", "envs/inside.sh", ".venv/bin/python", "-m", "snakemake", "--cores", "1"]
    command += [
        "--quiet",
        "all",
        "--configfile",
        "workflow/presets/tiny.yaml",
        "own.yaml",
        "--",
        wanted,
    ]
    run = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    made = (place / wanted).is_file()
    shutil.rmtree(place.parent)
    printed(run)
    return made
