"""The verdict: which latent follows the scale, which formulas were found, what others found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kondoflow.report.labels import latent_name
from kondoflow.report.results import Results
from kondoflow.report.typeset import formula, rich_text


def facts(results: Results) -> dict[str, Any]:
    """What `topics/verdict.html` tells."""
    return {
        "n_active": len(results.active),
        "leading": leading(results),
        "equations": [judged(results, entry) for entry in headline_entries(results)],
        "formulas": formulas(results),
        "source": (results.system.get("published") or {}).get("source"),
        "published": published(results),
    }


def leading(results: Results) -> dict[str, Any] | None:
    """The latent that follows the scale, with its scores."""
    latent, scale = results.scores["leading_latent"], results.scale
    if latent is None or scale is None:
        return None
    return {
        "latent": latent_name(latent),
        "scale": rich_text(results.labels.symbol(scale)),
        **results.score(scale, latent),
    }


def headline_entries(results: Results) -> list[Mapping[str, Any]]:
    """Entries of the leading latent and of the system's own targets, else all entries."""
    name = f"latent_{results.scores['leading_latent']}"
    of_scale = [entry for entry in results.chosen if entry["target"] == name]
    own = [entry for entry in results.chosen if not entry["target"].startswith("latent_")]
    return of_scale + own or results.chosen


def judged(results: Results, entry: Mapping[str, Any]) -> dict[str, Any]:
    """How good the equation of a target is and which references it recovers."""

    def reference(name: str) -> tuple[Markup, float | None]:
        left = entry["references"][name]["residual"]["inside"]
        return rich_text(results.labels.symbol(name)), left

    nearest = entry["nearest"]
    return {
        "target": rich_text(results.labels.target(entry["target"])),
        "map": entry["map"]["kind"],
        "score": entry["score_test"],
        "recovered": [reference(name) for name in entry["recovered"]],
        "nearest": None if nearest is None else reference(nearest),
    }


def formulas(results: Results) -> Sequence[tuple[Markup, str, Markup]]:
    """Name, map and picture of every chosen equation, the first reference and those recovered."""
    rows = [
        (
            rich_text(results.labels.target(entry["target"])),
            entry["map"]["kind"],
            formula(entry["latex"], display=True),
        )
        for entry in results.chosen
    ]
    shown = set(list(results.system.get("references", {}))[:1])
    shown |= {name for entry in results.chosen for name in entry["recovered"]}
    references = results.chosen[0]["references"] if results.chosen else {}
    return rows + [
        (rich_text(results.labels.symbol(name)), "", formula(found["latex"], display=True))
        for name, found in references.items()
        if name in shown
    ]


def published(results: Results) -> list[dict[str, Any]]:
    """What others report beside what this run found."""
    return [
        {**entry, "symbol": rich_text(results.labels.symbol(entry["name"] or ""))}
        for entry in results.scores["published"]
    ]
