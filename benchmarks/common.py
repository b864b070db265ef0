"""What benchmarks, studies and validation share: naming the machine, timing, tables."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from kondoflow.report.numbers import in_terminal, short_of_1

ROOT = Path(__file__).resolve().parent.parent


def machine() -> str:
    """Processor and number of cores that this process may use."""
    names = [
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    cores = len(os.sched_getaffinity(0))
    return f"{names[0] if names else 'unknown processor'}, {cores} cores"


def scored(value: float, decimals: int = 3) -> str:
    """R^2 or a correlation as the report writes it: what is below 1 does not read as 1."""
    return in_terminal(short_of_1(float(value), decimals))


def cpu_seconds(call: Callable[[], object], repeats: int = 5) -> float:
    """Processor time of a call, the least of some repeats after one that is not counted."""
    call()
    times = []
    for _ in range(repeats):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def print_tables(
    settings: str, tables: Sequence[Callable[[], str]], names: Collection[str]
) -> None:
    """Print the tables with these names, all of them without any, below machine and settings."""
    known = {function.__name__: function for function in tables}
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise SystemExit(f"no table {', '.join(unknown)}: there are {', '.join(known)}")
    print(f"{machine()}; {settings}\n")
    for name in names or known:
        print(known[name](), end="\n\n", flush=True)
