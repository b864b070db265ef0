"""Kills at random moments of every stage, and whether anything was lost by them.

    python -m benchmarks.faults --seeds 1 2 3 --folder /tmp/faults

A life of the pipeline begins with an empty folder. Some rules are drawn; Snakemake is started, and
as soon as a job of one of them runs, a fault strikes after a random pause: SIGKILL for the whole
process tree, for Snakemake alone (its jobs become orphans) or for one of the processes below it;
SIGTERM or SIGINT for Snakemake. Then the documented command is given again, until the report is
there. The files must be those of a life without faults: the same variables, the same JSON apart
from timings, the same weights and figures byte by byte. Solutions that were on disk must not be
solved again, and no orphan may outlive its Snakemake. Rules, kinds of faults and pauses follow from
the seed; which job runs first does not. The folder keeps the life without faults and the outcome of
all seeds so far, so that they can be done in portions.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
import xarray as xr
import yaml

from benchmarks.common import ROOT, machine, table
from kondoflow.files.atomic import DIGEST, write_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.systems.anderson.hamiltonian import PARAMETERS

RULES = [  # in the order of the pipeline; the long ones twice
    "sample_parameters",
    "solve_spectra",
    "solve_spectra",
    "collect_spectra",
    "train_restart",
    "train_restart",
    "choose_network",
    "encode_spectra",
    "score_latents",
    "regress_operon",
    "judge_equations",
    "plot_figures",
    "write_report",
]
FAULTS = ("kill tree", "kill Snakemake", "kill process", "terminate", "interrupt")
LONGEST_PAUSE = 3.0  # seconds between the start of a job and the fault
PATIENCE = 20.0  # seconds in which Snakemake may end, and in which orphans must have ended
LIMIT = 1200.0  # seconds of one invocation of Snakemake
TIMINGS = ("seconds", "cpu_seconds")
LIGHT = {  # on top of the preset: enough for every stage, and no more
    "ensembles": {"tiny": {"n_samples": 40, "chunk_size": 20, "solver": {"n_keep": 60}}},
    "autoencoder": {"epochs": 30, "checkpoint_every": 5, "refine_epochs": 10, "restarts": 2},
    "equations": {"restarts": 1, "generations": 3},
}


@dataclass
class Life:
    """What happened until the report was there.

    Attributes:
        seed: Seed of faults and pauses.
        rules: Rules in whose jobs a fault is to strike, one each time they stand here.
        strikes: (rule, fault) of each fault.
        survivors: Processes that outlived a fault by more than `PATIENCE`.
        on_disk: Processor time of each solution that was on disk when a fault struck.
        solved_again: How many of these were solved again.
        differences: Files that differ from those of a life without faults; None before the end.
    """

    seed: int
    rules: list[str]
    strikes: list[tuple[str, str]] = field(default_factory=list)
    survivors: int = 0
    on_disk: dict[str, float] = field(default_factory=dict)
    solved_again: int = 0
    differences: list[str] | None = None

    @classmethod
    def of_seed(cls, seed: int, n_faults: int) -> Life:
        """A life yet to be lived."""
        drawn = random.Random(seed).sample(range(len(RULES)), n_faults)
        return cls(seed, [RULES[index] for index in sorted(drawn)])


def copy_workflow(folder: Path, changes: Mapping[str, Any] = LIGHT) -> Path:
    """A copy of the workflow with changes of the tiny preset in `light.yaml`."""
    ignored = shutil.ignore_patterns(".*", "*.pyc.*", "results", "logs", "tests")
    shutil.copytree(ROOT, folder, ignore=ignored)
    (folder / "light.yaml").write_text(yaml.safe_dump(dict(changes)))
    return folder


def start(folder: Path, cores: int, *arguments: str, within: Sequence[str] = ()) -> psutil.Popen:
    """Start Snakemake by the documented command, within another one if it is given."""
    # A shell starts what runs in the background with SIGINT ignored, which programs inherit.
    command = [*within, "env", "--default-signal=INT"]
    command += [sys.executable, "-m", "snakemake", "--cores", str(cores)]
    command += ["--workflow-profile", "workflow/profiles/workstation"]
    command += ["--configfile", "workflow/presets/tiny.yaml", "light.yaml", *arguments]
    printed = {"stderr": subprocess.STDOUT, "start_new_session": True}
    with (folder / "printed.txt").open("a") as output:
        return psutil.Popen(command, cwd=folder, stdout=output, **printed)


def run_to_end(folder: Path, cores: int, within: Sequence[str] = ()) -> None:
    """Run without faults."""
    if start(folder, cores, within=within).wait(LIMIT) != 0:
        raise RuntimeError((folder / "printed.txt").read_text()[-4000:])


def live(folder: Path, life: Life, cores: int, within: Sequence[str] = ()) -> Iterator[Life]:
    """Go on with a life, and yield it after each fault and at its end."""
    main = None
    while pending := Counter(life.rules) - Counter(rule for rule, _ in life.strikes):
        fresh = False
        if main is None or main.poll() is not None:
            unlock(folder, cores)
            main, fresh = start(folder, cores, within=within), True
        rng = random.Random(f"{life.seed}/{len(life.strikes)}")
        rule = wait_for(main, pending)
        if rule is None:
            if main.wait(LIMIT) == 0:
                break
            if fresh:
                raise RuntimeError((folder / "printed.txt").read_text()[-4000:])
            continue  # it ended late of the fault before
        time.sleep(rng.uniform(0.0, LONGEST_PAUSE))
        fault = rng.choice(FAULTS)
        life.strikes.append((rule, fault))
        life.survivors += strike(main, fault, rng)
        life.on_disk = solutions_on_disk(folder) | life.on_disk
        yield life
    if main is not None:
        main.wait(LIMIT)
    unlock(folder, cores)
    run_to_end(folder, cores, within)
    final = solutions_on_disk(folder)
    life.solved_again = sum(final[key] != seconds for key, seconds in life.on_disk.items())
    yield life


def unlock(folder: Path, cores: int) -> None:
    """Unlock the folder if a killed Snakemake left its lock."""
    if any((folder / ".snakemake" / "locks").glob("*")):
        start(folder, cores, "--unlock").wait(LIMIT)


def wait_for(main: psutil.Popen, rules: Collection[str]) -> str | None:
    """Wait until a job of one of the rules runs, and name it; None if Snakemake ended before."""
    deadline = time.monotonic() + LIMIT
    while main.poll() is None and time.monotonic() < deadline:
        commands = [" ".join(command_of(process)) for process in tree(main)]
        for rule in rules:
            if any(f".{rule}.py" in command for command in commands):
                return rule
        time.sleep(0.05)
    return None


def tree(main: psutil.Popen) -> list[psutil.Process]:
    """Processes below Snakemake."""
    try:
        return main.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def command_of(process: psutil.Process) -> list[str]:
    """Command line of a process that may have ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def strike(main: psutil.Popen, fault: str, rng: random.Random) -> int:
    """Let a fault strike; returns how many processes outlived a Snakemake that it ended."""
    below = tree(main)
    match fault:
        case "kill tree":
            send(signal.SIGKILL, [main, *below])
        case "kill Snakemake":
            send(signal.SIGKILL, [main])
        case "kill process":
            send(signal.SIGKILL, [rng.choice(below)] if below else [])
            return 0  # Snakemake goes on if that process was of no importance
        case "terminate":
            send(signal.SIGTERM, [main])
        case "interrupt":
            send(signal.SIGINT, [main])
    try:
        main.wait(PATIENCE)
    except psutil.TimeoutExpired:
        return 0  # it finishes what runs
    _, alive = psutil.wait_procs(below, timeout=PATIENCE)
    alive = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
    send(signal.SIGKILL, alive)
    return len(alive)


