"""The equations: how they were sought, which were chosen, how they compare with references."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kondoflow.report.results import Results
from kondoflow.report.sections.judgement import compared, front_of, judged
from kondoflow.report.sections.verdict import headline_entries
from kondoflow.report.typeset import rich_text
from kondoflow.report.words import ENGINES


def facts(results: Results) -> dict[str, Any]:
    """What `topics/equations.html` tells."""
    left_out = results.verdict.get("constant_inputs", [])
    opened = [entry["target"] for entry in headline_entries(results)]
    return {
        "engines": [engine_facts(results, engine) for engine in results.engines],
        "inputs": seen_inputs(results, left_out) if results.chosen else [],
        "left_out": [rich_text(results.labels.symbol(name)) for name in left_out],
        "several_engines_ran": sum(entry.get("available", True) for entry in results.engines) > 1,
        "several_engines": len({entry["engine"] for entry in results.chosen}) > 1,
        "targets": [
            {
                **judged(results, entry),
                "front": front_of(results, entry),
                "jump": entry["jump"],
                "compared": compared(results, entry),
                "opened": entry["target"] in opened,
            }
            for entry in results.chosen
        ],
    }


def seen_inputs(results: Results, left_out: Collection[str]) -> list[str]:
    """What the search saw, as text; nothing where it saw the parameters as they are."""
    seen = {
        name: text
        for name, text in results.system.get("inputs", {}).items()
        if name not in left_out
    }
    if all(name == text for name, text in seen.items()):
        return []
    return [name if name == text else f"{name} = {text}" for name, text in seen.items()]


def engine_facts(results: Results, engine: Mapping[str, Any]) -> dict[str, Any]:
    """What an engine did: searches, time, targets that were left out."""
    searched = [entry for entry in engine["targets"] if entry["restarts"]]
    return {
        "name": ENGINES.get(engine["engine"], engine["engine"]),
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
