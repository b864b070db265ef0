"""Tools of symbolic regression at equal recovery: this package, gplearn, PhySO and PySR.

Reads the spectra of a finished default run (`make run`), in `results` or in the folder that
KONDOFLOW_RESULTS names. Every tool gets the same training samples of the region and searches for
log T_chi, on one thread, until the workflow's own judgement counts its answer as Haldane's formula
with the Bethe ansatz's factor, or until its processor time is spent. What counts as its answer is
what it would hand out if it ended at that moment: the selected equation of this package and of
PySR, the best of a generation of gplearn, any equation of PhySO's front. `benchmarks.recovery` says
what an answer has reached: the exponent, the formula, or recovery.

Processor time is that of the search alone: imports, the judgement and, for this package, a first
short search that loads libraries are left out.

gplearn and PhySO, which the project does not depend on, run in an interpreter of their own:

    python3.11 -m venv FOLDER
    FOLDER/bin/pip install gplearn==0.4.3 physo==1.1.11
    python -m benchmarks.regression --python FOLDER/bin/python [--seconds 400] [--seeds 3]

`benchmarks.peers` says with which settings.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Sequence

from benchmarks.common import ROOT, machine, table
from benchmarks.peers import PEERS, other, unavailable
from benchmarks.recovery import LEVELS, Course, Judge
from kondoflow.discovery.engines.availability import available_engines
from kondoflow.discovery.engines.interface import Engine
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.pysr import PySR
from kondoflow.discovery.judgement.claims import in_variables
from kondoflow.discovery.search.execution import Executed
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.regression import describe
from kondoflow.discovery.search.searches import search_once
from kondoflow.discovery.targets import read_samples, system_targets
from kondoflow.files.spectra import read_spectra
from kondoflow.formulas.grammar import parse
from studies.equations import ENSEMBLE, EQUATIONS, RESULTS, SYSTEM

SHOWN = 160  # characters of an equation
OURS = "this package"


def own(engine: Engine, name: str, seed: int, judge: Judge) -> Course:
    """Searches of one engine as the workflow runs them, one after another until recovery."""
    course = Course(name, seed)
    settings = {**EQUATIONS, "null_restarts": 0}
    for task in plan(judge.target, judge.samples, settings, seed):
        started = time.process_time()
        executed = Executed({}, {task.problem.label: search_once(engine, task)})
        found = describe([task], executed, judge.samples.definitions)
        course.seconds += time.process_time() - started
        course.tried += settings["population"] * settings["generations"]
        if found["selected"] is not None:
            chosen = found["front"][found["selected"]]["equation_inputs"]
            judge.take(in_variables(parse(chosen, "equation"), judge.samples), course)
        if len(LEVELS) in course.reached:
            break
    return course


def ratio(times: Sequence[float | None], ours: Sequence[float | None], spent: float) -> str:
    """Median processor time of a tool over ours; a bound where half of its searches reach nothing.

    Args:
        times: Of each seed, None where the level was not reached.
        ours: Likewise of this package.
        spent: Processor time of a search that does not reach it.
    """
    unit = statistics.median(math.inf if each is None else each for each in ours)
    if not math.isfinite(unit):
        return "-"
    found = statistics.median(math.inf if each is None else each for each in times)
    multiple = (found if math.isfinite(found) else spent) / unit
    text = f"{multiple:.2g}" if multiple < 10 else f"{multiple:.0f}"
    return text if math.isfinite(found) else f"> {text}"


def report(courses: Sequence[Course], seconds: float, absent: Sequence[str]) -> str:
    """All searches, and the ratios of the tools."""
    rows = [
        [
            course.tool,
            course.seed,
            f"{course.seconds:.1f}",
            f"{course.tried:,}",
            *(_time(course.reached.get(level)) for level in range(1, len(LEVELS) + 1)),
            f"{course.left:.1e}",
            f"`{shortened(course.equation)}`",
        ]
        for course in courses
    ]
    header = ["tool", "seed", "CPU s", "expressions", *LEVELS, "1 - R^2", "equation"]
    names = list(dict.fromkeys(course.tool for course in courses))
    ratios = []
    for name in names:
        cells = []
        for level in range(1, len(LEVELS) + 1):
            of = [
                [course.reached.get(level) for course in courses if course.tool == tool]
                for tool in (name, OURS)
            ]
            within = name not in PEERS or level <= PEERS[name].highest
            cells.append(ratio(of[0], of[1], seconds) if of[1] and within else "-")
        ratios.append([name, *cells])
    lines = [table(header, rows), table(["CPU time, as a multiple of ours", *LEVELS], ratios)]
    return "\n\n".join([*lines, *absent])


def shortened(text: str) -> str:
    """The beginning of a long equation."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"


def absence(name: str, python: str | None) -> str:
    """Why a tool can't take part; empty if it can."""
    if name == "PySR":
        engines, reason = available_engines(["pysr"], in_conda=False, environment=os.environ)
        return "" if engines else str(reason)
    return unavailable(PEERS[name], python, name) if name in PEERS else ""


def main() -> None:
    """Run the tools that are at hand and print the tables."""
    parser = argparse.ArgumentParser(description="Symbolic regression at equal recovery.")
    parser.add_argument("--python", help="interpreter that has gplearn and physo")
    parser.add_argument("--seconds", type=float, default=400.0, help="processor time of a search")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("tools", nargs="*", help=f"of {OURS}, PySR, {', '.join(PEERS)}")
    options = parser.parse_args()
    asked = options.tools or [OURS, "PySR", *PEERS]
    unknown = set(asked) - {OURS, "PySR", *PEERS}
    if unknown:
        parser.error(f"no tool {', '.join(sorted(unknown))}")
    samples = read_samples(read_spectra(RESULTS / f"spectra/{ENSEMBLE}.nc"), SYSTEM)
    target = system_targets(samples, SYSTEM, EQUATIONS["objectives"])[0]
    judge = Judge(samples, target, SYSTEM, EQUATIONS)
    absences = {name: absence(name, options.python) for name in asked}
    courses = []
    for name in (name for name in asked if not absences[name]):
        if name == OURS:
            own(Operon(), name, 0, judge)  # loads libraries
        for seed in range(1, options.seeds + 1):
            if name in PEERS:
                course = other(name, seed, judge, options.python, options.seconds)
            else:
                engine = Operon() if name == OURS else PySR(ROOT / "results/benchmarks/pysr")
                course = own(engine, name, seed, judge)
            courses.append(course)
            reached = ", ".join(f"{LEVELS[n - 1]} {at:.1f}" for n, at in course.reached.items())
            print(f"{name}, seed {seed}: {course.seconds:.1f} s; {reached}", flush=True)
    n_train = int((judge.usable & samples.parts["train"]).sum())
    print(f"\n{machine()}; {n_train} training samples, {options.seconds:g} CPU s a search\n")
    print(report(courses, options.seconds, [line for line in absences.values() if line]))


if __name__ == "__main__":
    main()
