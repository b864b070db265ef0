"""The page: one HTML file that needs nothing else.

Figures are embedded as data URIs, as SVG where that is small and as PNG otherwise; formulas are
inline SVG. There is no script and nothing is loaded from elsewhere. All text passes through
jinja2's autoescape. The words stand in `templates`, the facts come from `sections`. A part or a
figure that fails does not take the page with it.
"""

from __future__ import annotations

import base64
import logging
import os
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kondoflow import __version__
from kondoflow.files.errors import InputError
from kondoflow.report.figures.drawing import (
    MENDABLE,
    NOT_DRAWN,
    drawing_of,
    reason_of,
    why_empty,
)
from kondoflow.report.figures.registry import OF_ALL_RUNS, Entry, figures_of_rule, figures_of_runs
from kondoflow.report.job_times import RuleTime
from kondoflow.report.results import Results
from kondoflow.report.sections import (
    autoencoder,
    data,
    equations,
    files,
    latents,
    provenance,
    verdict,
)
from kondoflow.report.style import PNG_SCALE, note_of
from kondoflow.report.templating import fill

logger = logging.getLogger("kondoflow")

SMALL = 200_000  # bytes of an SVG that is embedded as such
TOPICS: Mapping[str, Callable[[Results], dict[str, Any]]] = {
    "verdict": verdict.facts,
    "data": data.facts,
    "autoencoder": autoencoder.facts,
    "latents": latents.facts,
    "equations": equations.facts,
    "files": files.facts,
}


@dataclass(frozen=True)
class Picture:
    """A figure on the page.

    Attributes:
        name: Its name in the registry.
        category: Part of the page where it is shown.
        title: What it shows, for those who can't see it.
        caption: What it shows and what follows from it.
        uri: Data URI.
        width: Natural width, CSS pixels.
        height: Natural height, CSS pixels.
        links: Name and address of each file of the figure, relative to the page.
    """

    name: str
    category: str
    title: str
    caption: Markup
    uri: str
    width: int
    height: int
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """The page.

    Attributes:
        html: Its text.
        missing: What could not be shown and why, a line each; a notice stands in its place.
    """

    html: str
    missing: tuple[str, ...]


def render_page(
    results: Sequence[Results],
    figures: Sequence[Path],
    times: Sequence[RuleTime],
    config: Mapping[str, Any],
    page: Path,
) -> Page:
    """Write the page; what can't be shown is named in its place, and the rest is shown.

    Args:
        results: The runs.
        figures: Files <ensemble>/<run>/<figure>.png and .svg of all runs, and those of the
            figures of all runs side by side, if there are any.
        times: What each rule took.
        config: The configuration.
        page: Where the page will stand; links are relative to it.

    Raises:
        InputError: If a file of a figure is missing.
    """
    missing: list[str] = []
    runs = [section(of_run, figures, page, missing) for of_run in results]
    side_by_side = figures_of_rule(OF_ALL_RUNS)
    names = {entry.name for entry in side_by_side}
    shared = [path for path in figures if path.stem in names]
    html = fill(
        "page.html",
        topics=list(TOPICS),
        runs=runs,
        shared=pictures(side_by_side, results, shared, page, missing) if shared else [],
        provenance=provenance.facts(results, times, config),
        version=__version__,
        title=config.get("name") or "KondoFlow",
    )
    return Page(html, tuple(missing))


def section(
    results: Results, figures: Sequence[Path], page: Path, missing: list[str]
) -> dict[str, Any]:
    """The part of the page about one run; adds to `missing` what could not be shown."""
    name = f"{results.ensemble}, {results.run}"
    own = [path for path in figures if path.parts[-3:-1] == (results.ensemble, results.run)]
    lacking: list[str] = []
    run = {
        "anchor": f"{results.ensemble}.{results.run}",
        "name": name,
        "results": results,
        "figures": pictures(figures_of_runs(), results, own, page, lacking),
    }
    texts = {}
    for topic, facts in TOPICS.items():
        try:
            known = {"run": run, "address": partial(relative, page=page)}
            texts[topic] = fill(f"topics/{topic}.html", facts=facts(results), **known)
        except MENDABLE:
            raise
        except Exception as error:
            logger.exception("the part %s could not be written", topic)
            lacking.append(f"part {topic}: {reason_of(error)}")
            texts[topic] = fill("absent.html", category=topic.capitalize(), run=run)
    missing += [f"{name}: {line}" for line in lacking]
    return {**run, "texts": texts, "missing": lacking}


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
    """Embed a figure that was saved as PNG and SVG.

    Returns:
        The picture, and why the figure could not be drawn; "" if it was.

    Raises:
        InputError: If one of the two files is missing.
    """
    by_format = {path.suffix: path for path in files}
    for suffix in (".png", ".svg"):
        if suffix not in by_format or not by_format[suffix].is_file():
            raise InputError(
                f"figure {entry.name}", suffix, [str(path) for path in files], "an existing file"
            )
    png = by_format[".png"].read_bytes()
    svg = by_format[".svg"].read_bytes()
    note = note_of(svg.decode(errors="replace"))
    lacking = note.removeprefix(NOT_DRAWN) if note.startswith(NOT_DRAWN) else ""
    if lacking:
        caption = Markup("This figure could not be drawn; the log of {} tells more.").format(
            entry.rule
        )
    width, height = struct.unpack(">II", png[16:24])  # the header chunk of every PNG
    kind, data = ("svg+xml", svg) if len(svg) <= SMALL else ("png", png)
    picture = Picture(
        entry.name,
        entry.category,
        entry.title,
        caption,
        f"data:image/{kind};base64,{base64.b64encode(data).decode()}",
        round(width / PNG_SCALE),
        round(height / PNG_SCALE),
        tuple((path.suffix[1:].upper(), relative(path, page)) for path in files),
    )
    return picture, lacking


def relative(path: Path, page: Path) -> str:
    """Address of a file as seen from the page."""
    return Path(os.path.relpath(path, page.parent)).as_posix()
