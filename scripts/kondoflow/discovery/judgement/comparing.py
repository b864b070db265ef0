"""One equation compared with one reference, in numbers that a file of results can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

import numpy as np

from kondoflow.discovery.findings import is_telling
from kondoflow.discovery.finite import finite_numbers
from kondoflow.discovery.judgement.claims import Weighed
from kondoflow.discovery.judgement.coefficients import terms_of
from kondoflow.discovery.judgement.forms import same_form
from kondoflow.discovery.judgement.ground import Ground
from kondoflow.discovery.judgement.lacking import lacking_constant
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.references import Reference
from kondoflow.discovery.residuals import held_out_r2, residuals
from kondoflow.discovery.targets import Samples
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text, typeset


def compare(
    reference: Reference,
    equation: Mapping[str, Any],
    weighed: Weighed,
    ground: Ground,
    symbols: Mapping[str, str],
) -> dict[str, Any]:
    """Compare one equation with one reference.

    Returns:
        `expression` and `latex` of the reference; `isotonic_r2` of the reference against the
        target on test samples of the region; `unexplained`, the share of the target's variance
        that the reference leaves on held-out samples, and whether this is `telling`; `residual`:
        `inside` and `outside` with the map that decides (`map`), and both for either map; `n`, the
        number of those samples; `constants`: for each term its coefficient in target and equation,
        and whether the term is `telling`; the `law` (`discovery.judgement.law`) with `form_equal`
        (`discovery.judgement.forms`), the `rival`, the constant that the reference `lacks`
        (`discovery.judgement.lacking`), the references that are the `same_as` this one;
        `recovered`, what stands against it (`obstacles`), and thresholds.
    """
    target, samples = ground.target, ground.samples
    values = samples.values_of(equation["equation_inputs"])
    both = np.isfinite(values) & np.isfinite(reference.values)
    inside, outside = both & samples.region, both & ~samples.region
    left_over = residuals(values, reference.values, inside, outside)
    deciding = "monotone" if target.objective is Objective.ISOTONIC else "affine"
    left = ground.unexplained[reference.name]
    form = parse(equation["equation"], "equation", "equations")
    return {
        "expression": to_text(reference.expression),
        "latex": typeset(reference.expression, symbols),
        "isotonic_r2": held_out_r2(reference.values, target, samples),
        "unexplained": left,
        "telling": is_telling(left, recovered=weighed.recovered),
        "residual": {"map": deciding, **left_over[deciding], **left_over},
        "n": {"inside": int(inside.sum()), "outside": int(outside.sum())},
        "constants": _constants(reference, weighed, ground, symbols),
        "law": {
            **finite_numbers(asdict(weighed.law)),
            "form_equal": same_form(form, reference.expression, *_signs(samples)),
        },
        "rival": finite_numbers(asdict(weighed.rival)) if weighed.rival else None,
        "lacks": lacking_constant(
            reference.name,
            reference.values,
            values,
            ground,
            weighed.law.reason if weighed.law.lacks is not None else None,
        ),
        "same_as": list(weighed.same_as),
        "recovered": weighed.recovered,
        "obstacles": list(weighed.obstacles),
        "recovered_below": ground.rule.residual,
        "constants_within": ground.rule.slope,
        "varies_by": ground.rule.vary,
    }


def _constants(
    reference: Reference, weighed: Weighed, ground: Ground, symbols: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Coefficient of each term of a reference, in the target and in the equation."""
    in_target, uncertainty = ground.coefficients[reference.name]
    return [
        {
            "term": to_text(term),
            "latex": typeset(term, symbols),
            "in_target": in_target[index] if in_target else None,
            "uncertainty": (uncertainty[index] or None) if uncertainty else None,
            "in_equation": weighed.terms[index] if weighed.terms else None,
            "telling": weighed.telling[index],
        }
        for index, term in enumerate(terms_of(reference.expression))
    ]


def _signs(samples: Samples) -> tuple[list[str], list[str]]:
    """Names of the variables that are positive, and of those that are negative, everywhere."""
    inside = {name: values[samples.region] for name, values in samples.variables.items()}
    return (
        [name for name, values in inside.items() if (values > 0).all()],
        [name for name, values in inside.items() if (values < 0).all()],
    )


def rivals_of(weighed: Mapping[str, Weighed]) -> dict[str, Any]:
    """The `best` reference, those `inseparable` from it, and the factors of those `excluded`."""
    known = {name: item.rival for name, item in weighed.items() if item.rival is not None}
    order = sorted(known, key=lambda name: known[name].factor)
    found = bool(order) and isfinite(known[order[0]].factor)
    near = [name for name in order if not known[name].excluded]
    return {
        "best": order[0] if found else None,
        "inseparable": near[1:] if near and near[0] == order[0] else near,
        "excluded": {
            name: finite_numbers({"factor": known[name].factor, "interval": known[name].interval})
            for name in order
            if known[name].excluded
        },
    }
