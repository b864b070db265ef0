"""Every descriptor against every active latent, in three measures.

A latent is defined up to a sign and a monotone map, so Pearson's r (a straight line) stands beside
Spearman's r (any monotone map) and the R^2 of the best monotone map from descriptor to latent.
"""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.colours import draw_cells
from kondoflow.report.figures.conditions import no_active_latent as empty
from kondoflow.report.figures.latent_scale import SCORES
from kondoflow.report.labels import latent_name
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import WIDTH, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

__all__ = ["caption", "draw", "empty"]

SIDE_BY_SIDE = 5  # active latents at most of which the three tables stand side by side


def draw(results: Results) -> Figure:
    """Three tables of descriptors (rows) against active latents (columns)."""
    active, names = results.active, list(results.scores["descriptors"])
    columns = 3 if len(active) <= SIDE_BY_SIDE else 1  # else the numbers are too small to read
    width = min(2.6 + columns * 0.55 * len(active), 1.6 * WIDTH)
    height = 0.6 + 0.27 * len(names)
    figure, axes = panels(3, columns=columns, width=width, height=height, sharey=True)
    with house_style():
        for ax, (key, title) in zip(axes, SCORES.items(), strict=True):
            rows = [[results.score(name, latent).get(key) for latent in active] for name in names]
            draw_cells(ax, np.array(rows, dtype=float))
            ax.set_title(title)
            ax.set_xticks(range(len(active)), [str(latent) for latent in active])
            ax.set_xlabel("latent")
        for ax in axes if columns == 1 else axes[:1]:
            ax.set_yticks(range(len(names)), [results.labels.symbol(name) for name in names])
    return figure


def caption(results: Results) -> Markup:
    """What was correlated over which samples, with the best descriptor of each latent."""
    best = []
    for latent in results.active:
        name = results.best_descriptor(latent)
        if name is not None:
            spearman = results.score(name, latent)["spearman"]
            best.append((latent_name(latent), rich_text(results.labels.symbol(name)), spearman))
    return fill_caption("correlations", best=best)
