"""Helpers that draw what several figures share: grids of panels, frequency axes, point clouds."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import (
    FixedLocator,
    LogFormatterSciNotation,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)
from matplotlib.transforms import ScaledTranslation

from kondoflow.report.numbers import fixed
from kondoflow.report.style import (
    DIVERGING,
    DIVERGING_CELLS,
    FAINT,
    INK,
    SEQUENTIAL,
    WIDTH,
    house_style,
)

LINE = 70  # characters of a notice
MIN_STEPS = 3  # below, the spacing of a grid says nothing
BELOW = 37.0  # points from a panel down to its legend, past the labels of its axis
DECADE = 10.0  # least span of a logarithmic axis
MIDDLE = 0.4  # decades that either half of its linear middle takes
FACTOR = 4.0  # of an axis in equal steps, whose middle half spans a factor of 3 at most
ROUNDING = 1e-9  # of the largest step: magnitudes below are 0 but for rounding
EQUAL = 1e-3  # unevenness below which steps are equal; grids may be stored in single precision


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


def frequency_axis(
    ax: Axes, omega: np.ndarray, label: str, *, ticks: int = 3, spacing: str = "auto"
) -> None:
    """Scale the x axis to a grid of frequencies, with at most `ticks` labels on either side of 0.

    With the spacing `auto` the axis follows the grid (`is_geometric`): points in equal steps are
    drawn on a linear axis, points in equal ratios on a logarithmic axis. `linear` and `log` draw
    any grid so. A logarithmic axis of both signs has a linear middle, whose half-width is the
    smallest magnitude that is not 0 but for rounding, and its label says that it is one.
    """
    ax.set_xlabel(label)
    if omega.size > 1:
        ax.set_xlim(omega[0], omega[-1])
    geometric = is_geometric(omega) if spacing == "auto" else spacing == "log"
    if not geometric or omega.size < 2:
        ax.xaxis.set_major_locator(MaxNLocator(2 * ticks))
        return
    magnitude = np.abs(omega)
    magnitude = magnitude[magnitude > ROUNDING * np.diff(omega).max()]
    low, high = np.ceil(np.log10(magnitude.min())), np.floor(np.log10(magnitude.max()))
    step = max(1, int(np.ceil((high - low) / ticks)))
    powers = 10.0 ** np.arange(high, low - 1, -step)
    if omega[0] > 0:
        ax.set_xscale("log")
    else:
        ax.set_xscale("symlog", linthresh=magnitude.min(), linscale=MIDDLE)
        ax.set_xlabel(f"{label}, signed log scale")
        # The lowest power can stand too near to 0 for both to be labelled.
        powers = powers[np.log10(powers / magnitude.min()) > step / 2 - MIDDLE]
        ax.xaxis.set_major_locator(FixedLocator([*-powers, 0.0, *powers]))
        ax.xaxis.set_minor_locator(NullLocator())
    label_powers(ax.xaxis)


def is_geometric(omega: np.ndarray) -> bool:
    """Whether the points of a grid stand in equal ratios rather than in equal steps.

    The steps of the magnitudes and those of their logarithms are compared on either side of 0: the
    grid is geometric if the logarithms are more evenly spaced, over a factor of 10 at least, below
    which a logarithmic axis has nothing to label. A grid in equal steps that misses 0 by rounding
    is not geometric, whatever its smallest magnitude.
    """
    steps = np.diff(omega)
    if steps.size < MIN_STEPS or _unevenness(steps) < EQUAL:
        return False
    sides = [side[side > 0] for side in (omega, -omega[::-1])]
    long = [side for side in sides if side.size > MIN_STEPS]
    return bool(long) and all(
        side[-1] >= DECADE * side[0]
        and _unevenness(np.diff(np.log(side))) < _unevenness(np.diff(side))
        for side in long
    )


def spreads_over_decades(values: np.ndarray) -> bool:
    """Whether positive values, NaN aside, are told apart by a logarithmic axis better.

    Their middle half decides: a few values near 0 don't make evenly spread ones logarithmic.
    """
    low, high = np.nanquantile(values, [0.25, 0.75])
    return bool(np.nanmin(values) > 0 and high > FACTOR * low)


def _unevenness(steps: np.ndarray) -> float:
    """Standard deviation of some steps in units of their mean."""
    return float(np.std(steps) / abs(np.mean(steps)))


def label_powers(axis: Axis) -> None:
    """Label the powers of ten of a logarithmic axis and nothing between them."""
    axis.set_major_formatter(LogFormatterSciNotation())
    axis.set_minor_formatter(NullFormatter())


def log_axis(ax: Axes) -> None:
    """Make the y axis logarithmic, from one power of ten to another, a decade at least."""
    ax.set_yscale("log")
    label_powers(ax.yaxis)
    parts = [np.asarray(line.get_ydata(), dtype=float).ravel() for line in ax.lines]
    drawn = np.concatenate([*parts, np.empty(0)])
    drawn = drawn[np.isfinite(drawn) & (drawn > 0)]
    if drawn.size:
        low, high = np.log10([drawn.min(), drawn.max()])
        ax.set_ylim(10.0 ** np.floor(low - 0.05), 10.0 ** np.ceil(high + 0.02))


def colour_scale(values: np.ndarray) -> tuple[Colormap, Normalize]:
    """Colour map and range of a quantity: diverging about 0 if it takes both signs.

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
    """Scatter samples, coloured by a quantity; samples where that is NaN are grey."""
    size = float(np.clip(3600 / max(len(x), 1), 1.2, 14))
    marks: dict[str, Any] = {"s": size, "linewidths": 0, "rasterized": True}
    if colour is None:
        return ax.scatter(x, y, color=INK, alpha=0.6, **marks)
    known = np.isfinite(colour)
    ax.scatter(x[~known], y[~known], color=FAINT, **marks)
    colours, norm = colour_scale(colour)
    return ax.scatter(x[known], y[known], c=colour[known], cmap=colours, norm=norm, **marks)


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
    return "both" if low and high else "min" if low else "max" if high else "neither"


def draw_cells(ax: Axes, table: np.ndarray) -> None:
    """A table of numbers in -1 .. 1, each on a coloured cell."""
    norm = Normalize(-1, 1)
    ax.imshow(table, cmap=DIVERGING_CELLS, norm=norm, aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        if np.isfinite(value):
            red, green, blue, _ = DIVERGING_CELLS(norm(value))
            ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else INK
            text = fixed(value, 2).unescape()
            ax.text(column, row, text, ha="center", va="center", fontsize=8.5, color=ink)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