def send(number: signal.Signals, processes: list[Any]) -> None:
    """Send a signal to those that still live."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def solutions_on_disk(folder: Path) -> dict[str, float]:
    """Processor time of each solution in chunks and saved work, by its parameters.

    No two solutions take the same time to the nanosecond: another time is another solution.
    """
    found: dict[str, float] = {}
    for path in (folder / "results" / "spectra").glob("*/chunks/*.nc"):
        chunk = read_dataset(path)
        keys = map(str, zip(*(chunk[name].to_numpy().tolist() for name in PARAMETERS), strict=True))
        found |= zip(keys, chunk["cpu_seconds"].to_numpy().tolist(), strict=True)
    return found


def differences(reference: Path, found: Path) -> list[str]:
    """Result files of two runs that differ in more than timings."""
    names = {path.relative_to(root) for root in (reference, found) for path in result_files(root)}
    return sorted(str(name) for name in names if not same(reference / name, found / name))


def result_files(root: Path) -> list[Path]:
    """Files that are the same in each run: all but chunks, timings and the page that tells them."""
    files = [path for path in (root / "results").rglob("*") if path.is_file()]
    apart = {"parameters", "chunks", "benchmarks", "report.html"}
    return [path for path in files if not apart & set(path.relative_to(root).parts)]


def same(first: Path, second: Path) -> bool:
    """Whether two files hold the same apart from timings."""
    if not (first.is_file() and second.is_file()):
        return False
    if first.suffix == ".nc":
        one, two = (
            xr.load_dataset(path).drop_vars(TIMINGS, errors="ignore") for path in (first, second)
        )
        return one.equals(two)
    if first.suffix == ".json":
        return timeless(first) == timeless(second)
    return first.read_bytes() == second.read_bytes()


def timeless(path: Path) -> Any:
    """Content of a JSON file without timings."""

    def without(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {key: value for key, value in pairs if key not in (*TIMINGS, DIGEST)}

    return json.loads(path.read_text(), object_pairs_hook=without)


def summary(lives: list[Life]) -> str:
    """Tables of faults by rule and kind, and of what was lost."""
    struck = Counter(strike for life in lives for strike in map(tuple, life.strikes))
    rules = [
        [rule, *(struck[rule, fault] or "" for fault in FAULTS)] for rule in dict.fromkeys(RULES)
    ]
    outcome = [
        [
            life.seed,
            len(life.strikes),
            life.survivors,
            len(life.on_disk),
            life.solved_again,
            "unfinished" if life.differences is None else ", ".join(life.differences) or "none",
        ]
        for life in lives
    ]
    heads = [
        "seed",
        "faults",
        "orphans left",
        "solutions on disk",
        "of these solved again",
        "files that differ",
    ]
    total = f"{sum(len(life.strikes) for life in lives)} faults in {len(lives)} lives."
    return "\n\n".join([machine(), total, table(["rule", *FAULTS], rules), table(heads, outcome)])


def main() -> None:
    """Live once for each seed and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--faults", type=int, default=10, help="in each life")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, required=True, help="for the lives and their record")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended early"))
    try:
        print(summary(live_all(arguments)))
    finally:
        send(signal.SIGKILL, psutil.Process().children(recursive=True))


def live_all(arguments: argparse.Namespace) -> list[Life]:
    """All lives of the record, after those of the given seeds; one that was ended early goes on."""
    reference, record = arguments.folder / "reference", arguments.folder / "lives.json"
    found = json.loads(record.read_text()) if record.is_file() else []
    lives = {entry["seed"]: Life(**entry) for entry in found}
    if not (reference / "results" / "report" / "report.html").is_file():
        shutil.rmtree(reference, ignore_errors=True)
        run_to_end(copy_workflow(reference), arguments.cores)
    for seed in arguments.seeds:
        life = lives.setdefault(seed, Life.of_seed(seed, arguments.faults))
        folder = arguments.folder / str(seed)
        if not folder.exists():
            copy_workflow(folder)
        if life.differences is None:
            for _ in live(folder, life, arguments.cores):
                write_json(record, [asdict(life) for life in lives.values()])
            life.differences = differences(reference, folder)
            write_json(record, [asdict(life) for life in lives.values()])
    return list(lives.values())


if __name__ == "__main__":
    main()
