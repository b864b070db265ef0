"""Draw how the network was trained."""

from pathlib import Path
from typing import Annotated

from kondoflow.report.figures.drawing import draw_figures
from kondoflow.report.results import Results
from kondoflow.stage.entry import Input, Output, run_stage


def main(
    *,
    history: Annotated[Path, Input("training history (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    figures: Annotated[list[Path], Output("<name of a figure>.png, .svg or .pdf")],
) -> None:
    """Draw the figures of one training."""
    results = Results({"history": history, "latents": latents}, {}, {}).read()
    draw_figures("plot_training", results, figures)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
