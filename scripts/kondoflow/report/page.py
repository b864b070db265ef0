"""The page: one HTML file that needs nothing else.

Figures are embedded as data URIs, as SVG where that is small and as PNG otherwise; formulas are
inline SVG. There is no script and nothing is loaded from elsewhere. All text passes through
jinja2's autoescape.
"""

from __future__ import annotations

import base64
import os
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from kondoflow.files.errors import InputError
from kondoflow.report.style import PNG_SCALE

SMALL = 200_000  # bytes of an SVG that is embedded as such


@dataclass(frozen=True)
class Picture:
    """A figure ready to be shown.

    Attributes:
        uri: Data URI.
        width: Natural width, CSS pixels.
        height: Natural height, CSS pixels.
        links: Name and address of each file of the figure, relative to the page.
    """

    uri: str
    width: int
    height: int
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Figure:
    """A picture with its caption and, for those who can't see it, a description."""

    picture: Picture
    caption: Markup
    alt: str


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        heads: Column heads.
        rows: Cells by row; text is escaped, Markup is not.
        numeric: Columns that are aligned to the right.
        caption: Above the table.
    """

    heads: Sequence[str | Markup]
    rows: Sequence[Sequence[Any]]
    numeric: Collection[int] = ()
    caption: str | Markup = ""


def embed(files: Sequence[Path], page: Path) -> Picture:
    """Embed a figure that was saved as PNG and SVG.

    Raises:
        InputError: If a file is missing or one of the two formats is.
    """
    by_format = {path.suffix: path for path in files}
    for suffix in (".png", ".svg"):
        if suffix not in by_format or not by_format[suffix].is_file():
            raise InputError("figure", suffix, [str(path) for path in files], "an existing file")
    png = by_format[".png"].read_bytes()
    svg = by_format[".svg"].read_bytes()
    width, height = struct.unpack(">II", png[16:24])  # the header chunk of every PNG
    kind, data = ("svg+xml", svg) if len(svg) <= SMALL else ("png", png)
    return Picture(
        f"data:image/{kind};base64,{base64.b64encode(data).decode()}",
        round(width / PNG_SCALE),
        round(height / PNG_SCALE),
        tuple((path.suffix[1:].upper(), relative(path, page)) for path in files),
    )


def relative(path: Path, page: Path) -> str:
    """Address of a file as seen from the page."""
    return Path(os.path.relpath(path, page.parent)).as_posix()


def render(content: Mapping[str, Any]) -> str:
    """Fill the template.

    Args:
        content: Variables of `template.html`, as described at its head.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html").render(content)
