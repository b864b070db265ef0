"""How long each stage takes to start: importing its script, in processor seconds.

    python -m benchmarks.startup > benchmarks/startup.md

Each script is imported in a new process, some times; the least processor time counts, which other
work on the machine changes little. Below it stand the modules that take most of it, as
`python -X importtime` tells.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys

from benchmarks.common import machine, table
from kondoflow.stage.paths import ROOT

REPEATS = 3
SHOWN = 4  # modules of a stage
PACKAGE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")


def processor_seconds(name: str) -> float:
    """Processor time of a process that imports a script and ends."""
    times = []
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", f"import {name}"], cwd=ROOT / "scripts", check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def dearest(name: str) -> list[tuple[str, float]]:
    """Libraries that take most of the import, with the seconds of all their modules."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import {name}"],
        cwd=ROOT / "scripts",
        check=True,
        capture_output=True,
        text=True,
    )
    seconds: dict[str, float] = {}
    for own, _, _, module in PACKAGE.findall(run.stderr):
        library = module.split(".")[0]
        seconds[library] = seconds.get(library, 0.0) + int(own) / 1e6
    return sorted(seconds.items(), key=lambda pair: -pair[1])[:SHOWN]


def main() -> None:
    """Print the table."""
    rows = []
    bare = processor_seconds("sys")
    for path in sorted((ROOT / "scripts").glob("*.py")):
        parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in dearest(path.stem))
        rows.append([path.stem, f"{processor_seconds(path.stem):.2f}", parts])
        print(*rows[-1], file=sys.stderr, flush=True)
    heads = ["stage", "processor s", "most of it (s, wall)"]
    print(f"{machine()}; Python alone {bare:.2f} s\n\n{table(heads, rows)}")


if __name__ == "__main__":
    main()
