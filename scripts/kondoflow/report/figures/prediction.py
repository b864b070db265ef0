"""Every target against its chosen equation, with the map between the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kondoflow.files.splits import SPLITS
from kondoflow.report.figures.conditions import no_equation as empty
from kondoflow.report.panels import legend_below, panels
from kondoflow.report.results import Results
from kondoflow.report.style import BLUE, ORANGE, SKY, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import MAPS, common, count_samples

__all__ = ["caption", "draw", "empty"]

SHOWN = 2  # value of `region` in predictions.nc: validation and test samples


def draw(results: Results) -> Figure:
    """A panel for each target: validation and test samples of the region, and the map."""
    figure, axes = panels(len(results.chosen), columns=2, height=3.0)
    with house_style():
        for ax, entry in zip(axes, results.chosen, strict=True):
            draw_prediction(ax, results, entry)
    return figure


def draw_prediction(ax: Axes, results: Results, entry: Mapping[str, Any]) -> None:
    """A target against its equation on validation and test samples, and the map between them."""
    found = results.predictions.sel(target=entry["target"])
    shown = found["region"].to_numpy() == SHOWN
    x, y = found["equation"].to_numpy()[shown], found["value"].to_numpy()[shown]
    size = float(np.clip(4000 / max(shown.sum(), 1), 4, 16))
    target = results.labels.target(entry["target"])
    split = results.spectra["split"].to_numpy()[shown]
    for part, colour in (("validation", SKY), ("test", BLUE)):
        own = split == SPLITS.index(part)
        style: dict[str, Any] = {"s": size, "lw": 0, "color": colour, "rasterized": True}
        ax.scatter(x[own], y[own], label=part, gid=f"{target}, {part}", **style)
    known = entry["map"]
    if known["x"]:
        ax.plot(known["x"], known["y"], color=ORANGE, label=MAPS[known["kind"]])
    elif known["kind"] == "identity":
        middle = float(np.nanmedian(x)) if np.isfinite(x).any() else 0.0
        ax.axline((middle, middle), slope=1, label="equality", color=ORANGE, zorder=0)
    legend_below(ax, columns=3)
    ax.set_xlabel("chosen equation")
    ax.set_ylabel(target)


def caption(results: Results) -> Markup:
    """How well the chosen equations predict."""
    counts = [count_samples(entry["errors"], ["test"]) for entry in results.chosen]
    return fill_caption(
        "prediction",
        n=common(counts),
        scores=[
            (rich_text(results.labels.target(entry["target"])), entry.get("score_test"), n)
            for entry, n in zip(results.chosen, counts, strict=True)
        ],
    )
