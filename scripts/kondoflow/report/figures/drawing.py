"""Drawing what the registry lists: the figures of a rule, each into its files.

A figure that cannot be drawn does not take the others with it: its files say why, and carry a note
that the page reads (`report.pictures`).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from markupsafe import Markup
from matplotlib.figure import Figure

from kondoflow.files.errors import InputError
from kondoflow.files.side_by_side import side_by_side
from kondoflow.report.figures.registry import Entry, figures_of_rule
from kondoflow.report.label_room import make_room
from kondoflow.report.panels import notice
from kondoflow.report.style import save_figure

LONGEST = 300  # characters of a reason
NOT_DRAWN = "not drawn: "  # begins the note of a figure that could not be drawn
MENDABLE = (InputError, OSError, MemoryError)  # end the stage: nothing is wrong with the figure

logger = logging.getLogger("kondoflow")


class Drawing(Protocol):
    """The module of a figure; `results` are those of a run, or of all runs for a scan."""

    def draw(self, results: Any) -> Figure:
        """Draw the figure."""

    def caption(self, results: Any) -> Markup:
        """Say what it shows."""


def drawing_of(entry: Entry) -> Drawing:
    """Import the module of a figure."""
    return cast(Drawing, import_module(entry.source))


def why_empty(entry: Entry, results: Any) -> str:
    """Why a figure shows nothing for some results; "" if it shows something."""
    empty = getattr(drawing_of(entry), "empty", None)
    return empty(results) if empty is not None else ""


def draw(entry: Entry, results: Any) -> Figure:
    """Draw a figure, or say in its place why there is nothing to draw."""
    reason = why_empty(entry, results)
    if reason:
        return notice(reason)
    figure = drawing_of(entry).draw(results)
    make_room(figure)
    return figure


def draw_figures(rule: str, results: Any, paths: Sequence[Path], processes: int = 1) -> None:
    """Draw figures of a rule into files.

    Args:
        rule: The rule.
        results: What its figures show.
        paths: Files `<name of the figure>.png`, `.svg` or `.pdf`.
        processes: Largest number of processes.

    Raises:
        InputError: If a file has the name of no figure of the rule.
    """
    entries = {entry.name: entry for entry in figures_of_rule(rule)}
    for path in paths:
        if path.stem not in entries:
            allowed = f"one of {', '.join(entries)}"
            raise InputError("figures", "name of a figure", path.stem, allowed)
    own = [
        (entry, [path for path in paths if path.stem == name]) for name, entry in entries.items()
    ]
    wanted = [(entry, files) for entry, files in own if files]
    failures = side_by_side(_draw, results, wanted, processes)
    for (entry, _), failure in zip(wanted, failures, strict=True):
        if failure:
            logger.error("figure %s could not be drawn\n%s", entry.name, failure)


def _draw(results: Any, wanted: tuple[Entry, Sequence[Path]]) -> str:
    entry, paths = wanted
    return draw_into(entry, results, paths)


def draw_into(entry: Entry, results: Any, paths: Sequence[Path]) -> str:
    """Draw a figure into its files; if that fails, files that say so.

    Returns:
        Why it could not be drawn, with the lines of code that led there; "" if it was drawn.

    Raises:
        InputError: If a file of the results can't be used.
        OSError: If a file can't be written.
    """
    try:
        save_figure(draw(entry, results), paths)
    except MENDABLE:
        raise
    except Exception as error:
        reason = reason_of(error)
        figure = notice(
            f"The figure \N{LEFT DOUBLE QUOTATION MARK}{entry.title}"
            f"\N{RIGHT DOUBLE QUOTATION MARK} could not be drawn: {reason}"
        )
        save_figure(figure, paths, note=NOT_DRAWN + reason)
        return "".join(traceback.format_exception(error)).rstrip()
    return ""


def reason_of(error: Exception) -> str:
    """Kind and message of an error, in a line of readable length."""
    text = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(": ")
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
