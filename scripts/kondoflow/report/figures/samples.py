"""How parameters and descriptors are distributed over the samples."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kondoflow.report.axes import label_powers, spreads_over_decades
from kondoflow.report.panels import panels
from kondoflow.report.results import Results, finite
from kondoflow.report.style import BLUE, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

LEAST_BINS, MOST_BINS = 5, 40


def draw(results: Results) -> Figure:
    """A histogram of each parameter and descriptor, over the samples on which it is defined."""
    labels = results.labels
    names = [name for name in results.system["parameters"] if name in results.variables]
    quantities = {name: results.variables[name] for name in names} | dict(results.descriptors)
    figure, axes = panels(len(quantities), columns=4, height=1.75)
    with house_style():
        for ax, (name, values) in zip(axes, quantities.items(), strict=True):
            draw_histogram(ax, finite(values))
            ax.set_xlabel(labels.axis(name))
        for ax in axes[::4]:
            ax.set_ylabel("samples")
    return figure


def draw_histogram(ax: Axes, values: np.ndarray) -> None:
    """Histogram of finite values (sample,) in their own unit.

    Bins are equal in the logarithm where the values are positive and spread over decades.
    """
    if values.size == 0:
        ax.text(0.5, 0.5, "undefined", transform=ax.transAxes, ha="center")
        return
    if spreads_over_decades(values):
        edges = np.geomspace(values.min(), values.max(), bins_of(values.size) + 1)
        ax.hist(values, bins=edges.tolist(), color=BLUE)
        ax.set_xscale("log")
        label_powers(ax.xaxis)
    else:
        ax.hist(values, bins=bins_of(values.size), color=BLUE)


def bins_of(n: int) -> int:
    """Number of bins for `n` values; with more, the bins of few samples look like a comb."""
    return int(np.clip(np.ceil(np.sqrt(n)), LEAST_BINS, MOST_BINS))


def caption(results: Results) -> Markup:
    """How many samples there are, and which descriptors are undefined for some of them."""
    undefined = results.scores["undefined"]
    return fill_caption(
        "samples",
        n=results.spectra.sizes["sample"],
        partial=[(rich_text(results.labels.symbol(name)), n) for name, n in undefined.items()],
    )
