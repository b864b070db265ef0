"""How often a single search recovers a reference, and how often a search on noise does."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.colours import draw_cells
from kondoflow.report.figures.conditions import no_equation
from kondoflow.report.glyphs import plain
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import WIDTH, house_style
from kondoflow.report.templating import fill_caption

PER_CHARACTER = 0.04  # inches that a character of a slanted label takes of the height
SEARCHES = {"searches": "searches", "null": "searches on permuted values"}


def empty(results: Results) -> str:
    """Reason if nothing could be recovered."""
    if results.chosen and not results.chosen[0]["references"]:
        return "The system names no reference formulas."
    return no_equation(results)


def draw(results: Results) -> Figure:
    """Share of the single searches, and of the null searches, that recover each reference."""
    chosen, labels = results.chosen, results.labels
    names = list(chosen[0]["references"])
    symbols = [labels.symbol(name) for name in names]
    height = 0.6 + 0.3 * len(chosen) + PER_CHARACTER * max(len(plain(symbol)) for symbol in symbols)
    figure, axes = panels(2, columns=2, width=WIDTH, height=height, sharey=True)
    with house_style():
        for ax, (key, title) in zip(axes, SEARCHES.items(), strict=True):
            shares = [
                [entry[key]["recovered"][name] / (entry[key]["n"] or np.nan) for name in names]
                for entry in chosen
            ]
            draw_cells(ax, np.array(shares))
            numbers = sorted({entry[key]["n"] for entry in chosen})
            many = " to ".join(str(number) for number in dict.fromkeys((numbers[0], numbers[-1])))
            ax.set_title(f"{title}, {many} a row")
            ax.set_xticks(range(len(names)), symbols, rotation=35, ha="right")
        targets = [labels.target(entry["target"]) for entry in chosen]
        axes[0].set_yticks(range(len(chosen)), targets)
    return figure


def most_recovered(results: Results, kind: str) -> int:
    """Number of searches that recover the reference most often recovered, summed over targets.

    `kind` is `searches` or `null`.
    """
    return sum(max(entry[kind]["recovered"].values(), default=0) for entry in results.chosen)


def caption(results: Results) -> Markup:
    """How many searches were counted."""
    return fill_caption(
        "recovery",
        recovered=most_recovered(results, "searches"),
        by_chance=most_recovered(results, "null"),
        searches=sum(entry["searches"]["n"] for entry in results.chosen),
        nulls=sum(entry["null"]["n"] for entry in results.chosen),
    )
