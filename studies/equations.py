r"""How often the search recovers known formulas.

Reads a finished default run (`make run`), in `results` or in the folder that KONDOFLOW_RESULTS
names; runs of `workflow/presets/repeats.yaml` that are there too add autoencoders with other seeds.
Whether an equation has the form

.. math:: \log \Gamma + c \, \epsilon_d (\epsilon_d + U)/(U \Gamma) + \ldots

is read off a least-squares fit of these two terms to its values in the region: c is the ratio of
the coefficients, to be compared with pi/2, and `two terms` the share of the equation's variance
that they make up. Other tools of symbolic regression are in `benchmarks.regression`.

    python -m studies.equations           all tables
    python -m studies.equations seeds     one table only: seeds, runs or factor

The table `factor` needs the spectra of `workflow/presets/bethe.yaml` too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import ROOT, print_tables, table
from benchmarks.recovery import form
from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.judgement.claims import count_recovered
from kondoflow.discovery.judgement.coefficients import coefficients_in_target, terms_of
from kondoflow.discovery.judgement.ground import prepare
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.monotone import affine_residual
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import read_references
from kondoflow.discovery.residuals import held_out_r2
from kondoflow.discovery.search.regression import regress
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.atomic import read_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.config import load_config

RESULTS = Path(os.environ.get("KONDOFLOW_RESULTS", ROOT / "results"))
CONFIG = load_config()
EQUATIONS = CONFIG["equations"]
SYSTEM = CONFIG["systems"]["anderson"]
ENSEMBLE = "low_field"
RUNS = ("vae", "second", "third")
SEEDS = range(1, 11)
PROCESSES = len(os.sched_getaffinity(0))


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


def recovers(
    found: Sequence[Mapping[str, Any]], samples: Samples, target: Target
) -> dict[str, int]:
    """How many of some equations recover each reference of the system."""
    expressions = {item.name: item.expression for item in read_references(SYSTEM, samples)}
    rule = Rule.from_config(EQUATIONS)
    logarithmic = target.name.startswith("log_")
    ground = prepare(expressions, target, samples, 1, rule=rule, logarithmic=logarithmic)
    return count_recovered(found, ground)


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


TABLES = (seeds, runs, factor)

if __name__ == "__main__":
    print_tables(f"{EQUATIONS['restarts']} searches a target", TABLES, sys.argv[1:])
