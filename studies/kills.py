"""Single stages killed at random moments: what is left is whole, and nothing lives on.

    python -m studies.kills --folder /tmp/kills --lives 4

runs the tiny preset once. Then each stage is run by itself, as Snakemake runs it: below a process
that hands down its mark (`files.orphans`) and waits. A life of a stage is a number of kills at
random moments, each in a run that goes on from what the run before left, and one run to its end.
After each kill no process of the stage may be left, also where nobody reaps the killed parent, and
each output must be absent or that of the undisturbed run. At the end all outputs must be, and no
temporary file may be left. `--lives-of-workflow` does the same through Snakemake itself, and
compares with a run of Snakemake.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.common import ROOT, machine, table
from benchmarks.faults import copy_workflow, run_to_end, same, send, start, unlock, wait_for
from kondoflow.files.atomic import read_json, write_json

FAULTS = ("stage", "tree", "worker", "parent", "parent, unreaped", "terminate")
KILLS = 4  # in a life
PATIENCE = 60.0  # seconds in which the processes of a killed stage must have ended
MARK = "KONDOFLOW_STUDY"  # variable of the environment that all processes of a stage inherit

SETS = "results/spectra/tiny"
MODEL = "results/models/tiny/vae"
RESTARTS = f"{MODEL}/restarts"
FOUND = "results/equations/tiny"
SCORES = "results/latents/tiny/vae/scores.json"
LAW = "results/laws/tiny"
REPORT = "results/report"
FIGURES = " ".join(f"{REPORT}/tiny/vae/{name}.svg" for name in ("training", "samples", "pareto"))
OF_RUN = f"--spectra {SETS}.nc --model {MODEL}/model.json --scores {SCORES}"
OF_RUN += f" --verdict {FOUND}/vae/verdict.json"
EQUATIONS = f"{FOUND}/vae/operon.json {FOUND}/targets/operon.json"
PREDICTIONS = f"{FOUND}/vae/predictions.nc"
TELLS_TIMES = f"{REPORT}/report.html"  # and the date, so that two runs of Snakemake differ there
LAWS = f"{LAW}/law.json {LAW}/confirmation.json"

STAGES = {  # inputs and options, and outputs, as flags
    "solve_spectra": (
        f"--points {SETS}/parameters/0000.nc --threads 2",
        f"--output {SETS}/chunks/0000.nc",
    ),
    "scan_weights": (f"--spectra {SETS}.nc", f"--scan {MODEL}/scan.json"),
    "train_restart": (
        f"--spectra {SETS}.nc --restart 1",
        f"--weights {RESTARTS}/1/weights.safetensors --history {RESTARTS}/1/history.nc",
    ),
    "choose_network": (
        f"--spectra {SETS}.nc --trained {RESTARTS}/0/weights.safetensors "
        f"{RESTARTS}/1/weights.safetensors --histories {RESTARTS}/0/history.nc "
        f"{RESTARTS}/1/history.nc",
        f"--weights {MODEL}/weights.safetensors --model {MODEL}/model.json "
        f"--history {MODEL}/history.nc",
    ),
    "encode_spectra": (
        f"--spectra {SETS}.nc --weights {MODEL}/weights.safetensors --model {MODEL}/model.json",
        f"--latents {MODEL}/latents.nc",
    ),
    "score_latents": (f"--spectra {SETS}.nc --latents {MODEL}/latents.nc", f"--scores {SCORES}"),
    "regress_operon": (
        f"--spectra {SETS}.nc --latents --threads 2",
        f"--found {FOUND}/targets/operon.json",
    ),
    "judge_equations": (
        f"--spectra {SETS}.nc --latents {MODEL}/latents.nc --scores {SCORES} --found {EQUATIONS}",
        f"--verdict {FOUND}/vae/verdict.json --predictions {PREDICTIONS}",
    ),
    "compose_law": (
        f"--spectra {SETS}.nc --found {FOUND}/targets/operon.json --threads 2",
        f"--law {LAW}/law.json",
    ),
    "confirm_law": (
        f"--spectra {SETS}.nc --law {LAW}/law.json --threads 2",
        f"--confirmation {LAW}/confirmation.json --points {LAW}/points.nc",
    ),
    "plot_figures": (
        f"--spectra {SETS}.nc --history {MODEL}/history.nc --latents {MODEL}/latents.nc "
        f"--scores {SCORES} --found {EQUATIONS} --verdict {FOUND}/vae/verdict.json "
        f"--predictions {PREDICTIONS} --laws {LAWS}",
        f"--figures {FIGURES}",
    ),
    "write_report": (
        f"{OF_RUN} --history {MODEL}/history.nc --latents {MODEL}/latents.nc "
        f"--predictions {PREDICTIONS} --equations {EQUATIONS} --laws {LAWS} "
        f"--figures {REPORT}/tiny/vae/*",
        f"--report {REPORT}/report.html --missing {REPORT}/missing.json",
    ),
    "write_explorer": (
        f"{OF_RUN} --weights {MODEL}/weights.safetensors --latents {MODEL}/latents.nc "
        f"--equations {EQUATIONS}",
        f"--explorer {REPORT}/explorer.html",
    ),
    "write_archive": (
        f"{OF_RUN} --files {MODEL}/weights.safetensors {MODEL}/latents.nc {PREDICTIONS} "
        f"{EQUATIONS} {REPORT}/report.html {REPORT}/explorer.html",
        "--archive results/archive.zip",
    ),
}
CONFIG = "workflow/presets/tiny.yaml light.yaml"
# As a job of Snakemake begins (`stage.entry`), for a script that is called by its flags.
JOB = """
import os, runpy, sys
from kondoflow.files.orphans import SNAKEMAKE, end_with
end_with(os.environ[SNAKEMAKE])
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# What stands for Snakemake.
PARENT = f"""
import os, subprocess, sys
from kondoflow.files.orphans import SNAKEMAKE, process_mark
os.environ[SNAKEMAKE] = process_mark(os.getpid())
sys.exit(subprocess.call([sys.executable, "-c", {JOB!r}, *sys.argv[1:]]))
"""


