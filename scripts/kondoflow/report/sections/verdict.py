"""The verdict: which latent follows the scale, which formulas were found, what others found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kondoflow.report.labels import latent_name
from kondoflow.report.results import Results
from kondoflow.report.sections.judgement import judged, region_of
from kondoflow.report.typeset import formula, rich_text


def facts(results: Results) -> dict[str, Any]:
    """What `topics/verdict.html` tells."""
    entries = headline_entries(results)
    return {
        "n_active": len(results.active),
        "region": region_of(results),
        "leading": leading(results),
        "equations": [judged(results, entry) for entry in entries],
        "formulas": [
            (rich_text(results.labels.symbol(name)), formula(found["latex"], display=True))
            for name, found in named_references(entries).items()
        ],
        "law": announced(results),
        "source": (results.system.get("published") or {}).get("source"),
        "published": published(results),
    }


def announced(results: Results) -> dict[str, Any] | None:
    """What is said of the law over the whole box, if it was announced."""
    found, confirmed = results.law, results.confirmation
    if found is None or confirmed is None or not confirmed["announced"]:
        return None
    return {
        "symbol": rich_text(results.labels.symbol(found["quantity"] or found["target"])),
        "run": found.get("run"),
        "truth": found.get("truth"),
        "relative": found["quantity"] is not None,
        "constants": found["law"]["constants"],
        "n": confirmed["n"],
        "points": confirmed["source"],
        "error": confirmed["errors"]["test"],
    }


def leading(results: Results) -> dict[str, Any] | None:
    """The latent that follows the scale, with its scores, and what it follows better, if any."""
    latent, scale = results.scores["leading_latent"], results.scale
    if latent is None or scale is None:
        return None
    best = results.best_descriptor(latent)
    better = None
    if best not in (None, scale):
        name = str(best)
        better = {"symbol": rich_text(results.labels.symbol(name)), **results.score(name, latent)}
    return {
        "target": f"latent_{latent}",
        "latent": latent_name(latent),
        "scale": rich_text(results.labels.symbol(scale)),
        "better": better,
        **results.score(scale, latent),
    }


def headline_entries(results: Results) -> list[Mapping[str, Any]]:
    """Entries of the system's own targets and of the leading latent, else all entries."""
    name = f"latent_{results.scores['leading_latent']}"
    own = [entry for entry in results.chosen if not entry["target"].startswith("latent_")]
    of_scale = [entry for entry in results.chosen if entry["target"] == name]
    return own + of_scale or results.chosen


def named_references(entries: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The references that the verdict names: recovered ones, else the nearest."""
    names = [
        name
        for entry in entries
        if entry["found"]
        for name in (entry["recovered"] or [entry["nearest"]])
        if name is not None
    ]
    return {name: entries[0]["references"][name] for name in names}


def published(results: Results) -> list[dict[str, Any]]:
    """What others report beside what this run found."""
    return [
        {**entry, "symbol": rich_text(results.labels.symbol(entry["name"] or ""))}
        for entry in results.scores["published"]
    ]
