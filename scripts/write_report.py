"""Write the page that tells what was done and what was found, for all runs of the configuration.

The page is a single HTML file: figures, their numbers and formulas are embedded, nothing is loaded.
Every number on it is read from the pipeline's files, to which it links. What could not be shown is
named in its place and in the file `missing`, so that one figure never costs the page.
"""

import logging
from pathlib import Path
from typing import Annotated, Any

from kondoflow.files.atomic import write_json, write_text
from kondoflow.report.job_times import rule_times
from kondoflow.report.page import render_page
from kondoflow.report.runs import read_runs
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage
from kondoflow.stage.making import made_now

logger = logging.getLogger("kondoflow")


def main(
    *,
    spectra: Annotated[list[Path], Input("set of spectra of each run (netCDF)")],
    history: Annotated[list[Path], Input("training history of each run (netCDF)")],
    latents: Annotated[list[Path], Input("latents of each run (netCDF)")],
    model: Annotated[list[Path], Input("network of each run (JSON)")],
    scores: Annotated[list[Path], Input("scores of each run (JSON)")],
    verdict: Annotated[list[Path], Input("verdict of each run (JSON)")],
    predictions: Annotated[list[Path], Input("predictions of each run (netCDF)")],
    equations: Annotated[list[Path], Input("<ensemble>/<run>/<engine>.json of all runs")],
    laws: Annotated[list[Path], Input("<ensemble>/law.json and /confirmation.json, if any")],
    figures: Annotated[list[Path], Input("<ensemble>/<run>/<figure>.png, .svg, .csv of all runs")],
    report: Annotated[Path, Output("the page (HTML)")],
    missing: Annotated[Path, Output("what could not be shown and why (JSON)")],
    config: Annotated[dict[str, Any], Setting("config")],
    job_times: Annotated[
        Path | None, Option("folder of Snakemake's benchmark files (benchmarks/ of the results)")
    ] = None,
    configfiles: Annotated[str, Option("names of the configuration's files")] = "",
) -> None:
    """Write the page; the files of each kind stand in the order of the configuration's runs."""
    files = {
        "spectra": spectra,
        "history": history,
        "latents": latents,
        "model": model,
        "scores": scores,
        "verdict": verdict,
        "predictions": predictions,
    }
    results = read_runs(config, files, equations, laws)
    sizes = {name: entry.get("chunk_size") for name, entry in config["ensembles"].items()}
    times = rule_times(job_times or report.parents[1] / "benchmarks", results, sizes)
    page = render_page(results, figures, times, config, made_now(configfiles), report)
    write_text(report, page.html)
    write_json(missing, page.missing)
    for line in page.missing:
        logger.warning("not shown: %s", line)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
