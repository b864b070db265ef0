"""The page: one HTML file that needs nothing else.

Figures are embedded as data URIs, as SVG where that is small and as PNG otherwise; formulas are
inline SVG. There is no script and nothing is loaded from elsewhere. All text passes through
jinja2's autoescape. The words stand in `templates`, the facts come from `sections`.
"""

from __future__ import annotations

import base64
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
from kondoflow.report.figures.drawing import drawing_of, why_empty
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
from kondoflow.report.style import PNG_SCALE
from kondoflow.report.templating import fill

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


def render_page(
    results: Sequence[Results],
    figures: Sequence[Path],
    times: Sequence[RuleTime],
    config: Mapping[str, Any],
    page: Path,
) -> str:
    """The HTML of the page.

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
    sections = [
        {
            "anchor": f"{of_run.ensemble}-{of_run.run}",
            "name": f"{of_run.ensemble}, {of_run.run}",
            "results": of_run,
            "facts": {topic: facts(of_run) for topic, facts in TOPICS.items()},
            "figures": pictures(
                figures_of_runs(),
                of_run,
                [path for path in figures if path.parts[-3:-1] == (of_run.ensemble, of_run.run)],
                page,
            ),
        }
        for of_run in results
    ]
    side_by_side = figures_of_rule(OF_ALL_RUNS)
    names = {entry.name for entry in side_by_side}
    shared = [path for path in figures if path.stem in names]
    return fill(
        "page.html",
        topics=list(TOPICS),
        runs=sections,
        shared=pictures(side_by_side, results, shared, page) if shared else [],
        provenance=provenance.facts(results, times, config),
        address=partial(relative, page=page),
        version=__version__,
    )


def pictures(
    entries: Iterable[Entry], results: Any, paths: Sequence[Path], page: Path
) -> list[Picture]:
    """The figures that show something for some results, with captions."""
    return [
        embed(
            entry,
            drawing_of(entry).caption(results),
            [path for path in paths if path.stem == entry.name],
            page,
        )
        for entry in entries
        if not why_empty(entry, results)
    ]


def embed(entry: Entry, caption: Markup, files: Sequence[Path], page: Path) -> Picture:
    """Embed a figure that was saved as PNG and SVG.

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
    width, height = struct.unpack(">II", png[16:24])  # the header chunk of every PNG
    kind, data = ("svg+xml", svg) if len(svg) <= SMALL else ("png", png)
    return Picture(
        entry.name,
        entry.category,
        entry.title,
        caption,
        f"data:image/{kind};base64,{base64.b64encode(data).decode()}",
        round(width / PNG_SCALE),
        round(height / PNG_SCALE),
        tuple((path.suffix[1:].upper(), relative(path, page)) for path in files),
    )


def relative(path: Path, page: Path) -> str:
    """Address of a file as seen from the page."""
    return Path(os.path.relpath(path, page.parent)).as_posix()
