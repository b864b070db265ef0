"""All equations of a run for the page: trees, scores, maps, text to read and to take away.

Scores and maps come measured (`discovery.measuring`), the choice comes from the verdict. The chosen
equation is written as the verdict shows it, with its constants rounded by their uncertainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Expression
from kondoflow.report.claims import claim_in_words, reach_in_words
from kondoflow.report.explorer.formulas import mathml, source_code, tree
from kondoflow.report.glyphs import html


def target_content(
    name: str,
    measured: Mapping[str, Any],
    engines: Sequence[Mapping[str, Any]],
    verdict: Mapping[str, Any],
    references: Mapping[str, str],
    labels: Mapping[str, str],
    symbols: Mapping[str, str],
) -> dict[str, Any] | None:
    """What the page shows of one target; None where no equation was sought or found.

    Args:
        name: The target.
        measured: Its `objective` and, by the text of each formula, `scores` and `map`.
        engines: Content of each engine's file.
        verdict: Entry of the target in the verdict.
        references: Expression of each reference formula.
        labels: Label of each name, text with LaTeX between dollar signs.
        symbols: LaTeX of each name that has one.
    """
    found = [
        (engine["engine"], item)
        for engine in engines
        for entry in engine["targets"]
        if entry["target"] == name
        for item in entry["front"]
    ]
    if not found or not verdict.get("equation"):
        return None
    rows = []
    for engine, item in sorted(found, key=lambda pair: pair[1]["complexity"]):
        text = item["equation"]
        scores = {part: item.get(f"score_{part}") for part in ("train", "validation", "test")}
        outside = measured["formulas"][text]["scores"]["outside"]
        is_chosen = engine == verdict["engine"] and text == verdict["equation"]
        rows.append(
            {
                **described(parse(text, "equation", engine), labels, symbols),
                "source": engine,
                "complexity": item["complexity"],
                "scores": {**scores, "outside": outside},
                "map": measured["formulas"][text]["map"],
                "chosen": is_chosen,
            }
        )
        if is_chosen:
            rows[-1]["mathml"] = mathml(parse(verdict["shown"], "shown", "verdict"), labels)
    for reference, text in references.items():
        expression = parse(text, f"references.{reference}")
        judged = verdict["references"].get(reference, {})
        rows.append(
            {
                **described(expression, labels, symbols),
                "source": "reference",
                "name": reference,
                "complexity": None,  # it was not sought
                "scores": measured["formulas"][text]["scores"],
                "map": measured["formulas"][text]["map"],
                "recovered": bool(judged.get("recovered", False)),
            }
        )
    return {
        "name": name,
        "objective": measured["objective"],
        "found": bool(verdict["found"]),
        "claim": claim_in_words(verdict, lambda name: html(labels.get(name, name))),
        "reach": reach_in_words(verdict["errors"]),
        "formulas": rows,
    }


def described(
    expression: Expression, labels: Mapping[str, str], symbols: Mapping[str, str]
) -> dict[str, Any]:
    """Tree, text, MathML and source code of a formula."""
    return {
        "text": to_text(expression),
        "tree": tree(expression),
        "mathml": mathml(expression, labels),
        "code": source_code(expression, symbols),
    }
