"""Figures as the page shows them: embedded, with caption, links and the numbers that they show.

A figure is embedded as a data URI, as SVG or PNG, whichever is smaller.
"""

from __future__ import annotations

import base64
import gzip
import logging
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kondoflow.files.errors import InputError
from kondoflow.report.figures.drawing import MENDABLE, NOT_DRAWN, drawing_of, reason_of, why_empty
from kondoflow.report.figures.registry import Entry
from kondoflow.report.style import PNG_SCALE, note_of
from kondoflow.report.templating import finding_of

logger = logging.getLogger("kondoflow")

EMBEDDED = (".png", ".svg", ".csv")  # files of a figure that the page holds


@dataclass(frozen=True)
class Picture:
    """A figure on the page.

    Attributes:
        name: Its name in the registry.
        category: Part of the page where it is shown.
        title: What it shows, in a few words.
        alt: What it shows and what follows from it, for those who can't see it.
        caption: The same, with how it was made.
        uri: Data URI.
        width: Natural width, CSS pixels.
        height: Natural height, CSS pixels.
        links: Name and address of each file of the figure, relative to the page.
        table: The numbers that it shows, CSV, compressed, in base64.
    """

    name: str
    category: str
    title: str
    alt: str
    caption: Markup
    uri: str
    width: int
    height: int
    links: tuple[tuple[str, str], ...]
    table: str


def pictures(
    entries: Iterable[Entry],
    results: Any,
    paths: Sequence[Path],
    page: Path,
    missing: list[str],
) -> list[Picture]:
    """The figures that show something for some results, with captions; see `section`."""
    shown = []
    for entry in entries:
        files = [path for path in paths if path.stem == entry.name]
        try:
            if why_empty(entry, results):
                continue
            caption = drawing_of(entry).caption(results)
        except MENDABLE:
            raise
        except Exception as error:
            logger.exception("figure %s has no caption", entry.name)
            missing.append(f"caption of figure {entry.name}: {reason_of(error)}")
            caption = Markup("The caption of this figure could not be written.")
        picture, note = embed(entry, caption, files, page)
        if note:
            missing.append(f"figure {entry.name}: {note}")
        shown.append(picture)
    return shown


def embed(entry: Entry, caption: Markup, files: Sequence[Path], page: Path) -> tuple[Picture, str]:
    """Embed a figure that was saved as PNG, SVG and CSV.

    Returns:
        The picture, and why the figure could not be drawn; "" if it was.

    Raises:
        InputError: If one of the three files is missing.
    """
    by_format = {path.suffix: path for path in files}
    for suffix in EMBEDDED:
        if suffix not in by_format or not by_format[suffix].is_file():
            raise InputError(
                f"figure {entry.name}", suffix, [str(path) for path in files], "an existing file"
            )
    png, svg, table = (by_format[suffix].read_bytes() for suffix in EMBEDDED)
    note = note_of(svg.decode(errors="replace"))
    lacking = note.removeprefix(NOT_DRAWN) if note.startswith(NOT_DRAWN) else ""
    if lacking:
        caption = Markup("This figure could not be drawn; the log of {} tells more.").format(
            entry.rule
        )
    width, height = struct.unpack(">II", png[16:24])  # the header chunk of every PNG
    kind, data = ("svg+xml", svg) if len(svg) < len(png) else ("png", png)
    title = entry.title[0].upper() + entry.title[1:]
    finding = finding_of(caption)
    picture = Picture(
        entry.name,
        entry.category,
        title,
        f"{title}. {finding}" if finding else title,
        caption,
        f"data:image/{kind};base64,{base64.b64encode(data).decode()}",
        round(width / PNG_SCALE),
        round(height / PNG_SCALE),
        tuple((path.suffix[1:].upper(), relative(path, page)) for path in files),
        base64.b64encode(gzip.compress(table, 9, mtime=0)).decode() if table.strip() else "",
    )
    return picture, lacking


def relative(path: Path, page: Path) -> str:
    """Address of a file as seen from the page."""
    return Path(os.path.relpath(path, page.parent)).as_posix()
