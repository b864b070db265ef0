"""How every stage grows with the number of spectra: processor time and memory of its jobs.

    python -m benchmarks.scale --folder /tmp/scale              # 2,000, 20,000 and 200,000
    python -m benchmarks.scale --folder /tmp/scale 2000 600000

The set of `benchmarks.bcs`, smooth spectra without a solver, passes through the whole workflow as a
file that a user brings. Snakemake measures each job. A training is one restart of `EPOCHS` epochs:
its time is proportional to epochs and spectra beside what it takes to start. The search is one of
the shortest, because a search sees 500 samples whatever their number.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import yaml

from benchmarks.bcs import configuration, make_spectra
from benchmarks.common import ROOT, machine, table
from kondoflow.files.netcdf import write_dataset
from kondoflow.report.job_times import RuleTime, sum_by_rule

SIZES = (2_000, 20_000, 200_000)
EPOCHS = 5
N_OMEGA = 333
SEARCH = {
    "engines": ["operon"],
    "restarts": 1,
    "null_restarts": 0,
    "generations": 2,
    "population": 20,
}


def run(folder: Path, n_samples: int) -> list[RuleTime]:
    """Take a set through the workflow, and read what its jobs took."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "brought.nc"
    if not source.is_file():
        write_dataset(source, make_spectra(n_samples, N_OMEGA))
    settings = {"epochs": EPOCHS, "refine_epochs": EPOCHS, "restarts": 1}
    content = {**configuration(source, **settings), "equations": SEARCH}
    # Under a name that no system of the package has, whose entries would be added.
    content["systems"] = {"smooth": content["systems"]["bcs"]}
    content["ensembles"]["bcs"]["system"] = "smooth"
    (folder / "config.yaml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "progress"]
    command += [
        "--rerun-incomplete",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--directory",
        str(folder),
    ]
    subprocess.run([*command, "--configfile", str(folder / "config.yaml")], check=True)
    return sum_by_rule(folder / "results/benchmarks", {("bcs", "vae"): ["0"]}, {})


def main() -> None:
    """Print processor seconds and memory by rule and number of spectra."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--folder", type=Path, required=True, help="for the sets and results")
    arguments = parser.parse_args()
    times: dict[str, dict[int, RuleTime]] = {}
    for size in arguments.sizes:
        for time in run(arguments.folder / str(size), size):
            times.setdefault(time.rule, {})[size] = time
            print(size, time, file=sys.stderr, flush=True)
    rows = [
        [rule, *(shown(of_rule.get(size)) for size in arguments.sizes)]
        for rule, of_rule in times.items()
    ]
    print(f"{machine()}; {N_OMEGA} frequencies, {EPOCHS} epochs; CPU s, largest memory in MB\n")
    print(table(["job", *(f"{size:,} spectra" for size in arguments.sizes)], rows))


def shown(time: RuleTime | None) -> str:
    """CPU seconds and memory, where the job was long enough to be measured."""
    if time is None or time.cpu is None or time.memory is None:
        return ""
    return f"{time.cpu:.1f}, {time.memory:.0f}"


if __name__ == "__main__":
    main()
