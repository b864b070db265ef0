"""The best equation for every target, and which known formula it is, with the evidence.

Of the equations that the engines selected, the one with the lowest held-out error for its length
is taken (`discovery.selection`). It is then held against every reference of the system inside and
outside the region in which it was fitted (`discovery.judgement`).
"""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.engine_files import read_engines
from kondoflow.discovery.headline import write_headline
from kondoflow.discovery.judgement import (
    Reference,
    Thresholds,
    best_equation,
    count_recovered,
    judge,
    read_references,
)
from kondoflow.discovery.targets import Samples, Target, read_samples, read_targets
from kondoflow.files.atomic import read_json, write_json
from kondoflow.files.contract import check
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.spectra import read_spectra
from kondoflow.stage.entry import Input, Output, Setting, run_stage

logger = logging.getLogger("kondoflow")


def latex_of(labels: Mapping[str, str]) -> dict[str, str]:
    """LaTeX of the names whose label in the configuration is one formula."""
    matches = {name: re.fullmatch(r"\$([^$]+)\$", text) for name, text in labels.items()}
    return {name: match[1] for name, match in matches.items() if match}


def judge_target(
    target: Target,
    engines: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """Entry of the verdict for one target, see `main`."""
    entries = [
        entry for engine in engines for entry in engine["targets"] if entry["target"] == target.name
    ]
    frame = {
        "target": target.name,
        "objective": str(target.objective),
        "skipped": next((entry["skipped"] for entry in entries if entry["skipped"]), None),
    }
    best = best_equation(entries, equations["parsimony"])
    if best is None:
        return {**frame, "equation": None, "references": {}}
    engine, equation = best
    thresholds = Thresholds(equations["recovered_below"], equations["constants_within"])
    symbols = latex_of(system.get("labels", {}))
    verdict = judge(target, equation, references, samples, thresholds, symbols, seed)
    searches = [found for entry in entries for found in entry["restarts"]]
    nulls = [found for entry in entries if entry["null"] for found in entry["null"]["restarts"]]
    scores = [found["alone"]["score_validation"] for found in nulls if found["alone"]]

    def rate(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        alone = [search["alone"] for search in found if search["alone"]]
        recovered = count_recovered(alone, references, target, samples, thresholds)
        return {"n": len(found), "recovered": recovered}

    return {
        **frame,
        "engine": engine,
        **equation,
        **verdict,
        "searches": rate(searches),
        "null": {**rate(nulls), "score_validation": max(scores, default=None)},
    }


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Input("active latents and correlations (JSON)")],
    found: Annotated[list[Path], Input("equations of each engine (JSON)")],
    verdict: Annotated[Path, Output("chosen equations and their judgement (JSON)")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
    seed: Annotated[int, Setting("seed")],
) -> None:
    """Judge the equations of one run."""
    encoded = read_dataset(latents)
    check(encoded, LATENTS, latents)
    samples = read_samples(read_spectra(spectra), system)
    references = read_references(system, samples)
    engines = read_engines(found)
    targets = [
        judge_target(target, engines, references, samples, system, equations, seed)
        for target in read_targets(encoded, samples, system, equations)
    ]
    headline = write_headline(targets, read_json(scores), system.get("scale"))
    taking_part = [
        {key: engine[key] for key in ("engine", "available", "reason")} for engine in engines
    ]
    write_json(verdict, {"headline": headline, "engines": taking_part, "targets": targets})
    for line in headline:
        logger.info("%s", line)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
