"""All equations of a run for the page: trees, scores, maps, text to read and to take away.

Scores and maps come measured (`discovery.judgement.measuring`), the choice comes from the verdict.
The chosen equation is written as the verdict shows it, with its constants rounded by their
uncertainty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.rounding import without_ones
from kondoflow.formulas.trees import Expression
from kondoflow.report.claims import claim_in_words, reach_in_words
from kondoflow.report.explorer.formulas import mathml, source_code, tree
from kondoflow.report.glyphs import html
from kondoflow.report.words import lack_in_words


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
    by_length = sorted(found, key=lambda pair: pair[1]["complexity"])
    rows = [
        _found(engine, item, measured["formulas"], verdict, labels, symbols)
        for engine, item in by_length
    ]
    rows += [
        _known(reference, text, measured["formulas"], verdict, labels, symbols)
        for reference, text in references.items()
    ]
    return {
        "name": name,
        "objective": measured["objective"],
        "found": bool(verdict["found"]),
        "claim": claim_in_words(verdict, lambda name: html(labels.get(name, name))),
        "reach": reach_in_words(verdict["errors"]),
        "formulas": rows,
    }


def _found(
    engine: str,
    item: Mapping[str, Any],
    measured: Mapping[str, Any],
    verdict: Mapping[str, Any],
    labels: Mapping[str, str],
    symbols: Mapping[str, str],
) -> dict[str, Any]:
    """A row for an equation of an engine's front."""
    text = item["equation"]
    scores = {part: item.get(f"score_{part}") for part in ("train", "validation", "test")}
    is_chosen = engine == verdict["engine"] and text == verdict["equation"]
    row = {
        **described(without_ones(parse(text, "equation", engine)), labels, symbols),
        "source": engine,
        "complexity": item["complexity"],
        "scores": {**scores, "outside": measured[text]["scores"]["outside"]},
        "map": measured[text]["map"],
        "chosen": is_chosen,
    }
    if is_chosen:
        row["mathml"] = mathml(parse(verdict["shown"], "shown", "verdict"), labels)
    return row


def _known(
    name: str,
    text: str,
    measured: Mapping[str, Any],
    verdict: Mapping[str, Any],
    labels: Mapping[str, str],
    symbols: Mapping[str, str],
) -> dict[str, Any]:
    """A row for a reference formula."""
    judged = verdict["references"].get(name, {})
    return {
        **described(parse(text, f"references.{name}"), labels, symbols),
        "source": "reference",
        "name": name,
        "complexity": None,  # it was not sought
        "scores": measured[text]["scores"],
        "map": measured[text]["map"],
        "recovered": bool(judged.get("recovered", False)),
        "lacks": lack_in_words(judged.get("lacks")),
    }


def text_of_law(law: Mapping[str, Any]) -> str:
    """Formula of the target in a law that gives the quantity whose logarithm the target is."""
    text = str(law["law"]["formula"])
    return f"log({text})" if law["quantity"] else text


def law_row(
    law: Mapping[str, Any],
    measured: Mapping[str, Any],
    labels: Mapping[str, str],
    symbols: Mapping[str, str],
) -> dict[str, Any]:
    """A row of the table for the law over the whole box.

    The law is too long for a table, so that a title stands in the place of its formula.

    Args:
        law: Content of `law.json`, with a law.
        measured: `scores` and `map` by the text of each formula.
        labels: Label of each name, text with LaTeX between dollar signs.
        symbols: LaTeX of each name that has one.
    """
    text = text_of_law(law)
    return {
        **described(parse(text, "law"), labels, symbols),
        "source": "law",
        "title": "law over the whole box",
        "complexity": None,
        "scores": measured[text]["scores"],
        "map": measured[text]["map"],
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
