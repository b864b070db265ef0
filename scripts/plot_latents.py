"""Draw what the network learnt: latent space, what its axes mean, how well it decodes."""

from pathlib import Path
from typing import Annotated, Any

from kondoflow.report.figures.drawing import draw_figures
from kondoflow.report.results import Results
from kondoflow.stage.entry import Input, Output, Setting, run_stage


def main(
    *,
    spectra: Annotated[Path, Input("set of spectra (netCDF)")],
    latents: Annotated[Path, Input("latents of the samples (netCDF)")],
    scores: Annotated[Path, Input("active latents and correlations (JSON)")],
    figures: Annotated[list[Path], Output("<name of a figure>.png, .svg or .pdf")],
    system: Annotated[dict[str, Any], Setting("system")],
) -> None:
    """Draw the figures of the latents."""
    files = {"spectra": spectra, "latents": latents, "scores": scores}
    draw_figures("plot_latents", Results(files, system, {}).read(), figures)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
