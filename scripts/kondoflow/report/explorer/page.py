"""The page as one file: its sources and the containers, put into the template."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from kondoflow.report.explorer.content import run_content, set_content
from kondoflow.report.explorer.figure import static_figure
from kondoflow.report.explorer.laws import law_content
from kondoflow.report.explorer.run import Run

SOURCES = Path(__file__).parent / "sources"
SCRIPTS = (
    "numbers",
    "unpack",
    "formulas",
    "decoder",
    "scales",
    "colours",
    "pen",
    "view",
    "scatter",
    "spectrum",
    "histogram",
    "samples",
    "equations",
    "cards",
    "together",
    "trial",
    "takeaway",
    "state",
    "main",
)
LAW = "law"  # script and section of the page where a run has a law
TITLE = "KondoFlow explorer"


def render_explorer(
    runs: Sequence[Run], *, precision: str = "half", report: str = "", name: str | None = None
) -> str:
    """The page of some runs, the first of which is shown when it opens.

    Args:
        runs: The runs, at least one; those of one set and channel share its container.
        precision: Of the decoder's weights, `half` or `full`.
        report: Address of the printed report, relative to the page; empty if there is none.
        name: Of the experiment, if it has one.
    """
    has_law = any(law_content(run) for run in runs)
    script = page_script(has_law)
    sets = {run.key: run for run in runs}
    blocks = [(f"set-{key}", set_content(run)) for key, run in sets.items()]
    blocks += [(f"run-{run_key(run)}", run_content(run, precision)) for run in runs]
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SOURCES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    ).get_template("index.html")
    return template.render(
        title=f"{name}: explorer" if name else TITLE,
        style=Markup((SOURCES / "style.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        runs=[(run_key(run), f"{run.ensemble}, {run.name}") for run in runs],
        blocks=blocks,
        law=Markup((SOURCES / f"{LAW}.html").read_text(encoding="utf-8")) if has_law else "",
        figure=static_figure(runs[0]),
        sentence=sentence(runs[0]),
        report=report,
    )


def run_key(run: Run) -> str:
    """Name of a run on the page and in its address."""
    return f"{run.ensemble}.{run.name}"


def page_script(has_law: bool) -> str:
    """All scripts as one, in an order in which every class stands before those that extend it."""
    names = (LAW, *SCRIPTS) if has_law else SCRIPTS
    sources = [(SOURCES / f"{name}.js").read_text(encoding="utf-8") for name in names]
    return "(() => {\n'use strict';\n" + "\n".join(sources) + "})();\n"


def sentence(run: Run) -> str:
    """What was found, in the words of the verdict."""
    n_active = int(run.latents["active"].to_numpy().sum())
    extent = (
        f"{run.spectra.sizes['sample']:,} spectra, compressed to {n_active or 'no'} active latent"
    )
    extent += "." if n_active == 1 else "s."
    return " ".join([extent, *run.verdict.get("headline", [])])
