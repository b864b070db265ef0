"""Draw all figures of a run: spectra, training, latents and equations."""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.report.figures.drawing import draw_figures
from kondoflow.report.results import Results
from kondoflow.stage.entry import Input, Output, Setting, Threads, run_stage


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    history: Annotated[Path, Input("training history (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Input("active latents and correlations (JSON)")],
    found: Annotated[list[Path], Input("equations of each engine (JSON)")],
    verdict: Annotated[Path, Input("chosen equations (JSON)")],
    predictions: Annotated[Path, Input("targets with their equations (netCDF)")],
    laws: Annotated[list[Path], Input("law.json and confirmation.json; none without a law")],
    figures: Annotated[list[Path], Output("<name of a figure>.png, .svg, .pdf or .csv")],
    system: Annotated[dict[str, Any], Setting("system")],
    threads: Annotated[int, Threads()] = 1,
    channel: Annotated[str | list[str], Setting("channel")] = "up",
    transform: Annotated[str, Setting("transform")] = "none",
) -> None:
    """Draw the figures of a run."""
    files = {
        "spectra": spectra,
        "history": history,
        "latents": latents,
        "scores": scores,
        "verdict": verdict,
        "predictions": predictions,
    }
    settings = {"channel": channel, "transform": transform}
    results = Results(files, system, settings, engine_files=found, law_files=laws).read()
    draw_figures("plot_figures", results, figures, threads)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
