"""The law along one parameter, beside known formulas and points that test it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import BLUE, CYCLE, INK, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

SPAN = 1.5  # by how much an axis reaches beyond the curves
MOST = 30.0  # by how much it follows a known formula beyond data and law


def empty(results: Results) -> str:
    """Reason if there are no curves."""
    return "" if slices_of(results) else "No law over the whole box was composed."


def slices_of(results: Results) -> list[dict[str, Any]]:
    """Curves of the confirmation."""
    confirmed = results.confirmation
    return list(confirmed.get("slices", [])) if confirmed else []


def draw(results: Results) -> Figure:
    """A panel for each set of held parameters."""
    labels, found, confirmed = results.labels, results.law, results.confirmation
    assert found is not None
    assert confirmed is not None
    quantity = found["quantity"] or found["target"]
    slices, source = slices_of(results), confirmed["source"]
    figure, axes = panels(len(slices), columns=2, height=2.5, sharex=True)
    with house_style():
        for ax, item in zip(axes, slices, strict=True):
            x, law = np.array(item["x"]), np.array(item["law"], dtype=np.float64)
            points = np.array(item["points"]["value"], dtype=np.float64)
            ax.plot(x, law, color=BLUE, label="law", zorder=2)
            for colour, (name, values) in zip(CYCLE[1:], item["references"].items(), strict=False):
                known = np.array(values, dtype=np.float64)
                style: dict[str, Any] = {"color": colour, "ls": "--", "lw": 1.2}
                ax.plot(x, known, label=labels.symbol(name), zorder=1, **style)
            ax.plot(item["points"]["x"], points, "o", ms=3, color=INK, label=source, zorder=3)
            if found["quantity"]:
                ax.set_yscale("log")
                shown = np.concatenate([law, points])
                shown = shown[np.isfinite(shown) & (shown > 0)]
                drawn = np.concatenate([np.ravel(line.get_ydata()) for line in ax.lines])
                drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
                low = max(drawn.min(), shown.min() / MOST) / SPAN
                ax.set_ylim(low, min(drawn.max(), shown.max() * MOST) * SPAN)
            held = ", ".join(
                f"{labels.axis(name)} = {value:.3g}" for name, value in item["held"].items()
            )
            ax.set_title(held)
        for ax in axes[-2:]:
            ax.set_xlabel(labels.symbol(axis_of(results, slices[0]["x_name"])))
        for ax in axes[::2]:
            ax.set_ylabel(labels.axis(quantity))
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def axis_of(results: Results, definition: str) -> str:
    """Name of the input that is defined like this, else the definition."""
    inputs = results.system.get("inputs", {})
    return next((name for name, text in inputs.items() if text == definition), definition)


def caption(results: Results) -> Markup:
    """What the curves and points are."""
    found, confirmed = results.law, results.confirmation
    assert found is not None
    assert confirmed is not None
    symbols = [rich_text(results.labels.symbol(name)) for name in found["recovered"]]
    return fill_caption(
        "law",
        references=symbols,
        source=confirmed["source"],
        error=confirmed["errors"]["test"],
        relative=found["quantity"] is not None,
        n=len({(x, y) for item in slices_of(results) for x, y in drawn_points(item)}),
        n_all=confirmed["n"],
    )


def drawn_points(item: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """Points of a panel."""
    return zip(item["points"]["x"], item["points"]["value"], strict=True)
