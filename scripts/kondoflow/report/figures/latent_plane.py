"""The samples in latent space, coloured by what the system says about them."""

from __future__ import annotations

from itertools import combinations

from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.colours import cloud, colour_bar
from kondoflow.report.figures.conditions import no_active_latent as empty
from kondoflow.report.labels import latent_name
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

__all__ = ["caption", "draw", "empty"]

MAX_PLANE = 3  # leading active latents whose pairs are drawn


def draw(results: Results) -> Figure:
    """Samples in the plane of each pair of leading latents, a row for each colour.

    With a single active latent the descriptors themselves are the vertical axes.
    """
    pairs = list(combinations(results.active[:MAX_PLANE], 2))
    if not pairs:
        return draw_single(results)
    mean, labels, names = results.latents["mean"].to_numpy(), results.labels, results.colours
    columns = len(pairs) if len(pairs) > 1 else min(len(names), 2)
    height = 2.9 if columns < 3 else 2.35
    figure, axes = panels(len(pairs) * len(names), columns=columns, height=height)
    with house_style():
        for row, name in enumerate(names):
            in_row = axes[row * len(pairs) : (row + 1) * len(pairs)]
            for ax, (first, second) in zip(in_row, pairs, strict=True):
                marks = cloud(ax, mean[:, first], mean[:, second], results.descriptors[name])
                ax.set_xlabel(latent_name(first))
                ax.set_ylabel(latent_name(second))
            colour_bar(figure, marks, in_row, labels.axis(name))
    return figure


def draw_single(results: Results) -> Figure:
    """Each colour descriptor against the only active latent."""
    latent, names = results.active[0], results.colours
    mean = results.latents["mean"].to_numpy()[:, latent]
    figure, axes = panels(len(names), columns=2, height=2.9)
    with house_style():
        for ax, name in zip(axes, names, strict=True):
            cloud(ax, mean, results.descriptors[name], None)
            ax.set_xlabel(latent_name(latent))
            ax.set_ylabel(results.labels.axis(name))
    return figure


def caption(results: Results) -> Markup:
    """Which latent follows each colour."""
    found = []
    for name in results.colours:
        latent = results.best_latent(name)
        if latent is not None:
            spearman = results.score(name, latent)["spearman"]
            found.append((rich_text(results.labels.symbol(name)), latent_name(latent), spearman))
    return fill_caption(
        "latent_plane",
        n_active=len(results.active),
        names=[rich_text(results.labels.symbol(name)) for name in results.colours],
        found=found,
    )
