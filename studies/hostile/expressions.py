"""Random expressions that are accepted at the start, followed through all that comes later.

Each is the equation that a search found and a reference to compare with at once: it is polished
and held to its units, scored, selected, judged, typeset and told on the page, by the real stages
on a small finished run.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import judge_equations
from kondoflow.discovery.engines.interface import SearchResult
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.execution import Executed
from kondoflow.discovery.search.planning import plan
from kondoflow.discovery.search.regression import describe
from kondoflow.discovery.search.searches import evaluated
from kondoflow.discovery.targets import read_samples, system_targets
from kondoflow.files.atomic import write_json
from kondoflow.files.netcdf import read_dataset
from kondoflow.formulas.grammar import check_numbers, parse
from studies.hostile.pages import RUN, report_is_whole, tiny_config

NAMES = ["U", "Gamma", "eps_d"]
NUMBERS = ["1", "2", "20", "0.5", "1e308", "1e-308", "-3", "pi", "1000.0", "0", "exp(1)"]
ONE = ["sqrt", "exp", "log", "log10", "abs", "sign", "tanh", "sin", "cos", "sinh", "cosh", "-"]
TWO = ["minimum", "maximum"]


def text_of(rng: random.Random, depth: int = 3) -> str:
    """A random expression over the parameters."""
    if depth == 0 or rng.random() < 0.2:
        return rng.choice([*NAMES * 4, *NUMBERS])
    first, second = text_of(rng, depth - 1), text_of(rng, depth - 1)
    power = rng.choice(["2", "20", "0.5", "-1"])
    choices = [
        f"{rng.choice(ONE)}({first})",
        f"{rng.choice(TWO)}({first}, {second})",
        *(f"({first}){sign}({second})" for sign in ["+", "-", "*", "/", "**"]),
        f"({first})**{power}",
    ]
    return rng.choice(choices)


def follow(rng: random.Random, folder: Path) -> bool:
    """Follow a random expression from the search to the page."""
    text = text_of(rng)
    check_numbers(parse(text, "key"), text, "key")
    return is_followed(text, rng.choice(list(Objective)), folder)


def is_followed(text: str, objective: Objective, folder: Path) -> bool:
    """Whether all stages after a search get on with an equation and a reference."""
    results = folder / "expression" / "results"
    spectra = folder / "expression" / "whole.nc"
    config = tiny_config()
    system = config["systems"]["anderson"]
    system["references"], system["inputs"] = {"given": text}, {name: name for name in NAMES}
    system["region"] = "U > 0"
    equations = config["equations"] | {"latents": [99]}
    equations["objectives"] = equations["objectives"] | {"targets": str(objective)}
    samples = read_samples(read_dataset(spectra), system)
    (target,) = system_targets(samples, system, equations["objectives"])[:1]
    (task, *_) = plan(target, samples, equations, 1)
    outcome = evaluated(
        SearchResult((text, "U/Gamma"), timed_out=False), "study", task, time.monotonic()
    )
    # One that algebra can't treat is left out with a line, and the other equation goes on.
    if any("\n" in line for line in outcome.left_out) or not outcome.candidates:
        raise ValueError(outcome.left_out)
    executed = Executed({}, {task.problem.label: outcome})
    entry = describe([task], executed, samples.definitions)
    frame: dict[str, Any] = {"target": target.name, "engine": "operon", "objective": str(objective)}
    frame |= {"skipped": None, "null": None, "versions": {}, "settings": {}, "inputs": {}}
    own = results / "equations" / RUN
    write_json(
        own / "operon.json",
        {"engine": "operon", "available": True, "reason": None, "targets": [frame | entry]},
    )
    scores, latents = (
        results / "latents" / RUN / "scores.json",
        results / "models" / RUN / "latents.nc",
    )
    verdict, predictions = own / "verdict.json", own / "predictions.nc"
    judge_equations.main(
        spectra=spectra,
        latents=latents,
        scores=scores,
        found=[own / "operon.json"],
        verdict=verdict,
        predictions=predictions,
        system=system,
        equations=equations,
        seed=1,
    )
    return report_is_whole(
        results,
        config,
        spectra=[spectra],
        latents=[latents],
        scores=[scores],
        verdict=[verdict],
        history=[results / "models" / RUN / "history.nc"],
        model=[results / "models" / RUN / "model.json"],
        predictions=[predictions],
        equations=[own / "operon.json"],
        laws=[],
    )
