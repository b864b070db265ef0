r"""How often the search recovers known formulas, beside the tool of the original study.

Reads a finished default run (`make run`), in `results` or in the folder that KONDOFLOW_RESULTS
names; runs of `workflow/presets/repeats.yaml` that are there too add autoencoders with other seeds.
Whether an equation has the form

.. math:: \log \Gamma + c \, \epsilon_d (\epsilon_d + U)/(U \Gamma) + \ldots

is read off a least-squares fit of these two terms to its values in the region: c is the ratio of
the coefficients, to be held against pi/2, and `two terms` the share of the equation's variance
that they make up. gplearn takes part where it is installed beside the project, with Pearson
fitness, + - * / inverse and negative, once with the ratios alone as inputs (as in
arXiv:2107.08013) and once with the inputs and functions of our search:

    pip install --no-deps --target FOLDER gplearn scikit-learn joblib threadpoolctl narwhals
    PYTHONPATH=FOLDER python -m studies.equations

    python -m studies.equations seeds     one table only: seeds, runs, tools or factor

The table `factor` needs the spectra of `workflow/presets/bethe.yaml` too.
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
from kondoflow.discovery.claims import count_recovered
from kondoflow.discovery.coefficients import coefficients_in_target, terms_of
from kondoflow.discovery.engines.availability import available_engines
from kondoflow.discovery.engines.interface import Engine
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.engines.pysr import PySR
from kondoflow.discovery.execution import Executed
from kondoflow.discovery.ground import prepare
from kondoflow.discovery.limits import Rule
from kondoflow.discovery.monotone import affine_residual
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import read_references
from kondoflow.discovery.regression import describe, regress
from kondoflow.discovery.residuals import held_out_r2
from kondoflow.discovery.searches import plan, search_once
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.formulas.evaluation import evaluate_text
from kondoflow.stage.config import load_config

RESULTS = Path(os.environ.get("KONDOFLOW_RESULTS", ROOT / "results"))
CONFIG = load_config()
EQUATIONS = CONFIG["equations"]
SYSTEM = CONFIG["systems"]["anderson"]
ENSEMBLE = "low_field"
RUNS = ("vae", "second", "third")
SEEDS = range(1, 11)
PROCESSES = len(os.sched_getaffinity(0))
EXPONENT = "eps_d*(eps_d + U)/(U*Gamma)"
GPLEARN = {
    "population_size": 2000,
    "generations": 40,
    "metric": "pearson",
    "stopping_criteria": 1.0,  # by default a search ends as soon as the correlation is positive
    "function_set": ("add", "sub", "mul", "div", "inv", "neg"),
}
GPLEARN_CASES = {
    "gplearn, ratios": (("a", "b", "c"), {}),
    "gplearn, our inputs": (
        ("a", "b", "c", "G"),
        {"function_set": ("add", "sub", "mul", "div", "inv", "neg", "log")},
    ),
}


def read_run(run: str) -> tuple[Samples, list[Target], int]:
    """Samples and targets of a finished run, and the latent that follows the scale."""
    results = RESULTS
    spectra = read_spectra(results / f"spectra/{ENSEMBLE}.nc")
    latents = read_dataset(results / f"models/{ENSEMBLE}/{run}/latents.nc")
    scores = read_json(results / f"latents/{ENSEMBLE}/{run}/scores.json")
    samples = read_samples(spectra, SYSTEM)
    targets = read_targets(latents, samples, SYSTEM, EQUATIONS)
    leading = scores["leading_latent"]
    if leading is None:
        raise SystemExit(f"no active latent of {ENSEMBLE}/{run} follows {SYSTEM['scale']}")
    return samples, targets, leading


def form(values: np.ndarray, samples: Samples) -> tuple[float, float]:
    """Coefficient c and share of two terms of an equation's values, (sample,), see the module."""
    log_Gamma = np.log(samples.variables["Gamma"])
    exponent = evaluate_text(EXPONENT, "exponent", samples.variables)
    known = samples.region & np.isfinite(values)
    columns = np.column_stack([log_Gamma, exponent, np.ones_like(exponent)])[known]
    coefficients = np.linalg.lstsq(columns, values[known])[0]
    if abs(coefficients[0]) < 1e-9 * np.abs(coefficients).max():
        coefficients[0] = 0.0  # prints as an infinite ratio
    left = values[known] - columns @ coefficients
    with np.errstate(divide="ignore"):
        ratio = np.float64(coefficients[1]) / coefficients[0]
    return float(ratio), 1 - left.var() / values[known].var()


