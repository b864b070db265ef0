"""The numbers that a figure shows, as a table.

The table is read from the finished figure, so that it holds what is drawn and nothing else. Every
series takes a column for each of its coordinates. Columns that are equal stand there once, shorter
ones end with empty cells.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import AxLine, Line2D
from matplotlib.patches import Rectangle

from kondoflow.report.glyphs import plain

Column = tuple[str, np.ndarray]
COLOUR_BAR = "<colorbar>"  # label that matplotlib gives to the axes of a colour bar
DIGITS = 6


def table_of(figure: Figure) -> str:
    """What a figure shows, as CSV with a head line."""
    columns = columns_of(figure)
    length = max((len(values) for values in columns.values()), default=0)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    cells = [[written(value) for value in values] for values in columns.values()]
    for row in range(length):
        writer.writerow([column[row] if row < len(column) else "" for column in cells])
    return text.getvalue()


def columns_of(figure: Figure) -> dict[str, np.ndarray]:
    """Columns by name, (row,) each, in the units of the axes; they differ in length.

    A name begins with its panel where there are several panels.
    """
    panels = [ax for ax in figure.axes if ax.get_label() != COLOUR_BAR and ax.get_visible()]
    found: dict[str, np.ndarray] = {}
    for number, ax in enumerate(panels, start=1):
        panel = f"{title_of(ax) or f'panel {number}'}: " if len(panels) > 1 else ""
        for name, values in series_of(ax):
            known = found.get(name)
            if known is not None and same(known, values):
                continue
            found[name if known is None else unused(panel + name, found)] = values
    return found


def unused(name: str, names: dict[str, np.ndarray]) -> str:
    """A name that is no key of `names`: the name, with a number after it where it is taken."""
    number, free = 2, name
    while free in names:
        free, number = f"{name} {number}", number + 1
    return free


def same(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two columns (row,) hold the same; undefined values are equal to each other."""
    if first.shape != second.shape or first.dtype.kind != second.dtype.kind:
        return False
    return bool(np.array_equal(first, second, equal_nan=first.dtype.kind == "f"))


def title_of(ax: Axes) -> str:
    """Title of a panel."""
    return plain(ax.get_title() or ax.get_title(loc="left"))


def series_of(ax: Axes) -> Iterator[Column]:
    """The columns of a panel, curves first."""
    across, up = plain(ax.get_xlabel()) or "x", plain(ax.get_ylabel()) or "y"
    for line in ax.lines:
        yield from of_line(ax, line, across, up)
    for marks in ax.collections:
        if isinstance(marks, QuadMesh):
            yield from of_cells(marks, across, up)
        elif isinstance(marks, PathCollection):
            yield from of_points(marks, across, up)
    for image in ax.images:
        yield from of_image(ax, plain_array(image.get_array()))
    yield from of_bars(ax, across)


def named(artist: object, otherwise: str) -> str:
    """Name of a series: the one given for the table, else that of the legend, else its axis."""
    for get in ("get_gid", "get_label"):
        name = str(getattr(artist, get)() or "")
        if name and not name.startswith("_"):
            return plain(name)
    return otherwise


def of_line(ax: Axes, line: Line2D, across: str, up: str) -> Iterator[Column]:
    """A curve: x and y, (point,) each; of a line across the panel its height alone, (1,)."""
    if isinstance(line, AxLine):
        return
    x, y = (np.asarray(values, dtype=float) for values in line.get_data())
    if line.get_transform() == ax.transData:
        yield across, x
        yield named(line, up), y
    elif y.size and np.all(y == y[0]):
        yield named(line, up), y[:1]


def of_points(marks: PathCollection, across: str, up: str) -> Iterator[Column]:
    """A cloud of points: x, y and, if it has any, the quantity of the colour, (point,) each."""
    x, y = plain_array(marks.get_offsets()).T
    colour = marks.get_array()
    yield across, x
    yield up if colour is not None else named(marks, up), y
    if colour is not None:
        yield named(marks, "colour"), plain_array(colour)


def of_cells(marks: QuadMesh, across: str, up: str) -> Iterator[Column]:
    """A map of cells: borders and value of each cell, (cell,), without empty cells."""
    corners = np.asarray(marks.get_coordinates())
    values = plain_array(marks.get_array()).ravel()
    known = np.isfinite(values)
    for name, (axis, row, column) in {
        f"{across} from": (0, slice(-1), slice(-1)),
        f"{across} to": (0, slice(-1), slice(1, None)),
        f"{up} from": (1, slice(-1), slice(-1)),
        f"{up} to": (1, slice(1, None), slice(-1)),
    }.items():
        yield name, corners[row, column, axis].ravel()[known]
    yield named(marks, "value"), values[known]


def of_image(ax: Axes, values: np.ndarray) -> Iterator[Column]:
    """A table of coloured cells (row, column): the names of its rows, then each column, (row,)."""
    rows = [plain(text.get_text()) for text in ax.get_yticklabels()]
    names = [plain(text.get_text()) for text in ax.get_xticklabels()]
    if len(rows) != len(values):  # a panel that shares the names of its neighbour
        rows = [str(number) for number in range(len(values))]
    yield "row", np.array(rows)
    title = title_of(ax)
    for name, column in zip(names, values.T, strict=False):
        yield f"{title}, {name}" if title else name, column


def of_bars(ax: Axes, across: str) -> Iterator[Column]:
    """A histogram: borders and number of samples of each bar, (bar,)."""
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    if bars:
        yield f"{across} from", np.array([bar.get_x() for bar in bars])
        yield f"{across} to", np.array([bar.get_x() + bar.get_width() for bar in bars])
        yield f"samples of {across}", np.array([bar.get_height() for bar in bars])


def plain_array(values: object) -> np.ndarray:
    """Numbers of matplotlib in their own shape, NaN where they are masked."""
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan))


def written(value: object) -> str:
    """A cell; undefined numbers stay empty."""
    if not isinstance(value, float | np.floating):
        return str(value)
    return f"{value:.{DIGITS}g}" if np.isfinite(value) else ""
