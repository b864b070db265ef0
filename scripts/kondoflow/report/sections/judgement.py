"""One equation as the page tells it: where it holds, what it recovers, what stands against that.

Every decision is read from the verdict; here stand only its symbols and its order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.rounding import text_of
from kondoflow.report.glyphs import plain
from kondoflow.report.labels import Labels
from kondoflow.report.languages import python_function
from kondoflow.report.numbers import measured, significant
from kondoflow.report.results import Results
from kondoflow.report.sections.data import meaning_of
from kondoflow.report.typeset import formula, rich_text
from kondoflow.report.words import (
    ALL,
    ENGINES,
    INSIDE,
    RELATIONS,
    STATUS,
    count_samples,
    has_form_of,
    lack_in_words,
    map_letter,
    obstacles_of,
)

PARTS = {
    "train": "training",
    "validation": "validation",
    "test": "test",
    "outside": "outside the region",
    "test_outside": "test samples among these",
}


def region_of(results: Results) -> dict[str, Any] | None:
    """The region in words, and how many samples of each part lie in it; None without equation."""
    if not results.chosen:
        return None
    # A quantity may have no value for some samples.
    errors = max(
        (entry["errors"] for entry in results.chosen), key=lambda each: count_samples(each, ALL)
    )
    region = results.verdict["region"]
    return {
        "expression": region["expression"],
        "conditions": [
            (formula(item["left_latex"]), RELATIONS[item["relation"]], formula(item["right_latex"]))
            for item in region["conditions"]
        ],
        "n": count_samples(errors, INSIDE),
        "n_all": count_samples(errors, ALL),
        "parts": {part: count_samples(errors, [part]) for part in INSIDE},
    }


def judged(results: Results, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is told of the equation of a target."""
    labels, references = results.labels, entry["references"]
    solved, nearest = entry["solved_for_scale"], entry["nearest"]
    return {
        "name": entry["target"],
        "symbol": rich_text(labels.target(entry["target"])),
        "unit": unit_of_target(results, entry["target"]),
        "is_latent": entry["target"].startswith("latent_"),
        "found": entry["found"],
        "found_above": entry["found_above"],
        "map": entry["map"]["kind"],
        "map_letter": map_letter(entry),
        "shown_whole": formula(whole_equation(results, entry), display=True),
        "sources": sources_of(entry["latex"], entry["shown"]),
        "solved": None if solved is None else formula(solved["latex"], display=True),
        "sources_solved": None
        if solved is None
        else sources_of(solved["latex"], solved["text"].partition(" = ")[2]),
        "scale": None if solved is None else scale_of(results, solved["scale"]),
        "in_inputs": entry["shown_inputs"],
        "constants": [measured(constant["text"]) for constant in entry["constants"]],
        "errors": entry["errors"],
        "parts": [(PARTS[part], entry["errors"][part]) for part in PARTS],
        "recovered": [named(labels, references, name) for name in entry["recovered"]],
        "nearest": None if nearest is None else named(labels, references, nearest),
        "rivals": rivals_of(labels, entry["rivals"], entry["references"]),
        "rule": entry["rule"],
        "complexity": entry["complexity"],
        "engine": ENGINES.get(entry["engine"], entry["engine"]),
        "compares": bool(references),
        "permuted": entry["null"]["score_validation"],
    }


def unit_of_target(results: Results, target: str) -> Markup:
    """The unit of a target, or the words "the unit of ..." where the data set gives none."""
    unit = results.labels.unit(target)
    if unit:
        return rich_text(unit)
    return Markup("the unit of {}").format(rich_text(results.labels.target(target)))


def sources_of(latex: str, text: str) -> dict[str, str]:
    """An equation to take away, by language."""
    return {"LaTeX": latex, "Python": python_function(parse(text, "shown", "verdict"))}


def left_side(results: Results, entry: Mapping[str, Any]) -> str:
    """LaTeX of the target, which stands on the left of an equation."""
    label = results.labels.target(entry["target"])
    return label[1:-1] if re.fullmatch(r"\$[^$]+\$", label) else rf"\text{{{plain(label)}}}"


