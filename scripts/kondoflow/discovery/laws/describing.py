"""A law as it is stored in `law.json`, and read from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.parts import errors_of
from kondoflow.discovery.laws.plan import Search
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.question import Setting, usable
from kondoflow.discovery.laws.remainder import Composed
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import finite
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Name, Number


def described(
    found: Search,
    setting: Setting,
    target: Target,
    samples: Samples,
    references: Sequence[Reference],
) -> dict[str, Any]:
    """What a search came to.

    Returns:
        `law` (None if there is none): its `formula` in the data's variables for the quantity or
        the target; its `limit` for a vanishing small quantity; the same `reduced` to V in units
        of the scale over `numbers`, and what makes V the quantity (`scaled`); its `factors` by
        quantity; its number of fitted `constants`. `quantity`; `known` parts that were tried, the
        known part `origin` and the `combination` that were taken; the smallest error by
        combination, `screened`; `errors` by part of the data, of the law and of each reference;
        the `front`: the law with the smallest error for each number of constants; `counts`; what
        was `given`; the `limits` and the error of the law there; the `corrections`; the `domain`.
    """
    posed = setting.posed
    result: dict[str, Any] = {
        "law": None,
        "reason": "no law was found in the region" if not found.known else "no law was composed",
        "quantity": posed.quantity,
        "given": _given(setting),
        "limits": _limits(setting, found),
        "corrections": _corrections(setting),
        "known": [{"name": name, "formula": to_text(law.reduced)} for name, law in found.known],
        "region": finite(found.region),
        "screened": found.screened,
        "counts": {"expressions": found.expressions, "laws": found.compared},
    }
    if found.chosen is None:
        return result
    values, known = found.chosen.law.values(posed), usable(samples, target)
    return {
        **result,
        "reason": None,
        "law": _formulas(found.chosen, posed),
        "origin": found.chosen.origin,
        "combination": found.chosen.combination.label,
        "errors": {
            "law": errors_of(target.values - values, target, samples),
            **{
                item.name: errors_of(target.values - item.values, target, samples)
                for item in references
            },
        },
        "front": _front(found.trials, posed),
        "domain": {
            name: [float(column[known].min()), float(column[known].max())]
            for name, column in samples.inputs.items()
        },
    }


def _given(setting: Setting) -> list[dict[str, Any]]:
    """The symmetries that were given, and whether they hold on the data."""
    return [
        {
            "symmetry": item.symmetry.text,
            "holds": item.holds,
            "own": finite(item.own),
            "mirrored": finite(item.mirrored),
        }
        for item in setting.tested
    ]


def _formulas(chosen: Composed, posed: Posed) -> dict[str, Any]:
    """A law as formulas, see `described`."""
    law = chosen.law
    exact = posed.formula(law.reduced, tuple(Number(0) for _ in law.factors))
    return {
        "formula": to_text(law.formula(posed)),
        "limit": to_text(exact),
        "reduced": to_text(law.reduced),
        "scaled": to_text(posed.formula(Name("V"), law.factors)),
        "numbers": {
            name: to_text(posed.formula_of(number, law.factors))
            for name, number in posed.numbers.items()
        },
        "factors": {
            name: to_text(k)
            for name, k in zip((*posed.corrected, "target"), law.factors, strict=False)
        },
        "constants": len(law.constants),
        "held": chosen.held,
    }


def _limits(setting: Setting, found: Search) -> list[dict[str, Any]]:
    rows = []
    for item in setting.limits:
        moved, law = setting.at_limits.get(item.limit.name), None
        if moved is not None and found.chosen is not None:
            law = finite(float(np.sqrt(np.mean(found.chosen.law.errors(moved) ** 2))))
        rows.append(
            {
                "name": item.limit.name,
                "holds": item.holds,
                "near": finite(item.near),
                "far": finite(item.far),
                "power": finite(item.power),
                "law": law,
            }
        )
    return rows


def _corrections(setting: Setting) -> dict[str, Any] | None:
    collapse, posed = setting.collapse, setting.posed
    if collapse is None:
        return None
    names = [to_text(posed.folded.get(name, Name(name))) for name in posed.corrected]
    names.append(posed.quantity or "the target")
    return {
        "small": to_text(posed.small or Number(0)),
        "factors": dict(zip(names, collapse.factors.tolist(), strict=True)),
        "uncertainties": dict(zip(names, collapse.uncertainties.tolist(), strict=True)),
        "before": collapse.before,
        "after": collapse.after,
    }


def stored_law(found: Mapping[str, Any], posed: Posed) -> Law:
    """The law in a result file."""
    own = found["law"]
    names = [*posed.corrected, "target"] if own["factors"] else []
    factors = tuple(parse(own["factors"][name], "factors", "law") for name in names)
    return Law(parse(own["reduced"], "reduced", "law"), factors)


def _front(trials: Sequence[Composed], posed: Posed) -> list[dict[str, Any]]:
    best: dict[int, Composed] = {}
    for item in trials:
        n = len(item.law.constants)
        if n not in best or item.size < best[n].size:
            best[n] = item
    rows = []
    lowest = np.inf
    for n in sorted(best):
        if best[n].size < lowest:
            lowest = best[n].size
            rows.append(
                {
                    "constants": n,
                    "rms": best[n].validation,
                    "largest": best[n].largest,
                    "combination": best[n].combination.label,
                    "reduced": to_text(best[n].law.reduced),
                    "formula": to_text(best[n].law.formula(posed)),
                }
            )
    return rows
