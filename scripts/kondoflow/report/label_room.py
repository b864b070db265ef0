"""Room for the labels of axes: none runs into that of the next panel.

The layout of matplotlib gives each label its height, and lets its length grow into the neighbours.
A label that is longer than its panel and half of the gaps beside it is broken at a blank, and set
smaller where that is not enough. Names that users bring can be of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import BboxBase

from kondoflow.report.style import house_style

SUSPECT = 0.7  # share of a panel's part of the figure from which a label is looked at
GAP = 6.0  # points between two labels
SMALLEST = 0.6  # of the size of a label
_WORD = re.compile(r"(?:\$[^$]*\$|[^\s$])+")  # a formula is not broken


def make_room(figure: Figure) -> None:
    """Break or shrink the labels of axes that are too long for their panels."""
    renderer = RendererAgg(1, 1, figure.dpi)
    labels = list(_labels(figure))
    if not any(_is_suspect(label, ax, side, renderer) for label, ax, side in labels):
        return
    with house_style():
        figure.draw_without_rendering()
    panels = [ax for ax in figure.axes if ax.get_visible()]
    for label, ax, side in labels:
        room = _room(ax, panels, side, figure.bbox) - GAP * figure.dpi / 72
        if _length(label, side, renderer) > room:
            label.set_text(broken(label.get_text()))
            part = room / _length(label, side, renderer)
            label.set_fontsize(float(label.get_fontsize()) * min(1.0, max(SMALLEST, part)))


def broken(text: str) -> str:
    """A label in two lines of about the same length, if it has a blank outside of formulas."""
    words = _WORD.findall(text)
    ways = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    is_whole = "".join("".join(words).split()) == "".join(text.split())
    if not ways or not is_whole:  # a dollar sign that begins no formula
        return text
    return "\n".join(min(ways, key=lambda way: max(map(len, way))))


def _labels(figure: Figure) -> Iterator[tuple[Text, Axes, int]]:
    """Labels with their axes and the direction in which they run, 0 along x and 1 along y."""
    for ax in figure.axes:
        for side, axis in enumerate((ax.xaxis, ax.yaxis)):
            if ax.get_visible() and axis.label.get_text():
                yield axis.label, ax, side


def _is_suspect(label: Text, ax: Axes, side: int, renderer: RendererAgg) -> bool:
    """Whether a label is about as long as the part of the figure that its panel may take."""
    place, whole = ax.get_subplotspec(), ax.get_figure(root=True).bbox  # type: ignore[union-attr]
    shape = (
        (1, 1) if place is None else place.get_topmost_subplotspec().get_gridspec().get_geometry()
    )
    return _length(label, side, renderer) > SUSPECT * whole.size[side] / shape[1 - side]


def _length(label: Text, side: int, renderer: RendererAgg) -> float:
    return float(label.get_window_extent(renderer).size[side])


def _room(ax: Axes, panels: Sequence[Axes], side: int, paper: BboxBase) -> float:
    """How long a label in the middle of its panel may be, in pixels."""
    own, other = ax.bbox, 1 - side
    low, high = own.min[side], own.max[side]
    below, above = paper.min[side], paper.max[side]
    for panel in panels:
        box = panel.bbox
        if box.max[other] <= own.min[other] or own.max[other] <= box.min[other]:
            continue  # of another row or column
        if box.max[side] <= low:
            below = max(below, (box.max[side] + low) / 2)
        elif high <= box.min[side]:
            above = min(above, (high + box.min[side]) / 2)
    middle = (low + high) / 2
    return float(2 * min(middle - below, above - middle))