def whole_equation(results: Results, entry: Mapping[str, Any]) -> str:
    """LaTeX of an equation with its target, and the map between the two if there is one."""
    latex = entry["latex"]
    mapped = entry["map"]["kind"] != "identity"
    right = rf"{map_letter(entry)}\left({latex}\right)" if mapped else latex
    return f"{left_side(results, entry)} = {right}"


def scale_of(results: Results, scale: str) -> dict[str, Any]:
    """Symbol and meaning of the quantity whose logarithm a target is."""
    meaning = meaning_of(results, scale).replace("_", " ")
    return {"name": scale, "symbol": rich_text(results.labels.symbol(scale)), "meaning": meaning}


def named(labels: Labels, references: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A reference with what was measured of it, and what stands against it in words."""
    found = references[name]
    return {
        "name": name,
        "symbol": rich_text(labels.symbol(name)),
        "law": found["law"],
        "status": STATUS[found["law"]["status"]],
        "left": found["law"]["residual"],
        "left_of_target": found["unexplained"],
        "recovered": found["recovered"],
        "rival": found["rival"],
        "same_as": [rich_text(labels.symbol(other)) for other in found["same_as"]],
        "against": obstacles_of(found),
        "has_form": has_form_of(found),
    }


def rivals_of(
    labels: Labels, rivals: Mapping[str, Any], references: Mapping[str, Any]
) -> dict[str, Any]:
    """The best reference, those that the data do not separate from it, and the excluded.

    Each of the excluded comes with its factor, and with the constant that it lacks in words.
    `misses` is the share of the variance that the best leaves, where that is all of it or more and
    no constant is lacking.
    """
    best = rivals["best"]
    left = None if best is None else references[best]["unexplained"]
    lacks = "" if best is None else lack_in_words(references[best].get("lacks"))
    return {
        "best": None if best is None else rich_text(labels.symbol(best)),
        "best_lacks": lacks,
        "misses": left if left is not None and left >= 1 and not lacks else None,
        "inseparable": [rich_text(labels.symbol(name)) for name in rivals["inseparable"]],
        "excluded": [
            (
                rich_text(labels.symbol(name)),
                item["factor"],
                lack_in_words(references[name].get("lacks")),
            )
            for name, item in rivals["excluded"].items()
        ],
    }


def compared(results: Results, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The references that say something about a target, and the names of the others."""
    labels, references = results.labels, entry["references"]
    close = {entry["nearest"], entry["rivals"]["best"]}
    shown = [
        name
        for name, found in references.items()
        if found["telling"] or found["recovered"] or found.get("lacks") or name in close
    ]
    return {
        "rows": [named(labels, references, name) for name in shown],
        "others": [rich_text(labels.symbol(name)) for name in references if name not in shown],
        "coefficients": [
            row
            for name in shown
            for row in coefficients(rich_text(labels.symbol(name)), references[name]["constants"])
        ],
    }


def coefficients(symbol: Markup, terms: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Coefficients of the terms of a reference with several, in the target and in the equation."""
    if len(terms) < 2:
        return []
    return [
        {
            "reference": symbol,
            "term": formula(term["latex"], display=True),
            "in_target": written(term["in_target"], term["uncertainty"]),
            "in_equation": term["in_equation"],
            "telling": term["telling"],
        }
        for term in terms
    ]


def written(value: float | None, uncertainty: float | None) -> Markup | None:
    """A coefficient, with its uncertainty in parentheses if it has one.

    Coefficients that are relative to the first have none for the first.
    """
    if value is None:
        return None
    return measured(text_of(value, uncertainty)) if uncertainty else significant(value, 4)


def front_of(results: Results, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of the whole front; of the chosen equation the constants end at their uncertainty."""
    return [
        {
            **row,
            "symbol": None
            if row["name"] is None
            else rich_text(results.labels.symbol(row["name"])),
            "text": entry["shown"] if row["chosen"] else row["shown"],
            "left": [left_in(row["errors"][part]) for part in (*INSIDE, "outside")],
        }
        for row in entry["front"]
    ]


def left_in(part: Mapping[str, Any]) -> float | None:
    """Share of the variance that is left, 1 - R^2; None where a formula lacks some values."""
    return None if part["r2"] is None or part["undefined"] else 1.0 - part["r2"]
