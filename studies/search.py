r"""How far the search for equations reaches, on laws that are known.

    python -m studies.search              all tables
    python -m studies.search units gap    some: units, gap, known, kondo, feynman

units: y = W J/(W + J) with a factor from 1e-30 to 1e30 on one of the three or on all.

gap: the gap of weak and strong coupling, W/sinh(1/c), known up to a monotone map, with
W in 1 .. 100, c in 0.15 .. 1 and the gap in 1 .. 2.5 (the box of `bcs`). An equation counts as the
law if the angle between the gradients of the two in (log W, log c) is below 0.5 degrees for nine
samples of ten and the equation is not longer than the law by more than two nodes.

known: the same gap as it stands, so without a map to be found. `exp` alone is allowed.

kondo: log T_chi and the latent that follows it, of a finished default run (`make run`), in
`results` or in the folder that KONDOFLOW_RESULTS names.

feynman: equations with two to four variables of the Feynman Symbolic Regression Database (Udrescu
and Tegmark, Science Advances 6, eaay2631 (2020)), 200 points drawn uniformly, without noise. An
equation counts as found if it leaves less than 1e-10 of the variance of y in a box 20 % wider.
Two equations with an arcsine, which the search lacks, are left out of the file and count as missed.

One core, one process; `CPU s` is the processor time of a row.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import ROOT, print_tables, table
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.judgement.claims import count_recovered
from kondoflow.discovery.judgement.ground import prepare
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import read_references
from kondoflow.discovery.search.execution import Executed
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.regression import describe
from kondoflow.discovery.search.searches import search_once
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.formulas.dimensions import Dimension
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.trees import Name
from kondoflow.stage.config import load_config

CONFIG = load_config()
DEFAULT = CONFIG["equations"]
SHORT = {**DEFAULT, "restarts": 1, "null_restarts": 0, "population": 200, "generations": 20}
BRIEF = {"population": 100, "generations": 10}
ARITHMETIC = ["add", "sub", "mul", "div"]
SEEDS = range(1, 11)
ARCSINES = 2  # equations I.26.2 and I.30.5
FACTORS = (1e-30, 1e-15, 1e-3, 1.0, 1e3, 1e15, 1e30)


def sampled(
    inputs: Mapping[str, np.ndarray],
    y: np.ndarray,
    objective: Objective,
    dimensions: Mapping[str, Dimension] | None = None,
) -> tuple[Samples, Target]:
    """Samples and a target from arrays, (n,); of ten samples eight train."""
    part = np.arange(y.size) % 10
    samples = Samples(
        variables=inputs,
        definitions={name: Name(name) for name in inputs},
        inputs=inputs,
        region=np.ones(y.size, dtype=np.bool_),
        parts={"train": part < 8, "validation": part == 8, "test": part == 9},
        dimensions=dimensions or {},
    )
    return samples, Target("y", y, objective)


def searched(
    samples: Samples, target: Target, settings: Mapping[str, Any], seed: int
) -> tuple[dict[str, Any], float]:
    """The selected equation of a search, and its processor time."""
    started = time.process_time()
    tasks = plan(target, samples, settings, seed)
    executed = Executed({})
    for task in tasks:
        executed.outcomes[task.problem.label] = search_once(Operon(), task)
    found = describe(tasks, executed, samples.definitions)
    seconds = time.process_time() - started
    if found["selected"] is None:
        return {"equation": "none", "equation_inputs": "0"}, seconds
    return found["front"][found["selected"]], seconds


def units() -> str:
    """The same law in many units."""
    rng = np.random.default_rng(1)
    W, J = rng.uniform(0.5, 2.0, (2, 300))
    law = W * J / (W + J)
    energy: Dimension = {"energy": 1.0}
    rows = []
    for which in ("W", "J", "y", "all"):
        for factor in FACTORS:
            w, j, k = (factor if which in (name, "all") else 1.0 for name in ("W", "J", "y"))
            known = {"W": energy, "J": energy} if which == "all" else None
            settings = {**SHORT, "symbols": ARITHMETIC}
            inputs = {"W": w * W, "J": j * J}
            samples, target = sampled(inputs, k * law, Objective.SQUARED_ERROR, known)
            chosen, seconds = searched(samples, target, settings, 1)
            values = evaluate(parse(chosen["equation_inputs"], "equation"), inputs)
            error = float(np.max(np.abs(values / target.values - 1)))
            rows.append(
                [which, f"{factor:g}", f"{error:.0e}", f"{seconds:.1f}", chosen["equation"]]
            )
    header = ["factor on", "factor", "largest relative error", "CPU s", "equation"]
    return "W J/(W + J) in other units\n\n" + table(header, rows)


def gap() -> str:
    """The gap of a superconductor known up to a monotone map."""
    rows: list[list[object]] = []
    for name in ("exp", "sinh"):
        for noise in (0.0, 0.01):
            for seed in SEEDS:
                rows.append([name, f"{100 * noise:g} %", seed, *gap_row(name, noise, seed)])
            hits = sum(row[3] == "yes" for row in rows[-len(SEEDS) :])
            rows.append([name, f"{100 * noise:g} %", "all", f"{hits}/{len(SEEDS)}", "", "", ""])
    header = ["symbol", "noise", "seed", "law", "angle / degrees", "CPU s", "equation"]
    return "W/sinh(1/c) up to a monotone map\n\n" + table(header, rows)


def gap_row(symbol: str, noise: float, seed: int) -> list[object]:
    """One search for the law of the gap."""
    samples, target = gaps(noise, seed, Objective.ISOTONIC)
    settings = {**SHORT, "symbols": [*ARITHMETIC, "log", symbol], **BRIEF}
    chosen, seconds = searched(samples, target, settings, seed)
    text = chosen["equation_inputs"]
    angle = angle_to_gap(text, samples.inputs)
    law = "W/(exp(1/c) - exp(-1/c))" if symbol == "exp" else "W/sinh(1/c)"
    short = complexity(parse(text, "equation")) <= complexity(parse(law, "equation")) + 2
    verdict = "yes" if angle < 0.5 and short else "no"
    return [verdict, f"{angle:.2f}", f"{seconds:.1f}", chosen["equation"]]


def known() -> str:
    """The gap of a superconductor as it stands."""
    rows: list[list[object]] = []
    settings = {**SHORT, "symbols": [*ARITHMETIC, "log", "exp"], **BRIEF}
    for noise in (0.0, 0.01):
        for seed in SEEDS:
            samples, target = gaps(noise, seed, Objective.SQUARED_ERROR)
            chosen, seconds = searched(samples, target, settings, seed)
            angle = angle_to_gap(chosen["equation_inputs"], samples.inputs)
            length = complexity(parse(chosen["equation_inputs"], "equation"))
            cells = [f"{angle:.2f}", length, f"{seconds:.1f}", chosen["equation"]]
            rows.append([f"{100 * noise:g} %", seed, *cells])
    header = ["noise", "seed", "angle / degrees", "nodes", "CPU s", "equation"]
    return "W/sinh(1/c) as it stands, with exp\n\n" + table(header, rows)


def gaps(noise: float, seed: int, objective: Objective) -> tuple[Samples, Target]:
    """Samples of the gap with relative noise."""
    rng = np.random.default_rng(seed)
    W = 100 ** rng.random(36_000)
    c = rng.uniform(0.15, 1.0, W.size)
    values = W / np.sinh(1 / c)
    kept = np.flatnonzero((values > 1) & (values < 2.5))[:600]
    W, c, values = W[kept], c[kept], values[kept]
    y = values * (1 + noise * rng.normal(size=values.size))
    return sampled({"W": W, "c": c}, y, objective, {"W": {"energy": 1.0}})


def angle_to_gap(text: str, inputs: Mapping[str, np.ndarray]) -> float:
    """Angle in degrees between the gradients of an equation and the law, nine tenths below it."""
    expression = parse(text, "equation")
    step = 1e-5
    rise = [
        evaluate(expression, {**inputs, name: inputs[name] * (1 + step)})
        - evaluate(expression, {**inputs, name: inputs[name] * (1 - step)})
        for name in ("W", "c")
    ]
    x = 1 / inputs["c"]
    angle = np.degrees(np.abs(np.arctan2(rise[1], rise[0]) - np.arctan2(x / np.tanh(x), 1.0)))
    return float(np.quantile(np.minimum(angle, np.abs(180 - angle)), 0.9))


def kondo() -> str:
    """The default run's targets that follow the Kondo temperature."""
    results = Path(os.environ.get("KONDOFLOW_RESULTS", ROOT / "results"))
    system = CONFIG["systems"]["anderson"]
    samples = read_samples(read_spectra(results / "spectra/low_field.nc"), system)
    latents = read_dataset(results / "models/low_field/vae/latents.nc")
    leading = read_json(results / "latents/low_field/vae/scores.json").get("leading_latent", 1)
    references = read_references(system, samples)
    expressions = {reference.name: reference.expression for reference in references}
    rule = Rule.from_config(DEFAULT)
    rows: list[list[object]] = []
    for target in read_targets(latents, samples, system, DEFAULT):
        if target.name not in (f"latent_{leading}", "log_T_chi"):
            continue
        for seed in SEEDS[:3]:
            chosen, seconds = searched(samples, target, DEFAULT, seed)
            ground = prepare(expressions, target, samples, seed, rule=rule)
            recovered = count_recovered([chosen], ground)
            known = ", ".join(name for name, n in recovered.items() if n) or "none"
            errors = [f"{1 - chosen[f'score_{part}']:.1e}" for part in ("validation", "test")]
            rows.append([target.name, seed, *errors, known, f"{seconds:.0f}", chosen["equation"]])
    header = ["target", "seed", "validation", "test", "recovered", "CPU s", "equation"]
    return "Kondo temperature, 1 - R^2\n\n" + table(header, rows)


