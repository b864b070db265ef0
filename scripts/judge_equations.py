"""The best equation for every target, and which known formula it is, with the evidence.

Of the equations that the engines selected, the one with the lowest held-out error for its length is
taken. It is then compared with every reference of the system inside and outside the region in which
it was fitted (`discovery.judgement.verdict`).
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.discovery.judgement.verdict import Evidence, judge_target
from kondoflow.discovery.latents.joint_quantities import with_kept
from kondoflow.discovery.predictions import predict
from kondoflow.discovery.references import read_references
from kondoflow.discovery.region import describe_region
from kondoflow.discovery.targets import (
    definitions_of,
    read_samples,
    read_targets,
    without_constants,
)
from kondoflow.files.atomic import write_json
from kondoflow.files.engine_files import read_engines
from kondoflow.files.netcdf import read_dataset, write_dataset
from kondoflow.files.results import read_result
from kondoflow.files.side_by_side import side_by_side
from kondoflow.files.spectra import read_spectra
from kondoflow.formulas.printing import latex_symbols
from kondoflow.report.headline import write_headline
from kondoflow.stage.entry import Input, Output, Setting, Threads, run_stage

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Input("active latents and correlations (JSON)")],
    found: Annotated[list[Path], Input("equations of each engine (JSON)")],
    verdict: Annotated[Path, Output("chosen equations and their judgement (JSON)")],
    predictions: Annotated[Path, Output("targets beside their equations (netCDF)")],
    system: Annotated[dict[str, Any], Setting("system")],
    equations: Annotated[dict[str, Any], Setting("equations")],
    seed: Annotated[int, Setting("seed")],
    joint: Annotated[Sequence[Path], Input("joint quantities of the run (netCDF), if any")] = (),
    threads: Annotated[int, Threads()] = 1,
) -> None:
    """Judge the equations of one run."""
    encoded = read_dataset(latents, LATENTS)
    together = [read_dataset(path) for path in joint]
    samples = read_samples(read_spectra(spectra), system, *together)
    references = read_references(system, samples)
    symbols = latex_symbols(system.get("labels", {}))
    engines = read_engines(found)
    targets = read_targets(encoded, samples, system, equations)
    definitions = definitions_of(system)
    evidence = Evidence(engines, references, samples, equations, seed, definitions, symbols)
    judged = side_by_side(judge_target, evidence, targets, threads)
    judged = with_kept(judged, together, definitions, samples.parts["test"])
    region = describe_region(system.get("region"), symbols)
    known = read_result(scores, {"active_latents": list})
    headline = write_headline(judged, region, known, system.get("scale"), system.get("landmarks"))
    taking_part = [
        {key: engine[key] for key in ("engine", "available", "reason")} for engine in engines
    ]
    write_dataset(predictions, predict(targets, judged, references, samples))
    seen = without_constants(samples).inputs
    content = {
        "headline": headline,
        "region": region,
        "constant_inputs": [name for name in samples.inputs if name not in seen],
        "engines": taking_part,
        "targets": judged,
    }
    write_json(verdict, content)
    for line in headline:
        logger.info("%s", line)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
