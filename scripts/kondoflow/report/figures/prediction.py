"""Every target against its chosen equation, with the map between the two."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.axes import panels
from kondoflow.report.figures.conditions import no_equation as empty
from kondoflow.report.results import Results
from kondoflow.report.style import BLUE, ORANGE, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import MAPS

__all__ = ["caption", "draw", "empty"]

SHOWN = 2  # value of `region` in predictions.nc: validation and test samples


def draw(results: Results) -> Figure:
    """A panel for each target: validation and test samples of the region, and the map."""
    figure, axes = panels(len(results.chosen), columns=2, height=2.9)
    with house_style():
        for ax, entry in zip(axes, results.chosen, strict=True):
            found = results.predictions.sel(target=entry["target"])
            shown = found["region"].to_numpy() == SHOWN
            x, y = found["equation"].to_numpy()[shown], found["value"].to_numpy()[shown]
            size = float(np.clip(4000 / max(shown.sum(), 1), 4, 16))
            ax.scatter(x, y, s=size, lw=0, color=BLUE, rasterized=True)
            known = entry["map"]
            if known["x"]:
                ax.plot(known["x"], known["y"], color=ORANGE, label=MAPS[known["kind"]])
            elif known["kind"] == "identity":
                middle = float(np.nanmedian(x)) if np.isfinite(x).any() else 0.0
                ax.axline((middle, middle), slope=1, color=ORANGE, label=MAPS[known["kind"]])
            if ax.get_legend_handles_labels()[0]:
                ax.legend()
            ax.set_xlabel("chosen equation")
            ax.set_ylabel(results.labels.target(entry["target"]))
    return figure


def caption(results: Results) -> Markup:
    """How well the chosen equations predict."""
    return fill_caption(
        "prediction",
        scores=[
            (rich_text(results.labels.target(entry["target"])), entry.get("score_test"))
            for entry in results.chosen
        ],
    )
