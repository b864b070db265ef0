"""All runs side by side: KL weight against active latents, their KL and the reconstruction error.

Runs that differ in KL weight and seed alone are joined by a line through their means. The legend
names the settings that tell the lines apart. A plain autoencoder stands at KL weight 0, without KL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from kondoflow.report.axes import label_powers
from kondoflow.report.panels import letter, panels
from kondoflow.report.results import Results
from kondoflow.report.style import CYCLE, FAINT, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

ALONG_A_LINE = ("kl_weight", "seed")  # settings in which the runs of a line may differ
SMALLEST_KL = 1e-6  # nats, the lower end of the axis


@dataclass(frozen=True)
class Point:
    """One run.

    Attributes:
        settings: Its autoencoder settings, and its ensemble.
        kl: KL of each latent in nats, (latent,).
        active: Whether each is active, (latent,).
        error: Mean absolute error over the test spectra, NaN if there are none.
    """

    settings: Mapping[str, Any]
    kl: np.ndarray
    active: np.ndarray
    error: float

    @property
    def kl_weight(self) -> float:
        """Weight of the KL term."""
        return float(self.settings["kl_weight"])


def point_of(results: Results) -> Point:
    """What the figure shows of a run."""
    kl = np.array(results.scores["kl"], dtype=float)
    active = np.isin(np.arange(kl.size), results.active)
    settings = {"ensemble": results.ensemble, **results.settings, "kl_weight": results.kl_weight}
    return Point(settings, kl, active, _number(error_of(results)))


def error_of(results: Results) -> float | None:
    """Mean absolute error over the test spectra, as stored with the scores."""
    return results.scores["reconstruction"]["test"]["mean_absolute"]


def draw(results: Sequence[Results]) -> Figure:
    """Three panels over the KL weight: active latents, KL of every latent, reconstruction error."""
    return draw_points([point_of(of_run) for of_run in results])


def draw_points(points: Sequence[Point]) -> Figure:
    """The three panels for runs that were read."""
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


def lines(points: Sequence[Point]) -> dict[str, list[Point]]:
    """Points by line; its name tells the settings in which the lines differ."""
    kept = [key for key in points[0].settings if key not in ALONG_A_LINE]
    differing = [key for key in kept if len({str(p.settings.get(key)) for p in points}) > 1]
    found: dict[str, list[Point]] = {}
    for point in sorted(points, key=lambda point: point.kl_weight):
        name = ", ".join(f"{key} {point.settings[key]}" for key in differing)
        found.setdefault(name, []).append(point)
    return found


def draw_line(
    ax: Axes, points: Sequence[Point], values: Sequence[float], colour: str, name: str
) -> None:
    """Marks of the runs, and a line through the mean at each KL weight."""
    weight, height = np.array([point.kl_weight for point in points]), np.array(values, float)
    ax.plot(weight, height, "o", ms=4, color=colour)
    at = np.unique(weight)
    ax.plot(at, [height[weight == x].mean() for x in at], "o-", ms=4, color=colour, label=name)


def draw_kl(ax: Axes, point: Point, colour: str) -> None:
    """KL of each latent of a variational run; inactive latents in grey."""
    if point.kl_weight == 0:
        return
    for chosen, shade in ((~point.active, FAINT), (point.active, colour)):
        kl = np.maximum(point.kl[chosen], SMALLEST_KL)
        ax.plot(np.full(kl.size, point.kl_weight), kl, "_", ms=9, mew=1.4, color=shade)


def weight_axis(ax: Axes, weights: Sequence[float]) -> None:
    """A logarithmic axis with a place for 0, a tick at each value."""
    positive = [each for each in weights if each > 0]
    if positive:
        ax.set_xscale("symlog", linthresh=positive[0], linscale=0.5)
    low = -0.3 * positive[0] if weights[0] == 0 and positive else 0.7 * weights[0]
    ax.set_xlim(low, 1.4 * weights[-1] if weights[-1] > 0 else 1)
    ax.xaxis.set_major_locator(FixedLocator(list(weights)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticks(list(weights), [f"{each:g}" for each in weights], rotation=90)
    ax.set_xlabel("KL weight")


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def caption(results: Sequence[Results]) -> Markup:
    """Which run decodes best, and which needs the fewest latents."""
    several = len({of_run.ensemble for of_run in results}) > 1

    def told(of_run: Results) -> dict[str, Any]:
        name = f"{of_run.run} on {of_run.ensemble}" if several else of_run.run
        return {"run": name, "n": len(of_run.active), "error": error_of(of_run)}

    return fill_caption(
        "scan",
        n=len(results),
        weight=rich_text("the KL weight"),
        plain=any(of_run.kl_weight == 0 for of_run in results),
        best=told(min(results, key=lambda of_run: error_of(of_run) or np.inf)),
        fewest=told(min(results, key=lambda of_run: len(of_run.active))),
        most=max(len(of_run.active) for of_run in results),
    )
