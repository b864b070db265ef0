"""What the chosen equation and the best reference leave of each target, over the region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from kondoflow.report.colours import colour_bar
from kondoflow.report.figures.conditions import no_equation as empty
from kondoflow.report.figures.error_map import scale_axis
from kondoflow.report.panels import panels
from kondoflow.report.results import Results, finite
from kondoflow.report.style import BLUE, DIVERGING_CELLS, FAINT, house_style
from kondoflow.report.templating import fill_caption
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import MAPS

__all__ = ["caption", "draw", "empty"]

IN_A_CELL, MOST_CELLS = 5.0, 14  # samples in a cell, and cells along an axis


def draw(results: Results) -> Figure:
    """A row for each target: the chosen equation and the reference that explains most.

    Two inputs span the region; with a single input the residual is the vertical axis.
    """
    labels, plane = results.labels, plane_of(results)
    rows = [
        residuals_of(results.predictions.sel(target=entry["target"]), results)
        for entry in results.chosen
    ]
    columns = max(len(row) for row in rows)
    sharing: dict[str, Any] = {"sharex": True, "sharey": "row"}
    figure, axes = panels(columns * len(rows), columns=columns, height=2.4, **sharing)
    with house_style():
        for index, (entry, row) in enumerate(zip(results.chosen, rows, strict=True)):
            in_row = axes[columns * index : columns * (index + 1)]
            target = labels.target(entry["target"])
            bound = max(bound_of(values) for values in row.values())
            for ax, (title, values) in zip(in_row, row.items(), strict=False):
                marks = draw_region(ax, plane, values, bound)
                ax.set_title(f"{target}: {title}, {MAPS[entry['map']['kind']]}", fontsize=9.5)
                ax.label_outer()
            for ax in in_row[len(row) :]:
                ax.set_visible(False)
            if len(plane) > 1:
                colour_bar(figure, marks, in_row, f"residual of {target}")
    return figure


def plane_of(results: Results) -> list[tuple[str, np.ndarray]]:
    """Label and values, (sample,), of the first two inputs."""
    return [(results.labels.axis(name), x) for name, x in results.inputs.items()][:2]


def residuals_of(found: xr.Dataset, results: Results) -> dict[str, np.ndarray]:
    """Target less each mapped formula, (sample,), by title; NaN outside the region."""
    inside, value = found["region"].to_numpy() > 0, found["value"].to_numpy()
    residuals = {
        "chosen equation": np.where(inside, value - found["mapped"].to_numpy(), np.nan),
    }
    reference = str(found["reference"].to_numpy())
    if reference:
        left = value - found["reference_mapped"].to_numpy()
        residuals[results.labels.symbol(reference)] = np.where(inside, left, np.nan)
    return residuals


def bound_of(values: np.ndarray) -> float:
    """Half-width of a range about 0 that holds 98 per cent of the residuals (sample,).

    Those that are NaN are left aside; 0 where there is no other.
    """
    known = np.abs(values[np.isfinite(values)])
    return float(np.quantile(known, 0.98)) if known.size else 0.0


def draw_region(
    ax: Axes, plane: Sequence[tuple[str, np.ndarray]], values: np.ndarray, bound: float
) -> ScalarMappable:
    """Residuals over one input, or their means in cells over two.

    Args:
        ax: The panel.
        plane: Label and values (sample,) of one input or of two, in their own units.
        values: Residuals in the unit of the target, (sample,); NaN outside the region.
        bound: Half-width of the range of colours, in the same unit.
    """
    known = np.isfinite(values)
    (label, x), *rest = plane
    ax.set_xlabel(label)
    if not rest:
        ax.axhline(0, color=FAINT, lw=0.8)
        ax.set_ylabel("residual")
        return ax.scatter(x[known], values[known], s=6, lw=0, color=BLUE, rasterized=True)
    ax.set_ylabel(rest[0][0])
    ax.set_facecolor(FAINT)
    cells = binned(x[known], rest[0][1][known], values[known])
    scale_axis(ax.set_xscale, cells[0])
    scale_axis(ax.set_yscale, cells[1])
    norm = Normalize(-(bound or 1.0), bound or 1.0)
    return ax.pcolormesh(*cells, cmap=DIVERGING_CELLS, norm=norm)


def binned(
    x: np.ndarray, y: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of some values in cells, NaN where a cell is empty.

    Args:
        x: Place of each sample along x, (sample,).
        y: Place along y, (sample,).
        values: What is averaged, (sample,).

    Returns:
        Borders of the cells along x, (x and one,), and along y, (y and one,), between which there
        are equal numbers of samples; and the means, (y, x).
    """
    n = int(np.clip(np.sqrt(values.size / IN_A_CELL), 1, MOST_CELLS))
    edges = [borders(along, n) for along in (x, y)]
    total, count = (
        np.histogram2d(y, x, bins=edges[::-1], weights=weights)[0]
        for weights in (values, np.ones_like(values))
    )
    return edges[0], edges[1], np.where(count > 0, total / np.maximum(count, 1), np.nan)


def borders(values: np.ndarray, n: int) -> np.ndarray:
    """Increasing borders of at most `n` intervals with equal numbers of the values (sample,).

    The borders are (interval and one,), in the unit of the values.
    """
    found = np.unique(np.quantile(values, np.linspace(0, 1, n + 1))) if values.size else np.empty(0)
    return found if found.size > 1 else (found[0] if found.size else 0.0) + np.array([-0.5, 0.5])


def left_of(results: Results, entry: Mapping[str, Any]) -> tuple[Markup, float]:
    """A target and the root mean square of what its equation leaves in the region."""
    values = residuals_of(results.predictions.sel(target=entry["target"]), results)
    left = finite(values["chosen equation"])
    rms = float(np.sqrt(np.mean(left**2))) if left.size else np.nan
    return rich_text(results.labels.target(entry["target"])), rms


def caption(results: Results) -> Markup:
    """What a pattern in the residuals means."""
    references = results.predictions["reference"].to_numpy()
    return fill_caption(
        "residual",
        inputs=[rich_text(results.labels.symbol(name)) for name in results.inputs][:2],
        left=[left_of(results, entry) for entry in results.chosen],
        compared=any(str(name) for name in references),
    )
