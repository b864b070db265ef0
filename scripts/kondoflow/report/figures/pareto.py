"""Pareto fronts: what each equation leaves unexplained, against its complexity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kondoflow.report.axes import log_axis
from kondoflow.report.figures.conditions import no_equation as empty
from kondoflow.report.panels import legend_below, panels
from kondoflow.report.results import Results
from kondoflow.report.style import CYCLE, INK, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import ENGINES, MAPS

__all__ = ["caption", "draw", "empty"]

EXACT = 1e-12  # 1 - R^2 at which what is left is drawn if it is less
DASHES = ("--", "-.", ":")  # of the best reference formulas
MARKERS = "osD^v"  # of the engines


def draw(results: Results) -> Figure:
    """A panel for each target: all engines, the chosen equation, the reference formulas."""
    chosen = results.chosen
    figure, axes = panels(len(chosen), columns=2, height=3.2)
    with house_style():
        for ax, entry in zip(axes, chosen, strict=True):
            ax.set_yscale("log")  # before a line is drawn that may be alone on it
            for index, engine in enumerate(results.engines):
                front = front_of(engine, entry["target"])
                if front.size:
                    colour, marker = CYCLE[index % len(CYCLE)], MARKERS[index % len(MARKERS)]
                    name = ENGINES.get(engine["engine"], engine["engine"])
                    ax.plot(*front.T, ls="", marker=marker, ms=4.5, color=colour, label=name)
            ring: dict[str, Any] = {"ls": "", "marker": "o", "ms": 11, "mfc": "none", "mec": INK}
            left = shown(1 - entry["score_validation"])
            ax.plot(entry["complexity"], left, label="chosen", mew=1.2, **ring)
            draw_references(ax, entry, results)
            log_axis(ax)
            mark_exact(ax)
            legend_below(ax)
            ax.set_xlim(left=0)
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
            ax.set_xlabel("complexity")
            ax.set_ylabel("unexplained, $1 - R^2$")
            ax.set_title(f"{results.labels.target(entry['target'])}, {MAPS[entry['map']['kind']]}")
    return figure


def shown(left: float) -> float:
    """Unexplained share as it is drawn: `EXACT` at least, so that an exact formula has a place."""
    return max(left, EXACT) if np.isfinite(left) else left


def mark_exact(ax: Axes) -> None:
    """Say at the lower end of the axis what stands there."""
    lowest = min((np.nanmin(line.get_ydata()) for line in ax.lines), default=1.0)
    if lowest <= EXACT:
        ax.set_ylim(bottom=EXACT / 10)
        place: dict[str, Any] = {"xy": (0.02, EXACT), "xycoords": ("axes fraction", "data")}
        apart: dict[str, Any] = {"xytext": (0, -3), "textcoords": "offset points"}
        ax.annotate("exact", **place, **apart, va="top", fontsize=8.5)


def draw_references(ax: Axes, entry: Mapping[str, Any], results: Results) -> None:
    """A line for each of the best references that say something about the target."""
    left = {
        row["name"]: 1 - row["errors"]["validation"]["r2"]
        for row in entry["front"]
        if row["kind"] == "reference"
        and row["errors"]["validation"]["r2"] is not None
        and entry["references"][row["name"]]["telling"]
    }
    for name, dashes in zip(sorted(left, key=left.__getitem__), DASHES, strict=False):
        style: dict[str, Any] = {"color": INK, "lw": 0.9, "ls": dashes, "zorder": 0}
        ax.axhline(shown(left[name]), label=results.labels.symbol(name), **style)


def front_of(engine: Mapping[str, Any], target: str) -> np.ndarray:
    """Complexity and unexplained share of an engine's equations for a target, (n, 2)."""
    points = [
        (item["complexity"], shown(1 - item["score_validation"]))
        for entry in engine["targets"]
        if entry["target"] == target
        for item in entry["front"]
        if item["score_validation"] is not None
    ]
    return np.array(points, dtype=float).reshape(-1, 2)


def caption(results: Results) -> Markup:
    """Which equation was chosen from each front."""
    return fill_caption(
        "pareto",
        chosen=[
            (
                rich_text(results.labels.target(entry["target"])),
                entry["complexity"],
                1 - entry["score_validation"],
            )
            for entry in results.chosen
        ],
    )
