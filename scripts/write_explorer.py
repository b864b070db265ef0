"""One page on which spectra, latents and equations can be walked through, for all runs.

The page is a single HTML file that loads nothing. The browser decodes, evaluates and draws; what it
needs is packed into the file (`kondoflow.report.explorer`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from kondoflow.autoencoder.layers import plain_decoder
from kondoflow.autoencoder.stored import read_stored
from kondoflow.discovery.judgement.measuring import measure_formulas
from kondoflow.discovery.latents.joint_errors import errors_of_joint
from kondoflow.discovery.targets import read_samples
from kondoflow.files.atomic import write_text
from kondoflow.report.explorer.decoder import Decoder
from kondoflow.report.explorer.fronts import text_of_law
from kondoflow.report.explorer.page import render_explorer
from kondoflow.report.explorer.reading import make_run
from kondoflow.report.runs import read_runs
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage


def main(
    *,
    spectra: Annotated[list[Path], Input("set of spectra of each run (netCDF)")],
    weights: Annotated[list[Path], Input("weights of each run (safetensors)")],
    model: Annotated[list[Path], Input("network of each run (JSON)")],
    latents: Annotated[list[Path], Input("latents of each run (netCDF)")],
    scores: Annotated[list[Path], Input("scores of each run (JSON)")],
    verdict: Annotated[list[Path], Input("verdict of each run (JSON)")],
    equations: Annotated[list[Path], Input("<ensemble>/<run>/<engine>.json of all runs")],
    explorer: Annotated[Path, Output("the page (HTML)")],
    config: Annotated[dict[str, Any], Setting("config")],
    joint: Annotated[Sequence[Path], Input("joint quantities of the runs that have any")] = (),
    laws: Annotated[Sequence[Path], Input("<ensemble>/*.json of the laws over the whole box")] = (),
    report: Annotated[str, Option("address of the printed report beside the page")] = "report.html",
) -> None:
    """Write the page; the files of each kind stand in the order of the configuration's runs."""
    files = {
        "spectra": spectra,
        "weights": weights,
        "model": model,
        "latents": latents,
        "scores": scores,
        "verdict": verdict,
    }
    runs = []
    for run in read_runs(config, files, equations, laws, joint):
        decoder = Decoder(**plain_decoder(read_stored(run.weights, run.files["model"])))
        law, errors = run.own_law, None
        if run.joint is not None:
            samples = read_samples(run.spectra, run.system, run.joint)
            sought = run.system["law"] if law and law.get("run") else None
            errors = errors_of_joint(run.joint, run.latents, samples, sought)
        measured = measure_formulas(
            run.spectra,
            run.latents,
            run.system,
            config["equations"],
            run.engines,
            run.joint,
            {law["target"]: text_of_law(law)} if law and law["law"] else {},
        )
        runs.append(make_run(run, decoder, measured, errors))
    write_text(explorer, render_explorer(runs, report=report, name=config["name"]))


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
