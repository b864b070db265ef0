"""What a large number of chunks costs beside the solutions: time, memory and files.

    python -m benchmarks.load --chunks 25 100 400

An ensemble of 25 spectra a chunk goes through the rules up to the joined data set, a chunk on each
core at a time. The solutions are made trivial by public settings: no interaction, a high
temperature and hence a short chain, the fewest states. What remains is the cost of Snakemake, of
starting jobs and of joining chunks, which should grow in proportion to the number of chunks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from benchmarks.common import machine, table
from benchmarks.faults import copy_workflow

SPECTRA_A_CHUNK = 25
SETTINGS: dict[str, Any] = {
    "runs": [{"name": "vae", "ensemble": "load"}],
}
ENSEMBLE: dict[str, Any] = {
    "system": "anderson",
    "sampling": "sobol",
    "axes": {
        "U": 0.0,
        "Gamma": {"range": [0.01, 0.1], "scale": "log"},
        "eps_d_over_U": 0.0,
        "B": 0.0,
        "T": 0.1,
    },
    "solver": {"n_z": 2, "n_keep": 16, "susceptibility": False},
    "omega": {"n_side": 20, "min": 1.0e-2},
    "split": {"train": 0.8, "validation": 0.1, "test": 0.1},
}


def measure(n_chunks: int, cores: int, folder: Path) -> list[object]:
    """Run one ensemble and return its row of the table."""
    copy_workflow(folder)
    size = {"n_samples": n_chunks * SPECTRA_A_CHUNK, "chunk_size": SPECTRA_A_CHUNK}
    config = {**SETTINGS, "ensembles": {"load": {**ENSEMBLE, **size}}}
    (folder / "load.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--quiet", "all"]
    command += ["--configfile", "load.yaml", "--until", "collect_spectra"]
    command += ["--set-threads", "solve_spectra=1"]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status:
        raise RuntimeError(f"{n_chunks} chunks: {status}")
    files = [path for path in folder.rglob("*") if path.is_file() and _is_of_the_run(path, folder)]
    joined = folder / "results" / "spectra" / "load.nc"
    header, values = (
        line.split("\t")
        for line in (folder / "results/benchmarks/collect_spectra/load.tsv")
        .read_text()
        .splitlines()
    )
    collect = dict(zip(header, values, strict=True))
    return [
        size["n_samples"],
        n_chunks,
        f"{seconds:.0f}",
        f"{(used.ru_utime + used.ru_stime) / n_chunks:.1f}",
        f"{used.ru_maxrss / 1024:.0f}",
        f"{float(collect['s']):.1f}",
        collect["max_rss"],
        len(files),
        f"{joined.stat().st_size / 1e6:.2f}",
    ]


def _is_of_the_run(path: Path, folder: Path) -> bool:
    return path.relative_to(folder).parts[0] in ("results", "logs", ".snakemake")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chunks", type=int, nargs="+", default=[25, 100, 400])
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    heads = [
        "spectra",
        "chunks",
        "wall s",
        "CPU s a chunk",
        "MB of the largest process",
        "s to join",
        "MB to join",
        "files",
        "MB of the data set",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        rows = []
        for n_chunks in arguments.chunks:
            rows.append(measure(n_chunks, arguments.cores, Path(scratch) / str(n_chunks)))
            print(*rows[-1], file=sys.stderr, flush=True)
    print(f"{machine()}\n\n{table(heads, rows)}")


if __name__ == "__main__":
    main()
