"""Where the landmarks of a system lie: among its parameters, and along the latent that knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.tri import TriAnalyzer, Triangulation

from kondoflow.report.axes import label_powers, spreads_over_decades
from kondoflow.report.colours import cloud, colour_bar
from kondoflow.report.figures.conditions import no_active_latent
from kondoflow.report.labels import latent_name
from kondoflow.report.panels import panels
from kondoflow.report.results import Results
from kondoflow.report.style import ORANGE, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text

FEWEST = 4  # samples of a border
FLATTEST = 0.05  # ratio of the circles in and about a triangle; flatter ones lie along the hull


def landmarks_of(results: Results) -> Mapping[str, Mapping[str, Any]]:
    """Landmarks that the system names."""
    return results.system.get("landmarks", {})


def empty(results: Results) -> str:
    """Reason if no latent is active or the system names no landmark."""
    named = "" if landmarks_of(results) else "The system names no landmark."
    return no_active_latent(results) or named


def draw(results: Results) -> Figure:
    """A row for each landmark: the samples in its plane, and its quantity against a latent."""
    labels, rows = results.labels, landmarks_of(results)
    figure, axes = panels(2 * len(rows), columns=2, height=2.9)
    with house_style():
        for row, (name, landmark) in enumerate(rows.items()):
            left, right = axes[2 * row : 2 * row + 2]
            values = results.descriptors[landmark["quantity"]]
            label = labels.axis(landmark["quantity"])
            if "plane" in landmark:
                x, y = (of_plane(results, axis) for axis in landmark["plane"])
                marks = cloud(left, x, y, values)
                scale_axes(left, x, y)
                draw_border(left, x, y, values, landmark["at"])
                left.set_xlabel(labels.axis(landmark["plane"][0]))
                left.set_ylabel(labels.axis(landmark["plane"][1]))
                left.set_title(labels.symbol(name))
                colour_bar(figure, marks, left, label)
            else:
                left.set_visible(False)
            draw_latent(right, results, name, values, landmark["at"])
            right.set_ylabel(label)
    return figure


def of_plane(results: Results, name: str) -> np.ndarray:
    """Values of a descriptor or of an input of the regression, (sample,)."""
    return results.descriptors[name] if name in results.descriptors else results.inputs[name]


def draw_latent(ax: Axes, results: Results, name: str, values: np.ndarray, at: float) -> None:
    """A landmark's quantity against the latent that knows it, with the thresholds of both.

    Args:
        ax: The panel.
        results: The run.
        name: Name of the landmark.
        values: Its quantity in its own unit, (sample,).
        at: Threshold of the quantity, in its unit.
    """
    known = results.scores["landmarks"][name]
    latent = results.active[0] if known["latent"] is None else known["latent"]
    cloud(ax, results.latents["mean"].to_numpy()[:, latent], values, None)
    ax.axhline(at, color=ORANGE, lw=1.2)
    if known["threshold"] is not None:
        ax.axvline(known["threshold"], color=ORANGE, lw=1.2, ls=":")
    ax.set_xlabel(latent_name(latent))


def scale_axes(ax: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Make each axis logarithmic whose positive values (sample,) span decades.

    `axes.spreads_over_decades` decides.
    """
    for values, setter, axis in ((x, ax.set_xscale, ax.xaxis), (y, ax.set_yscale, ax.yaxis)):
        if spreads_over_decades(values):
            setter("log")
            label_powers(axis)


def draw_border(
    ax: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, at: float, colour: str = ORANGE
) -> None:
    """The line in a plane on which a quantity of the samples has a value.

    It is interpolated between samples that are neighbours as they are drawn: on a logarithmic axis
    distances are those of the logarithms. Nothing is drawn where samples are too few, lie on a line
    or all lie on one side.

    Args:
        ax: The panel, its axes scaled.
        x: Place of each sample along x, in the axis's unit, (sample,).
        y: Place along y, likewise, (sample,).
        values: The quantity, (sample,).
        at: Its value on the line, in the same unit.
        colour: Colour of the line.
    """
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(values)
    x, y, values = x[known], y[known], values[known]
    if known.sum() < FEWEST or not values.min() < at < values.max():
        return
    drawn = [
        np.log(each) if scale == "log" else each
        for each, scale in ((x, ax.get_xscale()), (y, ax.get_yscale()))
    ]
    units = [(each - each.min()) / max(np.ptp(each), np.finfo(float).tiny) for each in drawn]
    if min(np.ptp(each) for each in units) == 0:
        return
    mesh = Triangulation(*units)
    if TriAnalyzer(mesh).get_flat_tri_mask(FLATTEST).all():
        return
    mesh.set_mask(TriAnalyzer(mesh).get_flat_tri_mask(FLATTEST))
    triangles = mesh.get_masked_triangles()
    ax.tricontour(
        Triangulation(x, y, triangles), values, levels=[at], colors=colour, linewidths=1.6
    )


def caption(results: Results) -> Markup:
    """What the lines mean and which latent knows the landmark."""
    return fill_caption(
        "landmarks", landmarks=[told(results, name) for name in landmarks_of(results)]
    )


def told(results: Results, name: str) -> dict[str, Any]:
    """A landmark as captions and text tell it."""
    landmark, found = landmarks_of(results)[name], results.scores["landmarks"][name]
    return {
        "name": rich_text(results.labels.symbol(name)),
        "symbol": rich_text(results.labels.symbol(landmark["quantity"])),
        "at": landmark["at"],
        "words": {side: landmark[side] for side in ("below", "above")},
        "meaning": landmark.get("meaning", ""),
        "plane": "plane" in landmark,
        **found,
        "latent": None if found["latent"] is None else latent_name(found["latent"]),
    }
