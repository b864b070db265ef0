"""Words: jinja2 templates, filled with plain numbers and with typeset symbols.

Everything that is filled in is escaped unless it is Markup. Numbers are written by filters:
`{{ x | significant }}`, `{{ x | exact }}`, `{{ x | fixed(3) }}`, `{{ x | percent }}`,
`{{ x | share }}`, `{{ x | r2 }}`, `{{ x | correlation }}`, `{{ x | angle }}`, `{{ n | count }}`,
`{{ s | duration }}`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from kondoflow.report.numbers import (
    angle,
    correlation,
    count,
    duration,
    exact,
    factor,
    fixed,
    percent,
    r2,
    share,
    significant,
)
from kondoflow.report.words import follows

FOLDER = Path(__file__).parent / "templates"


def listed(items: Sequence[Any]) -> Markup:
    """Items as a sentence names them: `a`, `a and b`, `a, b and c`."""
    *first, last = [escape(item) for item in items] or [Markup("")]
    return Markup(" and ").join([Markup(", ").join(first), last]) if first else last


@cache
def environment() -> jinja2.Environment:
    """The templates and their filters; a name that is missing is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    numbers = (angle, correlation, count, duration, exact, factor, fixed, percent, r2)
    for function in (*numbers, share, significant, follows, listed):
        made.filters[function.__name__] = function
    return made


def fill(template: str, **values: Any) -> Markup:
    """Fill a template of the folder `templates`."""
    return Markup(environment().get_template(template).render(values))


def finding_of(caption: Markup) -> str:
    """The first words in bold of a caption, as plain text; "" without any."""
    found = re.search(r"<strong>(.*?)</strong>", caption)
    return " ".join(Markup(found[1]).striptags().split()) if found else ""


def fill_caption(name: str, **values: Any) -> Markup:
    """Fill the caption of a figure; line breaks of the template become spaces."""
    return Markup(" ".join(fill(f"captions/{name}.html", **values).split()))
