"""The equations: how they were sought, which were chosen, how they compare with references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kondoflow.report.results import Results
from kondoflow.report.typeset import formula, rich_text


def facts(results: Results) -> dict[str, Any]:
    """What `topics/equations.html` tells."""
    return {
        "engines": [engine_facts(results, engine) for engine in results.engines],
        "several_engines": len({entry["engine"] for entry in results.chosen}) > 1,
        "chosen": [
            {
                **entry,
                "symbol": rich_text(results.labels.target(entry["target"])),
                "shown": formula(entry["latex"], display=True),
            }
            for entry in results.chosen
        ],
        "references": [
            {"target": target, "symbol": symbol, **found}
            for target, symbol, found in told_references(results)
        ],
        "coefficients": [
            {
                "target": target,
                "symbol": symbol,
                "shown": formula(term["latex"], display=True),
                **term,
            }
            for target, symbol, found in told_references(results)
            if len(found["constants"]) > 1
            for term in found["constants"]
        ],
    }


def engine_facts(results: Results, engine: Mapping[str, Any]) -> dict[str, Any]:
    """What an engine did: searches, time, targets that were left out."""
    searched = [entry for entry in engine["targets"] if entry["restarts"]]
    return {
        "name": engine["engine"],
        "available": engine.get("available", True),
        "reason": engine.get("reason"),
        "n_searches": sum(len(entry["restarts"]) for entry in searched),
        "n_targets": len(searched),
        "seconds": sum(entry["seconds"] for entry in searched),
        "skipped": [
            (rich_text(results.labels.target(entry["target"])), entry["skipped"])
            for entry in engine["targets"]
            if entry.get("skipped")
        ],
    }


def told_references(results: Results) -> Iterator[tuple[Any, Any, Mapping[str, Any]]]:
    """Target, symbol and comparison of the references that say something about a target."""
    for entry in results.chosen:
        for name, found in entry["references"].items():
            if found["telling"] or found["recovered"]:
                target = rich_text(results.labels.target(entry["target"]))
                yield target, rich_text(results.labels.symbol(name)), found
