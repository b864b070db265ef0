"""Grids of panels, with what stands on and under them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from kondoflow.report.style import WIDTH, house_style

LINE = 70  # characters of a notice
BELOW = 37.0  # points from a panel down to its legend, past the labels of its axis


def panels(
    n: int, *, columns: int, width: float = WIDTH, height: float, **sharing: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of `n` panels filled row by row.

    Args:
        n: Number of panels, at least 1.
        columns: Panels a row at most.
        width: Width of the figure at that number of columns, inches.
        height: Height of a row, inches.
        sharing: `sharex`, `sharey` of `Figure.subplots`.
    """
    with house_style():
        columns = min(n, columns)
        rows = -(-n // columns)
        figure = Figure(figsize=(width, rows * height))
        grid = list(figure.subplots(rows, columns, squeeze=False, **sharing).flat)
    for empty in grid[n:]:
        empty.set_visible(False)
    return figure, grid[:n]


def notice(message: str) -> Figure:
    """A figure that says why there is nothing to draw, in lines of readable length."""
    lines = textwrap.wrap(message, LINE)
    with house_style():
        figure = Figure(figsize=(WIDTH / 1.5, 0.6 + 0.2 * len(lines)))
        style: dict[str, Any] = {"ha": "center", "va": "center", "style": "italic"}
        figure.text(0.5, 0.5, "\n".join(lines), parse_math=False, **style)
    return figure


def letter(axes: Iterable[Axes]) -> None:
    """Mark panels (a), (b), ... above their upper left corners."""
    for index, ax in enumerate(axes):
        ax.set_title(f"({chr(ord('a') + index % 26)})", loc="left")


def legend_below(ax: Axes, *given: Any, columns: int = 2) -> None:
    """A legend under a panel and its labels, where it covers nothing.

    Args:
        ax: The panel.
        given: Handles and labels, else those of the panel.
        columns: Entries in a row.
    """
    handles, labels = given or ax.get_legend_handles_labels()
    if not handles:
        return
    figure = ax.get_figure(root=True)
    assert figure is not None
    down = ScaledTranslation(0, -BELOW / 72, figure.dpi_scale_trans)
    place: dict[str, Any] = {"bbox_to_anchor": (0.5, 0.0), "bbox_transform": ax.transAxes + down}
    ax.legend(handles, labels, loc="upper center", ncols=columns, borderaxespad=0, **place)
