"""The law over the whole box for the page: what is told of it, and where it is a law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kondoflow.formulas.grammar import parse
from kondoflow.report.explorer.formulas import mathml, tree


def law_content(
    law: Mapping[str, Any],
    confirmation: Mapping[str, Any] | None,
    inputs: Mapping[str, str],
    labels: Mapping[str, str],
) -> dict[str, Any]:
    """What the page says of a law beside its formula.

    Args:
        law: Content of `law.json`.
        confirmation: Content of `confirmation.json`, if there is one.
        inputs: Expression of each input of the search, in which the domain is given.
        labels: Label of each name, text with LaTeX between dollar signs.

    Returns:
        Whether it is `announced`, what is `told` of it then and the `reasons` else; the `domain`:
        expressions, each with the ends of its range on the samples.
    """
    confirmed = confirmation or {}
    expressions = {
        name: parse(inputs.get(name, name), f"inputs.{name}") for name in law.get("domain", {})
    }
    return {
        "announced": bool(law["law"]) and confirmed.get("announced", False),
        "told": confirmed.get("headline", ""),
        "reasons": confirmed.get("reasons", []) if law["law"] else [law["reason"]],
        "domain": [
            {
                "tree": tree(expressions[name]),
                "mathml": mathml(expressions[name], labels),
                "low": low,
                "high": high,
            }
            for name, (low, high) in law.get("domain", {}).items()
        ],
    }
