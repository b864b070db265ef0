"""Try all kinds and print the table, see the package."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.common import machine, table
from benchmarks.faults import copy_workflow, run_to_end
from kondoflow.files.atomic import read_json, write_json
from studies.hostile.drawing import outcome
from studies.hostile.kinds import KINDS
from studies.hostile.pages import prepare

HEADS = ["kind", "inputs", "refused in one line", "accepted and right", "faults"]


def try_kind(name: str, seed: int, folder: Path) -> list[str]:
    """What became of all inputs of a kind."""
    kind = KINDS[name]
    return [outcome(name, kind.attempt, seed, index, folder) for index in range(kind.n)]


def main() -> None:
    """Try the kinds that the folder has no outcome of, and print the table of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, required=True, help="for the run and the outcomes")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    run, record = arguments.folder / "run", arguments.folder / f"outcomes.{arguments.seed}.json"
    if not (run / "results/report/report.html").is_file():
        run_to_end(copy_workflow(run, {}), 2)
    prepare(arguments.folder, run / "results")
    outcomes = read_json(record) if record.is_file() else {}
    for name in arguments.kinds:
        if name not in outcomes:
            began = time.monotonic()
            outcomes[name] = try_kind(name, arguments.seed, arguments.folder)
            outcomes[name + ", seconds"] = time.monotonic() - began
            write_json(record, outcomes)
    rows: list[list[object]] = []
    for name in (each for each in KINDS if each in outcomes):
        found = outcomes[name]
        refused, right = found.count("refused"), found.count("right")
        rows.append([name, len(found), refused, right, len(found) - refused - right])
        faults = [
            f"{k}: {each}" for k, each in enumerate(found) if each not in ("refused", "right")
        ]
        print(*faults[:5], sep="\n", end="\n" if faults else "")
    rows.append(["all", *(sum(int(str(row[column])) for row in rows) for column in range(1, 5))])
    print("\n\n".join([machine(), f"Seed {arguments.seed}.", table(HEADS, rows)]))


if __name__ == "__main__":
    main()
