"""The law over the whole box for the page: its formula, its domain, how exact it is.

The browser evaluates the law from its tree, at a sample and at any parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kondoflow.files.spectra import sample_variables
from kondoflow.formulas.evaluation import evaluate_text
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import latex_symbols
from kondoflow.formulas.trees import names_in
from kondoflow.report.explorer.formulas import mathml, tree
from kondoflow.report.explorer.fronts import described
from kondoflow.report.explorer.run import Run
from kondoflow.report.glyphs import html
from kondoflow.report.labels import Labels

PARTS = {  # of the points that took no part in the law, in words
    "test": "all",
    "inside": "in the region",
    "outside": "outside the region",
    "edges": "at the edges of the box",
}


def told_of_law(law: Mapping[str, Any], confirmation: Mapping[str, Any] | None) -> dict[str, Any]:
    """Whether a law is `announced`; if so what is `told` of it, and if not the `reasons`."""
    confirmed = confirmation or {}
    return {
        "announced": bool(law["law"]) and confirmed.get("announced", False),
        "told": confirmed.get("headline", ""),
        "reasons": confirmed.get("reasons", []) if law["law"] else [law["reason"]],
    }


def law_content(run: Run) -> dict[str, Any] | None:
    """What the page says of a run's law; None where none was composed.

    `quantity` is what the law gives: the target, or that whose logarithm the target is.
    """
    if run.law is None or not run.law["law"]:
        return None
    law, confirmed = run.law["law"], run.confirmation or {}
    labels = run.system.get("labels", {})
    shown = Labels(run.system, run.spectra)
    formula = parse(law["formula"], "law")
    left = run.law["quantity"] or run.law["target"]
    return {
        "target": run.law["target"],
        "label": html(shown.symbol(left)),
        "with_unit": html(shown.axis(left)),
        "logarithmic": bool(run.law["quantity"]),
        **told_of_law(run.law, run.confirmation),
        "source": confirmed.get("source", "points"),
        "errors": [
            {"words": words, **confirmed["errors"][part]}
            for part, words in PARTS.items()
            if confirmed.get("errors", {}).get(part, {}).get("n")
        ],
        **described(formula, labels, latex_symbols(labels)),
        "parts": parts_of(law, labels),
        "domain": domain_of(run, labels),
        "ranges": ranges_of(run, names_in(formula)),
    }


def parts_of(law: Mapping[str, Any], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """The law in short lines, (name, MathML): it, its core V, and each number in them."""
    own = {name: label for name, label in labels.items() if name not in {*law["numbers"], "V"}}
    used = names_in(parse(law["reduced"], "law"))
    lines = [("", law["scaled"]), ("V", law["reduced"])]
    lines += [(name, text) for name, text in law["numbers"].items() if name in used]
    return [
        (mathml(parse(name, "law"), own) if name else "", mathml(parse(text, "law"), own))
        for name, text in lines
    ]


def domain_of(run: Run, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The quantities whose ranges bound the law's domain."""
    inputs = run.system.get("inputs", {})
    assert run.law is not None
    return [
        {
            "mathml": mathml(parse(inputs.get(name, name), f"inputs.{name}"), labels),
            "tree": tree(parse(inputs.get(name, name), f"inputs.{name}")),
            "low": low,
            "high": high,
        }
        for name, (low, high) in run.law["domain"].items()
    ]


def ranges_of(run: Run, names: frozenset[str]) -> dict[str, tuple[float, float]]:
    """Lowest and highest value over the samples of each quantity that the law names."""
    columns = sample_variables(run.spectra)
    values = {name: evaluate_text(name, "law", columns) for name in sorted(names)}
    return {name: (float(np.min(x)), float(np.max(x))) for name, x in values.items()}
