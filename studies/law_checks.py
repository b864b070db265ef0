"""What the search for a law makes of noise, and of more and less knowledge.

    python -m studies.law_checks nulls [--results FOLDER] [--seeds 1 2 3]
    python -m studies.law_checks knowledge [--results FOLDER] [--seeds 1]

Null targets, of which no law may be announced:

- permuted: the values of log T_chi, in random order;
- noise: normal numbers with the mean and the deviation of log T_chi;
- remainder permuted: Haldane's formula with the Bethe ansatz's factor, as known part, and what it
  leaves of log T_chi, in random order. Here the search starts from a law that holds in part.

Each is composed as in a run, and confirmed on points that are made in the same way by another seed.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.discovery.engines.operon import Operon
from kondoflow.discovery.laws.composing import compose_law, search_for
from kondoflow.discovery.laws.confirmation import confirm
from kondoflow.discovery.laws.describing import described
from kondoflow.discovery.laws.question import set_question, target_of
from kondoflow.discovery.references import read_references
from kondoflow.discovery.targets import Samples
from kondoflow.files.atomic import write_json
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from studies.law import data_of, errors_on, new_points, numbers_in

KINDS = ("permuted", "noise", "remainder permuted")
KNOWN = "haldane_bethe"
LIMITS = {
    "no interaction": {
        "at": {"U": "Gamma/50", "eps_d": "eps_d/U*minimum(U, 3*Gamma)"},
        "value": "log(pi*((eps_d + U/2)**2 + Gamma**2)/(2*Gamma))",
    }
}
LESS: Mapping[str, Mapping[str, Any]] = {
    "none": {"target": "log_T_chi"},
    "small": {"target": "log_T_chi", "small": "Gamma"},
    "symmetry": {"target": "log_T_chi", "symmetries": ["even in eps_d + U/2"]},
    "symmetry, small, limit": {
        "target": "log_T_chi",
        "symmetries": ["even in eps_d + U/2"],
        "small": "Gamma",
        "limits": LIMITS,
    },
}


def null_of(samples: Samples, system: Mapping[str, Any], kind: str, seed: int) -> Samples:
    """Samples with a T_chi that holds no law."""
    rng = np.random.default_rng(seed)
    y = np.log(samples.variables["T_chi"])
    known = evaluate(parse(system["references"][KNOWN], KNOWN), samples.variables)
    values = {
        "permuted": rng.permutation(y),
        "noise": rng.normal(y.mean(), y.std(), y.size),
        "remainder permuted": known + rng.permutation(y - known),
    }[kind]
    return replace(samples, variables={**samples.variables, "T_chi": np.exp(values)})


def nulls(results: Path, folder: Path, seeds: Sequence[int]) -> None:
    """Compose and confirm on null targets."""
    config, system, samples, _ = data_of(results)
    fresh = new_points(config, system, folder, 1)["box"]
    equations = {**config["equations"], "null_restarts": 0}
    print("| target | seed | composed | error on its points | announced | reasons |", flush=True)
    for kind in KINDS:
        for seed in seeds:
            own = null_of(samples, system, kind, seed)
            target = target_of(own, system, equations)
            if kind == "remainder permuted":
                setting = set_question(own, target, system, seed)
                known = [item for item in read_references(system, own) if item.name == KNOWN]
                found = search_for(
                    setting, target, own, known, system, equations, Operon(), seed, 1
                )
                result = described(found, setting, target, own, [])
                law = {**result, "recovered": [KNOWN], "null": []}
            else:
                law = compose_law(own, system, equations, [], Operon(), seed, 1)
            points = null_of(fresh, system, kind, seed + 1000)
            tried = confirm({"null": [], **law}, points, own, system, equations, seed, "null")
            reached = tried["errors"]["test"]["rms"] if law["law"] else None
            cell = "" if reached is None else f"{reached:.2f}"
            reasons = "; ".join(tried["reasons"])
            composed, announced = bool(law["law"]), tried["announced"]
            print(
                f"| {kind} | {seed} | {composed} | {cell} | {announced} | {reasons} |", flush=True
            )


def knowledge(results: Path, folder: Path, seeds: Sequence[int], chosen: Sequence[str]) -> None:
    """Compose with less and with more knowledge."""
    config, system, samples, engines = data_of(results)
    points = new_points(config, system, folder, 1)
    equations = {**config["equations"], "null_restarts": 0}
    print(f"| given | seed | fitted, all numbers | {' | '.join(points)} | CPU s |", flush=True)
    for words in chosen or LESS:
        for seed in seeds:
            began = sum(os.times()[:4])
            own = {**system, "law": LESS[words]}
            found = compose_law(samples, own, equations, engines, Operon(), seed, 1)
            spent = sum(os.times()[:4]) - began
            write_json(folder / f"given_{words.replace(', ', '_')}_{seed}.json", found)
            errors = " | ".join(errors_on(found, each) for each in points.values())
            counts = f"{found['law']['constants']}, {numbers_in(found)}"
            print(f"| {words} | {seed} | {counts} | {errors} | {spent:.0f} |", flush=True)
            print(found["limits"], flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["nulls", "knowledge"])
    parser.add_argument("--results", type=Path, default=Path("results"))
    parser.add_argument("--folder", type=Path, default=Path("results/studies/law"))
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--given", nargs="*", default=[], choices=list(LESS))
    given = parser.parse_args()
    if given.part == "nulls":
        nulls(given.results, given.folder, given.seeds)
    else:
        knowledge(given.results, given.folder, given.seeds, given.given)


if __name__ == "__main__":
    main()