def one_search(samples: Samples, target: Target, seed: int) -> list[object]:
    """Row of a whole search for one target."""
    found = regress(Operon(), [target], samples, EQUATIONS, seed, PROCESSES)["targets"][0]
    chosen = found["front"][found["selected"]]
    values = samples.values_of(chosen["equation_inputs"])
    references = read_references(SYSTEM, samples)
    recovered = [name for name, n in recovers([chosen], samples, target).items() if n]
    alone = [item["alone"] for item in found["restarts"] if item["alone"]]
    counts = {name: n for name, n in recovers(alone, samples, target).items() if n}
    c, share = form(values, samples)
    haldane = next(item for item in references if item.name == "haldane")
    return [
        f"{c / (np.pi / 2):.3f}",
        f"{share:.4f}",
        f"{left_over(values, target, samples):.1e}",
        f"{left_over(haldane.values, target, samples):.1e}",
        ", ".join(recovered) or "none",
        ", ".join(f"{name} {n}/{len(alone)}" for name, n in counts.items()) or f"0/{len(alone)}",
        f"{found['seconds']:.0f}",
        null_score(found),
        f"`{chosen['equation']}`",
    ]


def left_over(values: np.ndarray, target: Target, samples: Samples) -> float:
    """1 - R^2 of the target on test samples after a monotone map of values, (sample,)."""
    score = held_out_r2(values, target, samples)
    return np.inf if score is None else 1 - score


def null_score(found: dict[str, Any]) -> str:
    """Validation R^2 of what the null searches selected."""
    null = found["null"]
    if null is None or null["selected"] is None:
        return "nothing"
    return f"{null['front'][null['selected']]['score_validation']:.2f}"


HEADER = [
    "c/(pi/2)",
    "two terms",
    "1 - R^2",
    "Haldane's",
    "recovered",
    "by single searches",
    "s",
    "null R^2",
    "equation",
]


def seeds() -> str:
    """The default search with ten seeds, for log T_chi and for the latent of the scale."""
    samples, targets, leading = read_run("vae")
    asked = [item for item in targets if item.name in (f"latent_{leading}", "log_T_chi")]
    rows = [
        [target.name, seed, *one_search(samples, target, seed)]
        for target in asked
        for seed in SEEDS
    ]
    return "Ten seeds of the search\n\n" + table(["target", "seed", *HEADER], rows)


def runs() -> str:
    """The default search on the latents of several autoencoders."""
    rows = []
    for run in RUNS:
        if (RESULTS / f"latents/{ENSEMBLE}/{run}/scores.json").is_file():
            samples, targets, leading = read_run(run)
            for target in targets:
                if target.name.startswith("latent_"):
                    name = (
                        f"{target.name}{' (scale)' if target.name == f'latent_{leading}' else ''}"
                    )
                    rows.append([run, name, *one_search(samples, target, 1)])
    return "Autoencoders of several seeds\n\n" + table(["run", "target", *HEADER], rows)


def tools() -> str:
    """One search of each tool for both targets: three seeds of gplearn, which is slow, else ten."""
    samples, targets, leading = read_run("vae")
    asked = [item for item in targets if item.name in (f"latent_{leading}", "log_T_chi")]
    rows: list[list[object]] = []
    for target in asked:
        rows += gplearn_rows(samples, target)
        for engine in (Operon(), PySR(RESULTS / "benchmarks/pysr")):
            absence = "" if engine.name == "operon" else pysr_absence()
            if absence:
                rows.append([target.name, engine.name, "", "", "", "", "", absence])
            else:
                rows += [engine_row(engine, seed, samples, target) for seed in SEEDS]
    return "One search of each tool\n\n" + table(TOOLS_HEADER, rows)


TOOLS_HEADER = ["target", "tool", "seed", "CPU s", "1 - R^2", "c/(pi/2), two terms", "recovered"]
TOOLS_HEADER += ["equation"]


def engine_row(engine: Engine, seed: int, samples: Samples, target: Target) -> list[object]:
    """One search as the workflow runs it, and the equation that it would select alone."""
    task = plan(target, samples, {**EQUATIONS, "restarts": 1, "null_restarts": 0}, seed)[0]
    started = time.process_time()
    found = describe([task], Executed({}, {task.problem.label: search_once(engine, task)}), {})
    seconds = time.process_time() - started
    chosen = found["front"][found["selected"]]
    values = samples.values_of(chosen["equation_inputs"])
    recovered = ", ".join(name for name, n in recovers([chosen], samples, target).items() if n)
    row = score_row(engine.name, seed, seconds, values, samples, target)
    return [*row, recovered or "none", f"`{chosen['equation_inputs']}`"]


