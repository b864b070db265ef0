"""The page: one HTML file that needs nothing else.

Figures are embedded as data URIs, as SVG or PNG, whichever is smaller, with the numbers that they
show; formulas are MathML. Nothing is loaded from elsewhere. A short script copies formulas and
gives out tables; without it the page is complete. All text passes through jinja2's autoescape. The
words stand in `templates`, the facts come from `sections`. A part or a figure that fails does not
take the page with it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kondoflow.report.figures.drawing import MENDABLE, reason_of
from kondoflow.report.figures.registry import OF_ALL_RUNS, figures_of_rule, figures_of_runs
from kondoflow.report.job_times import RuleTime
from kondoflow.report.pictures import pictures, relative
from kondoflow.report.results import Results
from kondoflow.report.sections import (
    autoencoder,
    data,
    equations,
    files,
    latents,
    law,
    provenance,
    verdict,
)
from kondoflow.report.templating import FOLDER, fill

logger = logging.getLogger("kondoflow")

TOPICS: Mapping[str, Callable[[Results], dict[str, Any]]] = {
    "verdict": verdict.facts,
    "law": law.facts,
    "data": data.facts,
    "autoencoder": autoencoder.facts,
    "latents": latents.facts,
    "equations": equations.facts,
    "files": files.facts,
}


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
    made: Mapping[str, Any],
    page: Path,
) -> Page:
    """Write the page; what can't be shown is named in its place, and the rest is shown.

    Args:
        results: The runs.
        figures: Files <ensemble>/<run>/<figure>.png, .svg and .csv of all runs, and those of the
            figures of all runs side by side, if there are any.
        times: What each rule took.
        config: The configuration.
        made: Who made the page and when, see `stage.making`.
        page: Where the page will stand; links are relative to it.

    Raises:
        InputError: If a file of a figure is missing.
    """
    missing: list[str] = []
    level = 2 if len(results) == 1 else 3
    runs = [section(of_run, figures, page, missing, level) for of_run in results]
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    side_by_side = figures_of_rule(OF_ALL_RUNS)
    names = {entry.name for entry in side_by_side}
    shared = [path for path in figures if path.stem in names]
    html = fill(
        "page.html",
        topics=list(TOPICS),
        runs=runs,
        shared=pictures(side_by_side, results, shared, page, missing) if shared else [],
        provenance=provenance.facts(results, times, config),
        title=config.get("name") or "KondoFlow",
        made=made,
        rule=next((entry["rule"] for run in results for entry in run.chosen), None),
        accept=not_accepted(results, config),
        script=Markup(script),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return Page(html, tuple(missing))


def not_accepted(results: Sequence[Results], config: Mapping[str, Any]) -> str:
    """Parameters that the ensembles of the runs leave out, in words; "" if none."""
    ensembles = dict.fromkeys(of_run.ensemble for of_run in results)
    limits = {
        name: ends
        for ensemble in ensembles
        for name, ends in (config["ensembles"][ensemble].get("accept") or {}).items()
    }
    return " or ".join(
        f"{name} lies outside {low:g} .. {high:g}" for name, (low, high) in limits.items()
    )


def section(
    results: Results, figures: Sequence[Path], page: Path, missing: list[str], level: int
) -> dict[str, Any]:
    """The part of the page about one run; adds to `missing` what could not be shown.

    `level` is that of the headings of its topics.
    """
    name = f"{results.ensemble}, {results.run}"
    own = [path for path in figures if path.parts[-3:-1] == (results.ensemble, results.run)]
    lacking: list[str] = []
    run = {
        "anchor": f"{results.ensemble}.{results.run}",
        "name": name,
        "results": results,
        "level": level,
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
    return {**run, "texts": texts, "missing": lacking, "lead": lead_of(results)}


def lead_of(results: Results) -> Markup:
    """What was found in a run, in a sentence."""
    try:
        n = results.spectra.sizes["sample"]
        return fill("lead.html", facts=verdict.facts(results), n=n)
    except MENDABLE:
        raise
    except Exception:  # the part about the verdict says what is wrong
        logger.exception("the sentence of the run could not be written")
        return Markup("The verdict could not be written.")
