"""All runs side by side: KL weight against active latents, their KL and the reconstruction error.

Runs that differ in KL weight and seed alone are joined by a line through their means; what tells
the lines apart stands in the legend. A plain autoencoder stands at weight 0 and has no KL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from kondoflow.autoencoder.contract import LATENTS
from kondoflow.files.contract import check
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.splits import SPLITS
from kondoflow.report.axes import label_powers, letter, panels
from kondoflow.report.style import CYCLE, FAINT, house_style, save_figure
from kondoflow.stage.config import iterate_runs, run_settings
from kondoflow.stage.entry import Input, Output, Setting, run_stage

ALONG_A_LINE = ("kl_weight", "seed")  # settings in which the runs of a line may differ
SMALLEST_KL = 1e-6  # nats, the lower end of the axis


@dataclass(frozen=True)
class Point:
    """One run.

    Attributes:
        settings: Its autoencoder settings, and its ensemble.
        kl: KL of each latent in nats, (latent,).
        active: Whether each is active, (latent,).
        error: Mean absolute error over the test spectra.
    """

    settings: Mapping[str, Any]
    kl: np.ndarray
    active: np.ndarray
    error: float

    @property
    def kl_weight(self) -> float:
        """Weight of the KL term."""
        return float(self.settings["kl_weight"])


def read_point(latents: Path, settings: Mapping[str, Any]) -> Point:
    """Read what the figure shows of one run."""
    encoded = read_dataset(latents)
    check(encoded, LATENTS, latents)
    test = encoded["split"].to_numpy() == SPLITS.index("test")
    return Point(
        settings,
        encoded["kl"].to_numpy(),
        encoded["active"].to_numpy().astype(bool),
        float(encoded["absolute_error"].to_numpy()[test].mean()),
    )


def lines(points: Sequence[Point]) -> dict[str, list[Point]]:
    """Points by line; its name tells the settings in which the lines differ."""
    kept = [key for key in points[0].settings if key not in ALONG_A_LINE]
    differing = [key for key in kept if len({str(p.settings.get(key)) for p in points}) > 1]
    found: dict[str, list[Point]] = {}
    for point in sorted(points, key=lambda point: point.kl_weight):
        name = ", ".join(f"{key} {point.settings[key]}" for key in differing)
        found.setdefault(name, []).append(point)
    return found


def draw_scan(points: Sequence[Point]) -> Figure:
    """Three panels over the KL weight: active latents, KL of every latent, reconstruction error."""
    by_line = lines(points)
    legend_rows = len(by_line) if len(by_line) > 1 else 0
    figure, axes = panels(3, columns=3, height=2.75 + 0.18 * legend_rows)
    number, kl, error = axes
    with house_style():
        for index, (name, of_line) in enumerate(by_line.items()):
            colour = CYCLE[index % len(CYCLE)]
            draw_line(number, of_line, [p.active.sum() for p in of_line], colour, name)
            draw_line(error, of_line, [p.error for p in of_line], colour, name)
            for point in of_line:
                draw_kl(kl, point, colour)
        number.set_ylabel("active latents")
        number.yaxis.set_major_locator(MaxNLocator(integer=True))
        kl.set_ylabel("KL (nat)")
        kl.set_yscale("log")
        label_powers(kl.yaxis)
        error.set_ylabel("mean absolute error")
        for ax in (number, error):
            ax.set_ylim(bottom=0)
        for ax in axes:
            weight_axis(ax, sorted({point.kl_weight for point in points}))
        letter(axes)
        if legend_rows:
            handles, names = number.get_legend_handles_labels()
            figure.legend(handles, names, loc="outside lower center")
    return figure


def draw_line(
    ax: Axes, points: Sequence[Point], values: Sequence[float], colour: str, name: str
) -> None:
    """Marks of the runs, and a line through the mean at each weight."""
    weight, height = np.array([point.kl_weight for point in points]), np.array(values, float)
    ax.plot(weight, height, "o", ms=4, color=colour)
    at = np.unique(weight)
    ax.plot(at, [height[weight == x].mean() for x in at], "o-", ms=4, color=colour, label=name)


def draw_kl(ax: Axes, point: Point, colour: str) -> None:
    """KL of each latent of a run that has one; inactive ones in grey."""
    if point.kl_weight == 0:
        return
    for chosen, shade in ((~point.active, FAINT), (point.active, colour)):
        kl = np.maximum(point.kl[chosen], SMALLEST_KL)
        ax.plot(np.full(kl.size, point.kl_weight), kl, "_", ms=9, mew=1.4, color=shade)


def weight_axis(ax: Axes, weights: Sequence[float]) -> None:
    """A logarithmic axis with a place for 0, a tick at each value."""
    positive = [weight for weight in weights if weight > 0]
    if positive:
        ax.set_xscale("symlog", linthresh=positive[0], linscale=0.5)
    low = -0.3 * positive[0] if weights[0] == 0 and positive else 0.7 * weights[0]
    ax.set_xlim(low, 1.4 * weights[-1] if weights[-1] > 0 else 1)
    ax.xaxis.set_major_locator(FixedLocator(list(weights)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks(list(weights), [f"{weight:g}" for weight in weights], rotation=90)
    ax.set_xlabel("KL weight")


def main(
    *,
    latents: Annotated[list[Path], Input("latents of each run (netCDF)")],
    scan: Annotated[list[Path], Output("runs side by side, .png, .svg or .pdf")],
    config: Annotated[dict[str, Any], Setting("config")],
) -> None:
    """Draw all runs of the configuration; files stand in the order of its runs."""
    runs = list(iterate_runs(config))
    if len(latents) != len(runs):
        raise InputError("scan", "number of latents files", len(latents), f"{len(runs)}")
    points = [
        read_point(path, {"ensemble": ensemble, **run_settings(config, ensemble, run)})
        for path, (ensemble, run) in zip(latents, runs, strict=True)
    ]
    save_figure(draw_scan(points), scan)


if __name__ == "__main__":
    run_stage(main, globals().get("snakemake"))
