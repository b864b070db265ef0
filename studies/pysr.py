"""PySR on the targets that follow the Kondo temperature, wherever Julia is.

Reads a finished default run (`make run`), in `results` or in the folder that KONDOFLOW_RESULTS
names. Each row is one search of the default settings, in a process of its own: how many equations
PySR wrote, how many of them are kept after units and nesting, which formula the best one recovers,
and what it cost.

    python -m studies.pysr            six searches a target
    python -m studies.pysr 2          so many
"""

from __future__ import annotations

import os
import resource
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.common import machine, table
from kondoflow.discovery.engines.availability import available_engines
from kondoflow.discovery.engines.interface import EngineUnavailableError
from kondoflow.discovery.engines.pysr import PySR
from kondoflow.discovery.search.execution import Executed
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.regression import describe
from kondoflow.discovery.search.searches import Outcome, Task, evaluated
from kondoflow.files.workers import Workers
from studies.equations import EQUATIONS, read_run, recovers


def searched(engine: PySR, task: Task) -> tuple[int, Outcome, float]:
    """Number of equations that PySR wrote, what is kept of them, and memory in MB."""
    started = time.monotonic()
    result = engine.search(task.problem)
    outcome = evaluated(result, engine.name, task, started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return len(result.equations), outcome, memory


def main(n_searches: int) -> None:
    """Print versions and the table.

    Raises:
        SystemExit: If PySR can't run here; the message says why.
    """
    engines, absence = available_engines(["pysr"], in_conda=False, environment=os.environ)
    if not engines:
        raise SystemExit(absence)
    samples, targets, leading = read_run("vae")
    asked = [item for item in targets if item.name in (f"latent_{leading}", "log_T_chi")]
    rows: list[list[object]] = []
    with TemporaryDirectory() as folder, Workers(1) as workers:
        engine = PySR(Path(folder))
        try:
            versions = workers.call(engine.prepare)
        except EngineUnavailableError as error:
            raise SystemExit(str(error)) from error
        for target in asked:
            settings = {**EQUATIONS, "restarts": n_searches}
            for task in plan(target, samples, settings, 1):
                n_written, outcome, memory = workers.call(partial(searched, engine, task))
                row = _row(task, outcome, samples, target)
                counts = [n_written, len(outcome.candidates), f"{outcome.seconds:.0f}"]
                rows.append([target.name, task.problem.label, *counts, f"{memory:.0f}", *row])
    print(", ".join([machine(), *(f"{name} {number}" for name, number in versions.items())]))
    header = ["target", "search", "written", "kept", "s", "MB", "1 - R^2", "recovered", "equation"]
    print()
    print(table(header, rows))


def _row(task: Task, outcome: Outcome, samples: Any, target: Any) -> list[object]:
    executed = Executed({}, {task.problem.label: outcome})
    found = describe([task], executed, samples.definitions)
    if found["selected"] is None:
        return ["", "none", "none"]
    chosen = found["front"][found["selected"]]
    recovered = [name for name, n in recovers([chosen], samples, target).items() if n]
    left = 1 - chosen["score_validation"]
    return [f"{left:.1e}", ", ".join(recovered) or "none", f"`{chosen['equation']}`"]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EQUATIONS["restarts"])