@dataclass
class Life:
    """Kills of one stage and what became of it.

    Attributes:
        stage: Name of the stage.
        index: Number of the life.
        strikes: Kind of each fault that struck.
        orphans: Processes that outlived a fault.
        torn: Outputs that were there after a fault, but not whole.
        differences: Files that differ at the end, and temporary files that are left.
    """

    stage: str
    index: int
    strikes: list[str] = field(default_factory=list)
    orphans: int = 0
    torn: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def outputs_of(stage: str) -> list[str]:
    """Paths of the outputs of a stage."""
    return [word for word in STAGES[stage][1].split() if not word.startswith("--")]


def begin(folder: Path, stage: str, mark: str) -> subprocess.Popen[bytes]:
    """Start a stage below a process that stands for Snakemake."""
    inputs, outputs = STAGES[stage]
    settings = f"--config {CONFIG} {'scan.yaml' if stage == 'scan_weights' else ''}"
    settings = "" if stage == "encode_spectra" else settings
    words = f"{inputs} {outputs} {settings}".split()
    flags = [each for word in words for each in expanded(folder, word)]
    surroundings = {
        **os.environ,
        MARK: mark,
        "PYTHONPATH": str(folder / "scripts"),
        "SOURCE_DATE_EPOCH": "1700000000",
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-c", PARENT, f"scripts/{stage}.py", *flags]
    with (folder / "printed.txt").open("w") as printed:
        return subprocess.Popen(
            command, cwd=folder, env=surroundings, stdout=printed, stderr=subprocess.STDOUT
        )


def expanded(folder: Path, word: str) -> list[str]:
    """The files of a pattern, or the word itself."""
    if "*" not in word:
        return [word]
    return sorted(str(path.relative_to(folder)) for path in folder.glob(word))


def complete(folder: Path, stage: str) -> float:
    """Run a stage to its end; how many seconds it takes."""
    started = time.monotonic()
    if begin(folder, stage, "complete").wait(600) != 0:
        raise RuntimeError(f"{stage}: {(folder / 'printed.txt').read_text()[-3000:]}")
    return time.monotonic() - started


def marked(mark: str) -> list[psutil.Process]:
    """Living processes with a mark in their environment, however they came to their parent."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and process.environ().get(MARK) == mark:
                found.append(process)
    return found


def left_after(mark: str) -> int:
    """How many processes of a mark are still there when patience ends; they are ended then."""
    deadline = time.monotonic() + PATIENCE
    while (alive := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.2)
    send(signal.SIGKILL, alive)
    return len(alive)


def strike(parent: subprocess.Popen[bytes], mark: str, fault: str, rng: random.Random) -> int:
    """Let a fault strike a running stage; returns the number of orphans."""
    others = [process for process in marked(mark) if process.pid != parent.pid]
    stage = [process for process in others if process.ppid() == parent.pid]
    below = [process for process in others if process not in stage]
    match fault:
        case "stage":
            send(signal.SIGKILL, stage)
        case "tree":
            send(signal.SIGKILL, [*stage, *below])
        case "worker":
            send(signal.SIGKILL, [rng.choice(below or stage)] if others else [])
            parent.wait(600)  # it may go on without this worker
        case "terminate":
            send(signal.SIGTERM, stage)
        case _:
            os.kill(parent.pid, signal.SIGKILL)
    if fault != "parent, unreaped":
        parent.wait(600)
    orphans = left_after(mark)
    parent.wait(600)
    return orphans


def not_as(reference: Path, folder: Path, paths: list[str]) -> list[str]:
    """Those among some files that differ from those of the reference."""
    return [path for path in paths if not same(reference / path, folder / path)]


def leftovers(folder: Path) -> list[str]:
    """Temporary files below the results."""
    found = [path for path in (folder / "results").rglob(".*") if path.is_file()]
    return [str(path.relative_to(folder)) for path in found]


def live(reference: Path, folder: Path, seed: int, life: Life, seconds: float) -> None:
    """Live one life of a stage."""
    outputs = outputs_of(life.stage)
    for path in outputs:
        (folder / path).unlink(missing_ok=True)
    for attempt in range(10 * KILLS):
        if len(life.strikes) == KILLS:
            break
        rng = random.Random(f"{seed}/{life.stage}/{life.index}/{attempt}")
        fault = FAULTS[rng.randrange(len(FAULTS))]
        mark = f"{os.getpid()}/{life.stage}/{life.index}/{attempt}"
        parent = begin(folder, life.stage, mark)
        with suppress(subprocess.TimeoutExpired):
            parent.wait(rng.uniform(0.0, seconds))
        if parent.returncode is None:
            life.strikes.append(fault)
            life.orphans += strike(parent, mark, fault, rng)
        there = [path for path in outputs if (folder / path).exists()]
        life.torn += not_as(reference, folder, there)
        for path in there:  # as Snakemake removes them before it runs a job
            (folder / path).unlink()
    complete(folder, life.stage)
    life.differences = not_as(reference, folder, outputs) + leftovers(folder)
    for path in outputs:  # timings differ, and later stages tell them
        shutil.copy2(reference / path, folder / path)


def live_through_snakemake(reference: Path, folder: Path, seed: int, life: Life) -> None:
    """Kill Snakemake in the middle of one job, reap it only after the job's end, and go on."""
    rng = random.Random(f"{seed}/Snakemake/{life.stage}/{life.index}")
    outputs = outputs_of(life.stage)
    for path in outputs:
        (folder / path).unlink(missing_ok=True)
    mark = f"{os.getpid()}/Snakemake/{life.stage}/{life.index}"
    os.environ[MARK] = mark
    main = start(folder, 2, "--rerun-triggers", "mtime", "--", outputs[0])
    del os.environ[MARK]
    if wait_for(main, [life.stage]) is None:
        raise RuntimeError((folder / "printed.txt").read_text()[-3000:])
    time.sleep(rng.uniform(0.0, 4.0))
    life.strikes.append("Snakemake, unreaped")
    os.kill(main.pid, signal.SIGKILL)
    life.orphans += left_after(mark)
    main.wait()
    unlock(folder, 1)
    if start(folder, 2, "--rerun-triggers", "mtime", "--", *outputs).wait(600) != 0:
        raise RuntimeError((folder / "printed.txt").read_text()[-3000:])
    compared = [path for path in outputs if path != TELLS_TIMES]
    life.differences = not_as(reference, folder, compared) + leftovers(folder)


def summary(lives: list[Life]) -> str:
    """The table: a row a stage."""
    kinds = [*FAULTS, "Snakemake, unreaped"]
    rows: list[list[Any]] = []
    for stage in dict.fromkeys(life.stage for life in lives):
        own = [life for life in lives if life.stage == stage]
        struck = Counter(kind for life in own for kind in life.strikes)
        rows.append(
            [
                stage,
                *(struck[kind] for kind in kinds),
                sum(life.orphans for life in own),
                sum(len(life.torn) for life in own),
                sum(len(life.differences) for life in own),
            ]
        )
    total = ["all", *(sum(row[column] for row in rows) for column in range(1, len(kinds) + 4))]
    heads = ["stage", *kinds, "orphans", "torn files", "differences"]
    n_kills = sum(len(life.strikes) for life in lives)
    return "\n\n".join(
        [machine(), f"{n_kills} kills in {len(lives)} lives.", table(heads, [*rows, total])]
    )


def whole(folder: Path) -> Path:
    """Folder of an undisturbed run of Snakemake.

    A script that is called by its flags gives a figure other settings and a search another seed.
    """
    found = folder / "whole"
    if not (found / TELLS_TIMES).is_file():
        shutil.rmtree(found, ignore_errors=True)
        run_to_end(copy_workflow(found), 2)
    return found


def prepared(folder: Path) -> tuple[Path, Path, dict[str, float]]:
    """Folders of the undisturbed and of the disturbed run, and how long each stage takes."""
    reference, struck, record = folder / "reference", folder / "struck", folder / "seconds.json"
    if not reference.is_dir():
        shutil.copytree(whole(folder), reference)
    seconds = read_json(record) if record.is_file() else {}
    shutil.copy(ROOT / "studies" / "kills.yaml", reference / "scan.yaml")
    for stage in STAGES:
        if stage not in seconds:
            seconds[stage] = complete(reference, stage)
            write_json(record, seconds)
    if not struck.is_dir():
        shutil.copytree(reference, struck)
    return reference, struck, seconds


def main() -> None:
    """Live all lives and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lives", type=int, default=4, help="of each stage")
    parser.add_argument("--lives-of-workflow", type=int, default=0, help="through Snakemake")
    parser.add_argument("--stages", nargs="*", default=list(STAGES))
    parser.add_argument("--folder", type=Path, required=True, help="for runs and their record")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    undisturbed, disturbed = whole(arguments.folder), arguments.folder / "disturbed"
    if not disturbed.is_dir():
        shutil.copytree(undisturbed, disturbed)
    reference, struck, seconds = prepared(arguments.folder)
    record = arguments.folder / "lives.json"
    lives = [Life(**each) for each in read_json(record)] if record.is_file() else []
    done = {(life.stage, life.index) for life in lives}
    for index in range(arguments.lives + arguments.lives_of_workflow):
        for stage in arguments.stages:
            if (stage, index) in done:
                continue
            life = Life(stage, index)
            if index < arguments.lives:
                live(reference, struck, arguments.seed, life, seconds[stage])
            else:
                live_through_snakemake(undisturbed, disturbed, arguments.seed, life)
            lives.append(life)
            write_json(record, [asdict(each) for each in lives])
    print(summary(lives))


if __name__ == "__main__":
    main()