def feynman() -> str:
    """Equations of the Feynman Symbolic Regression Database."""
    rows: list[list[object]] = []
    for line in (ROOT / "studies/feynman.csv").read_text(encoding="utf-8").splitlines()[1:]:
        name, formula, *ranges = line.split(",")
        rows.append([name, f"`{formula}`", *feynman_row(formula, ranges)])
    hits = sum(row[2] == "yes" for row in rows)
    title = f"Equations with two to four variables: {hits} of {len(rows) + ARCSINES} found\n\n"
    return title + table(["number", "law", "found", "1 - R^2", "CPU s", "equation"], rows)


def feynman_row(formula: str, ranges: Sequence[str]) -> list[object]:
    """One search; `ranges` are `variable low high`."""
    boxes = [(name, float(low), float(high)) for name, low, high in map(str.split, ranges)]
    rng = np.random.default_rng(1)
    inputs = {name: rng.uniform(low, high, 200) for name, low, high in boxes}
    law = parse(formula, "law")
    samples, target = sampled(inputs, evaluate(law, inputs), Objective.SQUARED_ERROR)
    settings = {**SHORT, "symbols": [*ARITHMETIC, "sqrt", "exp", "cos", "sin"], **BRIEF}
    chosen, seconds = searched(samples, target, settings, 1)
    wide = {
        name: rng.uniform(low - 0.1 * (high - low), high + 0.1 * (high - low), 1000)
        for name, low, high in boxes
    }
    y, f = evaluate(law, wide), evaluate(parse(chosen["equation_inputs"], "equation"), wide)
    known = np.isfinite(y) & np.isfinite(f)
    left = float(np.mean((y - f)[known] ** 2) / np.var(y[known])) if known.any() else np.inf
    return ["yes" if left < 1e-10 else "no", f"{left:.0e}", f"{seconds:.1f}", chosen["equation"]]


TABLES = (units, gap, known, kondo, feynman)

if __name__ == "__main__":
    print_tables("one process", TABLES, sys.argv[1:])
