"""The law over the whole box: what it says, how far it holds, how it was found and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.rounding import text_of, with_rounded
from kondoflow.formulas.trees import names_in
from kondoflow.report.numbers import measured
from kondoflow.report.results import Results
from kondoflow.report.sections.data import constants
from kondoflow.report.typeset import formula, rich_text

PARTS = {
    "test": "{}",
    "inside": "{}, in the region",
    "outside": "{}, outside the region",
    "edges": "{}, at the edges of the box",
}
SAMPLES = {"test": "test samples", "inside": "all samples in the region"}
COMBINED = {
    "add": "the sum of the two",
    "multiply": "the product of the two",
    "inverse_add": "1/(1/first + 1/second)",
}


def facts(results: Results) -> dict[str, Any]:
    """What `topics/law.html` tells."""
    found, confirmed = results.law, results.confirmation
    if found is None or confirmed is None:
        return {"sought": False}
    if found["law"] is None:
        return {"sought": True, "announced": False, "reasons": [found["reason"]], "law": None}
    return {
        "sought": True,
        "announced": confirmed["announced"],
        "reasons": confirmed["reasons"],
        "law": law_facts(results, found),
        **composition_facts(results, found),
        **confirmation_facts(results, found, confirmed),
    }


def law_facts(results: Results, found: Mapping[str, Any]) -> dict[str, Any]:
    """The law itself: typeset, as code, with its numbers."""
    # SymPy takes 0.4 s to import, and a report without a law needs none of it.
    from kondoflow.formulas.printing import latex_symbols, typeset

    law = found["law"]
    known = latex_symbols(results.system.get("labels", {}))
    symbols = {name: text for name, text in known.items() if name not in law["numbers"]}

    def written(text: str) -> Any:
        return formula(typeset(with_rounded(parse(text, "law"), None), symbols), display=True)

    left = found["quantity"] or results.labels.target(found["target"])
    used = [name for name in law["numbers"] if name in names_in(parse(law["reduced"], "law"))]
    return {
        "left": left,
        "symbol": rich_text(results.labels.symbol(left)),
        "code": code_of(left, law, used),
        "scaled": written(law["scaled"]),
        "reduced": written(law["reduced"]),
        "numbers": [(name, written(law["numbers"][name])) for name in used],
        "factors": law["factors"],
        "n_constants": law["constants"],
    }


def composition_facts(results: Results, found: Mapping[str, Any]) -> dict[str, Any]:
    """How the law was composed: what was given, its known part, the remainder, its rivals."""
    name, _, form = found["combination"].partition("-")
    origin = found["origin"]
    return {
        "run": found.get("run"),
        "truth": found.get("truth"),
        "logarithmic": found["quantity"] is not None,
        "origin": rich_text(results.labels.symbol(origin))
        if origin in found["recovered"]
        else None,
        "combined": COMBINED[name],
        "form": form,
        "screened": [
            (COMBINED[way], error)
            for way, error in sorted(found["screened"].items(), key=lambda pair: pair[1])
        ],
        "given": found["given"],
        "limits": found.get("limits", []),
        "corrections": found["corrections"],
        "factors": factors_of(found["corrections"]),
        "null": found["null"],
        "domain": [
            (results.system.get("inputs", {}).get(name, name), *ends)
            for name, ends in found["domain"].items()
        ],
        "held": held_parameters(results),
        "front": [row | {"formula": tidy(row["formula"])} for row in found["front"]],
    }


def factors_of(corrections: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Quantities with the factor k of their correction, and its uncertainty in brackets."""
    uncertain = (corrections or {}).get("uncertainties", {})
    return [
        (name, measured(text_of(k, uncertain[name])))
        for name, k in (corrections or {}).get("factors", {}).items()
    ]


def confirmation_facts(
    results: Results, found: Mapping[str, Any], confirmed: Mapping[str, Any]
) -> dict[str, Any]:
    """How far the law holds, on new points and on samples, beside the formulas known before."""
    known = {
        name: errors
        for name, errors in found["errors"].items()
        if name != "law" and (errors["test"]["rms"] or np.inf) < confirmed["spread"]
    }
    return {
        "source": confirmed["source"],
        "n": confirmed["n"],
        "stated": confirmed["stated"],
        "rows": [
            *[
                ("the law", words.format(confirmed["source"]), confirmed["errors"][part])
                for part, words in PARTS.items()
            ],
            *[
                ("the law", words, found["errors"]["law"][part])
                for part, words in SAMPLES.items()
                if words != confirmed["source"]  # which are the first of these rows then
            ],
            *[
                (rich_text(results.labels.symbol(name)), words, errors[part])
                for name, errors in known.items()
                for part, words in SAMPLES.items()
            ],
        ],
        "constants": [measured(item["text"]) for item in confirmed["constants"]],
        "worst": confirmed["worst"],
        "counts": confirmed["counts"],
    }


def held_parameters(results: Results) -> list[tuple[Any, float, str]]:
    """Symbol, value and unit of the parameters that are the same for all samples."""
    return [(row["symbol"], row["spread"][1], row["unit"]) for row in constants(results)]


def code_of(left: str, law: Mapping[str, Any], used: list[str]) -> str:
    """The law as lines of Python."""
    lines = [f"{name} = {law['numbers'][name]}" for name in used]
    return tidy("\n".join([*lines, f"V = {law['reduced']}", f"{left} = {law['scaled']}"]))


def tidy(text: str) -> str:
    """A formula as text in which nothing negative is added: `1 - x` for `1 + -x`."""
    return text.replace("+ -", "- ")
