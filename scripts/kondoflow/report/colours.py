"""Quantities as colours: clouds of samples, cells of a table, and the bar that tells the values."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from kondoflow.report.numbers import correlation, in_figure
from kondoflow.report.style import DIVERGING, DIVERGING_CELLS, FAINT, INK, SEQUENTIAL

ROUNDING = 1e-9  # of the range of colours: values beyond it by less are within
BEYOND = {  # whether there are values below and above the range: matplotlib's name
    (False, False): "neither",
    (True, False): "min",
    (False, True): "max",
    (True, True): "both",
}


def colour_scale(values: np.ndarray) -> tuple[Colormap, Normalize]:
    """Colour map and range for values (n,), NaN aside: diverging about 0 if they take both signs.

    The range leaves out one per cent at either end, so that a few outliers don't hide the rest.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return SEQUENTIAL, Normalize(0, 1)
    low, high = np.quantile(finite, [0.01, 0.99])
    if low < 0 < high and min(-low, high) > 0.2 * max(-low, high):
        bound = max(-low, high)
        return DIVERGING, Normalize(-bound, bound)
    return SEQUENTIAL, span(low, high)


def span(low: float, high: float) -> Normalize:
    """A range of colours, of some width even where the quantity is constant."""
    return Normalize(low, high if high > low else low + 1)


def cloud(ax: Axes, x: np.ndarray, y: np.ndarray, colour: np.ndarray | None) -> PathCollection:
    """Scatter samples, coloured by a quantity.

    Args:
        ax: The panel.
        x: Place of each sample along the x axis, in the axis's unit, (sample,).
        y: Place along the y axis, likewise, (sample,).
        colour: The quantity, (sample,); a sample where it is NaN is grey. None for one colour.
    """
    size = float(np.clip(3600 / max(len(x), 1), 1.2, 14))
    marks: dict[str, Any] = {"s": size, "linewidths": 0, "rasterized": True}
    if colour is None:
        return ax.scatter(x, y, color=INK, alpha=0.6, **marks)
    known = np.isfinite(colour)
    ax.scatter(x[~known], y[~known], color=FAINT, **marks)
    colours, norm = colour_scale(colour)
    return ax.scatter(x[known], y[known], c=colour[known], cmap=colours, norm=norm, **marks)


def colour_bar(
    figure: Figure, mappable: ScalarMappable, axes: Any, label: str, **place: Any
) -> None:
    """A slim colour bar to the right of one or several panels, or where `place` says.

    Its ends are pointed where values lie beyond the range of colours.
    """
    for ax in axes if isinstance(axes, list) else [axes]:
        for marks in ax.collections:
            if marks.get_array() is not None:
                marks.set_gid(label)  # its name in the table of what is drawn
    shape: dict[str, Any] = {"pad": 0.02, "aspect": 25, "fraction": 0.06}
    shape["extend"] = beyond(mappable)
    bar = figure.colorbar(mappable, ax=axes, **(shape | place))
    bar.set_label(label)
    bar.outline.set_linewidth(0.5)
    if bar.solids is not None:
        bar.solids.set(alpha=1)


def beyond(mappable: ScalarMappable) -> str:
    """Ends of the range of colours beyond which there are values, as `colorbar` names them."""
    given, (least, most) = mappable.get_array(), mappable.get_clim()
    values: np.ndarray = np.ma.filled(np.ma.asarray([] if given is None else given, float), np.nan)
    values = values[np.isfinite(values)]
    if not values.size or least is None or most is None:
        return "neither"
    slack = ROUNDING * abs(most - least)
    low, high = bool(values.min() < least - slack), bool(values.max() > most + slack)
    return BEYOND[low, high]


def draw_cells(ax: Axes, table: np.ndarray) -> None:
    """Draw numbers in -1 .. 1, (row, column), each on a coloured cell; NaN stays empty."""
    norm = Normalize(-1, 1)
    ax.imshow(table, cmap=DIVERGING_CELLS, norm=norm, aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            red, green, blue, _ = DIVERGING_CELLS(norm(value))
            ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else INK
            text = in_figure(correlation(value, 2))
            ax.text(column, row, text, ha="center", va="center", fontsize=8.5, color=ink)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
