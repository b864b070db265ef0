"""Draw all runs of the configuration side by side."""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.files.errors import InputError
from kondoflow.report.figures.drawing import draw_figures
from kondoflow.report.results import Results
from kondoflow.stage.config import iterate_runs, run_settings
from kondoflow.stage.entry import Input, Output, Setting, run_stage


def main(
    *,
    scores: Annotated[list[Path], Input("scores of each run (JSON)")],
    model: Annotated[list[Path], Input("network of each run (JSON)")],
    figures: Annotated[list[Path], Output("<name of a figure>.png, .svg or .pdf")],
    config: Annotated[dict[str, Any], Setting("config")],
) -> None:
    """Draw the figures of all runs; files stand in the order of the configuration's runs."""
    runs = list(iterate_runs(config))
    if len(scores) != len(runs):
        raise InputError("scan", "number of scores files", len(scores), f"{len(runs)}")
    results = [
        Results({"scores": path, "model": of_run}, {}, run_settings(config, *run), *run).read()
        for path, of_run, run in zip(scores, model, runs, strict=True)
    ]
    draw_figures("plot_scan", results, figures)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
