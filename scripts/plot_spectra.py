"""Draw what the data look like: example spectra, and how the samples are distributed."""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.report.figures.drawing import draw_figures
from kondoflow.report.results import Results
from kondoflow.stage.entry import Input, Option, Output, Setting, run_stage


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    figures: Annotated[list[Path], Output("<name of a figure>.png, .svg or .pdf")],
    system: Annotated[dict[str, Any], Setting("system")],
    channel: Annotated[str, Option("spectrum that is shown: up, down or mean")] = "up",
) -> None:
    """Draw the figures of the spectra."""
    results = Results({"spectra": spectra}, system, {"channel": channel}).read()
    draw_figures("plot_spectra", results, figures)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
