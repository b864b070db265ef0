"""A law along one parameter, with the others held, beside formulas and data.

The parameter that is varied is the one that a symmetry folds, else the last. The others are those
of samples at a few quantiles of the first input. It is varied in proportion to the first of them,
as far as there are samples with a similar first input. New points from the neighbourhood are moved
onto the curve with their own deviation from the law.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from kondoflow.discovery.laws.question import target_of
from kondoflow.discovery.targets import Samples
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.symmetries import read_even
from kondoflow.formulas.trees import Apply, Expression

QUANTILES = (0.15, 0.45, 0.7, 0.9)
POINTS = 121  # of a curve
NEAR = 0.2  # difference of the logarithm of the first input up to which points are shown


def slices_of(
    found: Mapping[str, Any],
    fresh: Samples,
    trained: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Curves of a law and of the formulas that were recovered in the region.

    Returns:
        For each slice the parameters `held`, the name `x_name` of what is varied and its values
        `x`, the `law`, the `references` by name, and the `points`: their `x` and `value`. Values
        are those of the quantity whose logarithm the target is, or of the target.
    """
    varied = _varied(found, system)
    fixed = [name for name in system["parameters"] if name != varied]
    first = next(iter(trained.inputs.values()))
    if not fixed or not (first > 0).all() or not (trained.variables[fixed[0]] > 0).all():
        return []
    law, references = _formulas(found, system)
    target = target_of(fresh, system, equations)
    values = np.exp(target.values) if found["quantity"] else target.values
    deviation = values, np.broadcast_to(evaluate(law, fresh.variables), values.shape)
    ratio, near_x = (each.variables[varied] / each.variables[fixed[0]] for each in (trained, fresh))
    near_first = next(iter(fresh.inputs.values()))

    def slice_at(sample: int) -> dict[str, Any]:
        held = {name: float(trained.variables[name][sample]) for name in fixed}
        along = partial(_along, held=held, varied=varied, unit=fixed[0])
        close = np.abs(np.log(near_first / first[sample])) < NEAR
        span = ratio[np.abs(np.log(first / first[sample])) < NEAR]
        x = np.linspace(float(span.min()), float(span.max()), POINTS)
        measured, stated = (each[close] for each in deviation)
        return {
            "held": held,
            "x_name": f"{varied}/{fixed[0]}",
            "x": x.tolist(),
            "law": _plain(along(law, x=x)),
            "references": {
                name: _plain(along(formula, x=x)) for name, formula in references.items()
            },
            "points": {
                "x": near_x[close].tolist(),
                "value": _plain(along(law, x=near_x[close]) * measured / stated),
            },
        }

    levels = np.quantile(first, QUANTILES)
    return [slice_at(int(np.argmin(np.abs(np.log(first / level))))) for level in levels]


def _varied(found: Mapping[str, Any], system: Mapping[str, Any]) -> str:
    """The parameter that a symmetry folds, else the last."""
    folded = [read_even(each["symmetry"], "law")[1] for each in found["given"] if each["holds"]]
    return [*system["parameters"], *folded][-1]


def _formulas(
    found: Mapping[str, Any], system: Mapping[str, Any]
) -> tuple[Expression, dict[str, Expression]]:
    """A law and the recovered references, as formulas of the quantity that is shown."""
    references = {
        name: parse(system["references"][name], f"references.{name}") for name in found["recovered"]
    }
    if found["quantity"]:
        references = {name: Apply("exp", (each,)) for name, each in references.items()}
    return parse(found["law"]["formula"], "formula", "law"), references


def _along(
    formula: Expression, held: Mapping[str, float], varied: str, unit: str, x: np.ndarray
) -> np.ndarray:
    values = {name: np.full(x.shape, value) for name, value in held.items()}
    return np.broadcast_to(evaluate(formula, {**values, varied: x * held[unit]}), x.shape)


def _plain(values: np.ndarray) -> Sequence[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
