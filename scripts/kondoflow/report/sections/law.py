"""The law over the whole box: what it says, how far it holds, how it was found and confirmed."""

from __future__ import annotations

from typing import Any

import numpy as np

from kondoflow.formulas.grammar import parse
from kondoflow.formulas.rounding import with_rounded
from kondoflow.formulas.trees import names_in
from kondoflow.report.results import Results
from kondoflow.report.sections.data import constants
from kondoflow.report.typeset import formula, rich_text

PARTS = {
    "test": "new",
    "inside": "new, in the region",
    "outside": "new, outside the region",
    "edges": "new, at the edges of the box",
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
    # SymPy takes 0.4 s to import, and a report without a law needs none of it.
    from kondoflow.formulas.printing import latex_symbols, typeset

    known = latex_symbols(results.system.get("labels", {}))
    symbols = {name: text for name, text in known.items() if name not in found["law"]["numbers"]}
    left = found["quantity"] or results.labels.target(found["target"])

    def written(text: str) -> Any:
        return formula(typeset(with_rounded(parse(text, "law"), None), symbols), display=True)

    law = found["law"]
    used = [name for name in law["numbers"] if name in parse_names(law["reduced"])]
    name, _, form = found["combination"].partition("-")
    return {
        "sought": True,
        "announced": confirmed["announced"],
        "reasons": confirmed["reasons"],
        "law": {
            "left": left,
            "symbol": rich_text(results.labels.symbol(left)),
            "code": code_of(left, law, used),
            "scaled": written(law["scaled"]),
            "reduced": written(law["reduced"]),
            "numbers": [(name, written(law["numbers"][name])) for name in used],
            "factors": law["factors"],
            "n_constants": law["constants"],
        },
        "run": found.get("run"),
        "truth": found.get("truth"),
        "logarithmic": found["quantity"] is not None,
        "origin": rich_text(results.labels.symbol(found["origin"]))
        if found["origin"] in found["recovered"]
        else None,
        "combined": COMBINED[name],
        "form": form,
        "screened": sorted(found["screened"].items(), key=lambda pair: pair[1]),
        "given": found["given"],
        "limits": found.get("limits", []),
        "corrections": found["corrections"],
        "source": confirmed["source"],
        "n": confirmed["n"],
        "stated": confirmed["stated"],
        "rows": [("the law", words, confirmed["errors"][part]) for part, words in PARTS.items()]
        + [("the law", words, found["errors"]["law"][part]) for part, words in SAMPLES.items()]
        + [
            (rich_text(results.labels.symbol(name)), words, errors[part])
            for name, errors in found["errors"].items()
            if name != "law" and (errors["test"]["rms"] or np.inf) < confirmed["spread"]
            for part, words in SAMPLES.items()
        ],
        "held": held_parameters(results),
        "constants": [item["text"] for item in confirmed["constants"]],
        "worst": confirmed["worst"],
        "counts": confirmed["counts"],
        "null": found["null"],
        "domain": [
            (results.system.get("inputs", {}).get(name, name), *ends)
            for name, ends in found["domain"].items()
        ],
        "front": found["front"],
    }


def held_parameters(results: Results) -> list[tuple[Any, float, str]]:
    """Symbol, value and unit of the parameters that are the same for all samples."""
    return [(row["symbol"], row["spread"][1], row["unit"]) for row in constants(results)]


def code_of(left: str, law: dict[str, Any], used: list[str]) -> str:
    """The law as lines of Python."""
    lines = [f"{name} = {law['numbers'][name]}" for name in used]
    return "\n".join([*lines, f"V = {law['reduced']}", f"{left} = {law['scaled']}"])


def parse_names(text: str) -> frozenset[str]:
    """Names in a formula."""
    return names_in(parse(text, "law"))
