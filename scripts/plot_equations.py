"""Draw the equations: Pareto fronts, predictions, and what is left over."""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.report.figures.drawing import draw_figures
from kondoflow.report.results import Results
from kondoflow.stage.entry import Input, Output, Setting, run_stage


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    scores: Annotated[Path, Input("active latents and correlations (JSON)")],
    found: Annotated[list[Path], Input("equations of each engine (JSON)")],
    verdict: Annotated[Path, Input("chosen equations (JSON)")],
    predictions: Annotated[Path, Input("targets with their equations (netCDF)")],
    figures: Annotated[list[Path], Output("<name of a figure>.png, .svg or .pdf")],
    system: Annotated[dict[str, Any], Setting("system")],
) -> None:
    """Draw the figures of the equations."""
    files = {
        "spectra": spectra,
        "scores": scores,
        "verdict": verdict,
        "predictions": predictions,
    }
    draw_figures("plot_equations", Results(files, system, {}, engine_files=found).read(), figures)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
