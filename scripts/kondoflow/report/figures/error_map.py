"""Where an equation holds: its root mean square error over all samples, the region outlined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from kondoflow.report.axes import DECADE, spreads_over_decades
from kondoflow.report.colours import colour_bar
from kondoflow.report.figures.conditions import no_equation
from kondoflow.report.figures.landmarks import draw_border, landmarks_of, of_plane
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import FAINT, INK, SEQUENTIAL, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import MAPS

MOST = 0.5  # share of a cell's samples from which it counts to the region
SMALLEST = 1e-12  # error, in units of the largest, that is drawn


def empty(results: Results) -> str:
    """Reason if no equation has a map."""
    if results.chosen and not mapped(results):
        return "There are too few samples for a map of the error."
    return no_equation(results)


def mapped(results: Results) -> list[Mapping[str, Any]]:
    """Entries of the verdict with a map of the error."""
    return [entry for entry in results.chosen if entry["error_map"]]


def draw(results: Results) -> Figure:
    """A panel for each target."""
    entries, labels = mapped(results), results.labels
    figure, axes = panels(len(entries), columns=2, height=2.9)
    with house_style():
        for ax, entry in zip(axes, entries, strict=True):
            known = entry["error_map"]
            target = labels.target(entry["target"])
            edges = [np.array(known[key]) for key in ("x_edges", "y_edges")]
            rms = np.array(known["rms"], dtype=np.float64)
            marks = ax.pcolormesh(*edges, rms, cmap=SEQUENTIAL, norm=range_of(rms))
            ax.set_facecolor(FAINT)
            inside = np.array(known["inside"], dtype=np.float64) > MOST
            if leaves_out(known):
                outline(ax, edges[0], edges[1], inside)
            scale_axis(ax.set_xscale, edges[0])
            scale_axis(ax.set_yscale, edges[1])
            draw_landmarks(ax, results, known["x"], known["y"])
            ax.set_xlabel(labels.axis(known["x"]))
            ax.set_ylabel(labels.axis(known["y"]))
            ax.set_title(f"{target}, {MAPS[entry['map']['kind']]}")
            colour_bar(figure, marks, ax, "root mean square error")
    return figure


def leaves_out(known: Mapping[str, Any]) -> bool:
    """Whether some cell with samples lies outside the region."""
    return any(share is not None and share <= MOST for row in known["inside"] for share in row)


def range_of(rms: np.ndarray) -> LogNorm:
    """Logarithmic range of colours of errors (y, x), NaN aside; it spans a factor of 2 at least."""
    known = rms[np.isfinite(rms)]
    high = float(known.max()) if known.size and known.max() > 0 else 1.0
    low = max(float(known.min()) if known.size else 0.0, SMALLEST * high)
    return LogNorm(min(low, high / 2), high, clip=True)


def outline(ax: Axes, x_edges: np.ndarray, y_edges: np.ndarray, inside: np.ndarray) -> None:
    """Draw the border of the cells that belong to the region.

    Args:
        ax: The panel.
        x_edges: Borders of the cells along x, in the axis's unit, (x and one,).
        y_edges: Borders along y, likewise, (y and one,).
        inside: Whether a cell belongs to it, (y, x).
    """
    padded = np.pad(inside, 1)
    dark = withStroke(linewidth=3.4, foreground=INK)
    style: dict[str, Any] = {"colors": "white", "lw": 1.6, "path_effects": [dark]}
    for row, column in zip(*np.nonzero(padded[:, 1:] != padded[:, :-1]), strict=True):
        if 0 < row <= y_edges.size - 1:
            ax.vlines(x_edges[column], y_edges[row - 1], y_edges[row], **style)
    for row, column in zip(*np.nonzero(padded[1:] != padded[:-1]), strict=True):
        if 0 < column <= x_edges.size - 1:
            ax.hlines(y_edges[row], x_edges[column - 1], x_edges[column], **style)


def scale_axis(setter: Callable[..., None], edges: np.ndarray) -> None:
    """Make an axis logarithmic where its quantity spans decades, with a linear middle about 0.

    Args:
        setter: `set_xscale` or `set_yscale` of the panel.
        edges: Increasing borders of cells along the axis, in its unit, (cell and one,).
    """
    if edges[0] > 0:
        if spreads_over_decades(edges):
            setter("log")
        return
    size = np.abs(edges[edges != 0])
    if size.max() > DECADE * np.median(size):
        setter("symlog", linthresh=float(np.median(size)))


def draw_landmarks(ax: Axes, results: Results, x: str, y: str) -> None:
    """Draw the landmarks whose plane this is."""
    limits = ax.axis()
    for landmark in landmarks_of(results).values():
        if {x, y} == set(landmark.get("plane", ())):
            values = results.descriptors[landmark["quantity"]]
            draw_border(ax, of_plane(results, x), of_plane(results, y), values, landmark["at"], INK)
    ax.axis(limits)


def caption(results: Results) -> Markup:
    """What the colours and the outline mean."""
    entries = mapped(results)
    return fill_caption(
        "error_map",
        targets=[described(results, entry) for entry in entries],
        landmarks=crossed(results),
        outlined=any(leaves_out(entry["error_map"]) for entry in entries),
    )


def crossed(results: Results) -> list[Markup]:
    """Names of the landmarks that a map shows."""
    planes = [{entry["error_map"][axis] for axis in ("x", "y")} for entry in mapped(results)]
    return [
        rich_text(results.labels.symbol(name))
        for name, landmark in landmarks_of(results).items()
        if set(landmark.get("plane", ())) in planes
    ]


def described(results: Results, entry: Mapping[str, Any]) -> dict[str, Any]:
    """A target, the unit of its error and the smallest and largest error of a cell."""
    cells: Sequence[float] = [
        value for row in entry["error_map"]["rms"] for value in row if value is not None
    ]
    return {
        "symbol": rich_text(results.labels.target(entry["target"])),
        "logarithm": entry["solved_for_scale"] is not None,
        "smallest": min(cells, default=None),
        "largest": max(cells, default=None),
    }