def recovers(
    found: Sequence[Mapping[str, Any]], samples: Samples, target: Target
) -> dict[str, int]:
    """How many of some equations recover each reference of the system."""
    expressions = {item.name: item.expression for item in read_references(SYSTEM, samples)}
    rule = Rule.from_config(EQUATIONS)
    logarithmic = target.name.startswith("log_")
    ground = prepare(expressions, target, samples, 1, rule=rule, logarithmic=logarithmic)
    return count_recovered(found, ground)


def pysr_absence() -> str:
    """Why PySR can't run here; empty if it can."""
    engines, absence = available_engines(["pysr"], in_conda=False, environment=os.environ)
    return "" if "pysr" in engines else str(absence)


def gplearn_rows(samples: Samples, target: Target) -> list[list[object]]:
    """The original study's tool, with its inputs and with ours."""
    try:
        from gplearn.genetic import SymbolicRegressor
    except ImportError:
        return [[target.name, "gplearn", "", "", "", "", "", "not installed, see above"]]
    train = samples.usable(target) & samples.parts["train"]
    rows = []
    for label, (names, settings) in GPLEARN_CASES.items():
        X = np.column_stack([samples.inputs[name] for name in names])
        for seed in SEEDS[:3]:
            started = time.process_time()
            options = {**GPLEARN, **settings, "feature_names": list(names)}
            model = SymbolicRegressor(**options, random_state=seed)
            model.fit(X[train], target.values[train])
            values = model.predict(X)
            row = score_row(label, seed, time.process_time() - started, values, samples, target)
            rows.append([*row, "", f"`{model._program}`"])
    return rows


def score_row(
    name: str, seed: int, seconds: float, values: np.ndarray, samples: Samples, target: Target
) -> list[object]:
    """Score of an equation's values, (sample,), on test samples after the best monotone map."""
    c, share = form(values, samples)
    left = left_over(values, target, samples)
    shape = f"{c / (np.pi / 2):.3f}, {share:.4f}"
    return [target.name, name, seed, f"{seconds:.1f}", f"{left:.1e}", shape]


def factor() -> str:
    """Coefficients of the terms of Haldane's formula with the Bethe ansatz's factor in T_chi."""
    preset = load_config(ROOT / "workflow/presets/bethe.yaml")["systems"]["anderson"]
    everywhere = {**preset, "region": "abs(eps_d/U + 1/2) < 0.35"}
    cases = [
        ("low_field", "low_field", SYSTEM),
        ("bethe", "bethe", preset),
        ("bethe, all U/Gamma", "bethe", everywhere),
    ]
    rows = [[label, *coefficients(ensemble, system)] for label, ensemble, system in cases]
    header = ["ensemble", "samples", "log(U Gamma/2)/2", "exponent", "pi Gamma/(2 U)"]
    header += ["Haldane: 1 - R^2", "with the factor: 1 - R^2"]
    return "Coefficients of the terms in log T_chi, 1 in the formula\n\n" + table(header, rows)


def coefficients(ensemble: str, system: Mapping[str, Any]) -> list[object]:
    """Samples in the region, coefficients, and what either formula leaves of log T_chi."""
    path = RESULTS / f"spectra/{ensemble}.nc"
    if not path.is_file():
        return ["not computed", "", "", "", "", ""]
    samples = read_samples(read_spectra(path), system)
    values = np.log(samples.variables["T_chi"])
    target = Target("log_T_chi", values, Objective.SQUARED_ERROR)
    references = {item.name: item for item in read_references(system, samples)}
    terms = terms_of(references["haldane_bethe"].expression)
    found, uncertain = coefficients_in_target(terms, target, samples, 1)
    if found is None or uncertain is None:
        raise SystemExit(f"{path} has too few samples in the region")
    known = samples.usable(target)
    left = [
        affine_residual(references[name].values[known], values[known])
        for name in ("haldane", "haldane_bethe")
    ]
    cells = [f"{c:.3f} ± {s:.3f}" for c, s in zip(found, uncertain, strict=True)]
    return [int(known.sum()), *cells, *(f"{share:.1e}" for share in left)]


TABLES = (seeds, runs, tools, factor)

if __name__ == "__main__":
    print_tables(f"{EQUATIONS['restarts']} searches a target", TABLES, sys.argv[1:])
