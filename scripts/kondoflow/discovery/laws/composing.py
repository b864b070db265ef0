"""A law over all samples of an ensemble: the question, the search, and the result as it is stored.

What is given (symmetries, the small quantity, known formulas) is tested on the data first and
stored with the outcome of its test. What fails is not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kondoflow.discovery.engines.interface import Engine
from kondoflow.discovery.laws.collapse import Collapse, find_collapse
from kondoflow.discovery.laws.extension import beyond, goes_on
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.limits import TestedLimit, at_limit, check_limit, read_limits
from kondoflow.discovery.laws.posing import Posed, pose
from kondoflow.discovery.laws.remainder import Composed
from kondoflow.discovery.laws.stages import Plan, Search, find_law
from kondoflow.discovery.laws.symmetry import Symmetry, Tested, check_symmetry, read_symmetry
from kondoflow.discovery.laws.translation import in_numbers
from kondoflow.discovery.references import Reference, read_references
from kondoflow.discovery.searches import search_seed
from kondoflow.discovery.targets import Samples, Target, reason_to_skip, shuffled, system_targets
from kondoflow.discovery.verdict import judge_target
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Name, Number

EDGE = 0.025  # share of the samples at either end of an input that are its edges


@dataclass(frozen=True)
class Setting:
    """The question with what was tested on the way.

    Attributes:
        posed: On all samples.
        tested: Symmetries on the data.
        collapse: Corrections in the small quantity; None without one.
        limits: Limits on the data.
        at_limits: The question on the samples of each limit that holds, by its name.
    """

    posed: Posed
    tested: tuple[Tested, ...]
    collapse: Collapse | None
    limits: tuple[TestedLimit, ...] = ()
    at_limits: Mapping[str, Posed] = field(default_factory=dict)

    @property
    def factors(self) -> list[float]:
        """Corrections to start from."""
        return [] if self.collapse is None else self.collapse.factors.tolist()


def target_of(samples: Samples, system: Mapping[str, Any], equations: Mapping[str, Any]) -> Target:
    """The target that the law of a system is sought for.

    Raises:
        InputError: If the system has no such target.
    """
    name = system["law"]["target"]
    for target in system_targets(samples, system, equations["objectives"]):
        if target.name == name:
            return target
    raise InputError("config", "law.target", name, f"one of {sorted(system.get('targets', {}))}")


def set_question(samples: Samples, target: Target, system: Mapping[str, Any], seed: int) -> Setting:
    """Pose the question, with the symmetries that the data confirm and the corrections."""
    own = system["law"]
    definition = system["targets"][target.name]
    train = usable(samples, target) & samples.parts["train"]
    tested = []
    for index, text in enumerate(own.get("symmetries", [])):
        symmetry = read_symmetry(text, samples.variables, f"law.symmetries.{index}")
        tested.append(_test(symmetry, samples, target, definition, train, seed))
    holding = [item.symmetry for item in tested if item.holds]
    posed = pose(samples, target, definition, holding, own.get("small"))
    collapse = None
    if posed.small is not None:
        part = posed.part(train)
        view = part.views[-1]
        g = np.broadcast_to(evaluate(part.small or Number(0), part.values), part.target.shape)
        none = [0.0] * (len(part.corrected) + 1)

        def numbers(factors: np.ndarray) -> np.ndarray:
            return np.column_stack(list(part.numbers_with(factors, view).values()))

        collapse = find_collapse(numbers, g, part.reduced(none), len(part.corrected))
    limits = [check_limit(each, samples, target.values, train) for each in read_limits(own)]
    moved = {
        item.limit.name: at_limit(item.limit, posed, samples, train, seed)
        for item in limits
        if item.holds
    }
    return Setting(posed, tuple(tested), collapse, tuple(limits), moved)


def training(setting: Setting, target: Target, samples: Samples) -> Posed:
    """The question on the training samples of the box, and at the limits that hold."""
    train = setting.posed.part(usable(samples, target) & samples.parts["train"])
    for moved in setting.at_limits.values():
        train = train.joined(moved)
    return train


def _test(
    symmetry: Symmetry,
    samples: Samples,
    target: Target,
    definition: str,
    train: np.ndarray,
    seed: int,
) -> Tested:
    posed = pose(samples, target, definition, [symmetry]).part(train)
    numbers = np.column_stack(list(posed.inputs([], posed.views[-1]).values()))
    s = evaluate(symmetry.odd, samples.variables)[train]
    return check_symmetry(symmetry, s, numbers, posed.reduced([]), seed)


def usable(samples: Samples, target: Target) -> np.ndarray:
    """Samples of the whole box, (sample,), on which target and inputs are known."""
    finite = [np.isfinite(values) for values in (target.values, *samples.inputs.values())]
    return np.logical_and.reduce(finite)


def compose_law(
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engines: Sequence[Mapping[str, Any]],
    engine: Engine,
    seed: int,
    processes: int,
) -> dict[str, Any]:
    """Search for the law of a system.

    Args:
        samples: The samples.
        system: What is known about them.
        equations: The `equations` section of the configuration.
        engines: What the engines found in the region for the targets.
        engine: The engine that searches.
        seed: Seed of all searches.
        processes: How many run at a time.

    Returns:
        The content of `law.json`, see `described`.
    """
    target = target_of(samples, system, equations)
    frame = {"target": target.name, "definition": system["targets"][target.name]}
    skipped = reason_to_skip(target, samples)
    if skipped:
        return {**frame, "law": None, "reason": skipped}
    setting = set_question(samples, target, system, seed)
    references = read_references(system, samples)
    recovered = recovered_in_region(target, engines, references, samples, equations, system, seed)
    found = search_for(
        setting, target, samples, recovered, system, equations, engine, seed, processes
    )
    seeds = [search_seed(seed, "law-null", k) for k in range(equations["null_restarts"])]
    nulls = [
        _null(setting, target, samples, system, equations, engine, own, processes) for own in seeds
    ]
    result = described(found, setting, target, samples, references)
    return {**frame, **result, "recovered": [item.name for item in recovered], "null": nulls}


def recovered_in_region(
    target: Target,
    engines: Sequence[Mapping[str, Any]],
    references: Sequence[Reference],
    samples: Samples,
    equations: Mapping[str, Any],
    system: Mapping[str, Any],
    seed: int,
) -> list[Reference]:
    """The known formulas that the equation of the region recovers."""
    definition = system["targets"][target.name]
    verdict = judge_target(target, engines, references, samples, equations, {}, seed, definition)
    return [item for item in references if item.name in verdict.get("recovered", [])]


def search_for(
    setting: Setting,
    target: Target,
    samples: Samples,
    recovered: Sequence[Reference],
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engine: Engine,
    seed: int,
    processes: int,
) -> Search:
    """Search for the law."""
    posed, everywhere = setting.posed, usable(samples, target)
    parts = {
        "train": training(setting, target, samples),
        "validation": posed.part(everywhere & samples.parts["validation"]),
    }
    regional = {
        name: posed.part(everywhere & samples.region & mask) for name, mask in samples.parts.items()
    }
    own = tuple(Number(float(k)) for k in setting.factors)
    known = [(item.name, in_numbers(item.expression, posed)) for item in recovered]
    written = [(name, Law(formula, own)) for name, formula in known if formula is not None]
    for moved in extensions(setting, target, samples, written, system, seed).values():
        parts["train"] = parts["train"].joined(moved)
    plan = Plan.from_config(equations)
    return find_law(parts, regional, written, setting.factors, engine, plan, seed, processes)


def extensions(
    setting: Setting,
    target: Target,
    samples: Samples,
    written: Sequence[tuple[str, Law]],
    system: Mapping[str, Any],
    seed: int,
) -> dict[str, Posed]:
    """The question beyond the samples, by the name of the formula that goes on there."""
    train = usable(samples, target) & samples.parts["train"]
    regional, found = setting.posed.part(train & samples.region), {}
    for name, law in written:
        if goes_on(regional, law.reduced, setting.factors):
            moved = beyond(
                setting.posed, law.reduced, setting.factors, samples, train, system, seed
            )
            if moved is not None:
                found[name] = moved
    return found


def _null(
    setting: Setting,
    target: Target,
    samples: Samples,
    system: Mapping[str, Any],
    equations: Mapping[str, Any],
    engine: Engine,
    seed: int,
    processes: int,
) -> dict[str, Any]:
    """The same search on permuted values."""
    permuted = shuffled(target, samples, seed)
    posed = replace(setting.posed, target=permuted.values)
    own = replace(setting, posed=posed, limits=(), at_limits={})
    found = search_for(own, permuted, samples, [], system, equations, engine, seed, processes)
    return {"region": _finite(found.region), "law": found.chosen is not None}


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
    given = [
        {
            "symmetry": item.symmetry.text,
            "holds": item.holds,
            "own": _finite(item.own),
            "mirrored": _finite(item.mirrored),
        }
        for item in setting.tested
    ]
    result: dict[str, Any] = {
        "law": None,
        "reason": "no law was found in the region" if not found.known else "no law was composed",
        "quantity": posed.quantity,
        "given": given,
        "limits": _limits(setting, found),
        "corrections": _corrections(setting),
        "known": [{"name": name, "formula": to_text(law.reduced)} for name, law in found.known],
        "region": _finite(found.region),
        "screened": found.screened,
        "counts": {"expressions": found.expressions, "laws": found.compared},
    }
    if found.chosen is None:
        return result
    law, known = found.chosen.law, usable(samples, target)
    formula = law.formula(posed)
    exact = posed.formula(law.reduced, tuple(Number(0) for _ in law.factors))
    values = law.values(posed)
    return {
        **result,
        "reason": None,
        "law": {
            "formula": to_text(formula),
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
            "held": found.chosen.held,
        },
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


def _limits(setting: Setting, found: Search) -> list[dict[str, Any]]:
    rows = []
    for item in setting.limits:
        moved, law = setting.at_limits.get(item.limit.name), None
        if moved is not None and found.chosen is not None:
            law = _finite(float(np.sqrt(np.mean(found.chosen.law.errors(moved) ** 2))))
        rows.append(
            {
                "name": item.limit.name,
                "holds": item.holds,
                "near": _finite(item.near),
                "far": _finite(item.far),
                "power": _finite(item.power),
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


def errors_of(errors: np.ndarray, target: Target, samples: Samples) -> dict[str, Any]:
    """Errors, (sample,), by part: splits of the box, inside and outside the region, and the edges.

    Returns:
        By part `n`, `undefined`, `rms` and `largest`.
    """
    known = usable(samples, target)
    masks = {name: known & mask for name, mask in samples.parts.items()}
    masks |= {"inside": known & samples.region, "outside": known & ~samples.region}
    masks["edges"] = known & edges_of(samples, known)
    found = {}
    for name, mask in masks.items():
        own = errors[mask]
        finite = own[np.isfinite(own)]
        found[name] = {
            "n": int(mask.sum()),
            "undefined": int(mask.sum() - finite.size),
            "rms": float(np.sqrt(np.mean(finite**2))) if finite.size else None,
            "largest": float(np.abs(finite).max()) if finite.size else None,
        }
    return found


def edges_of(samples: Samples, known: np.ndarray) -> np.ndarray:
    """Samples, (sample,), at either end of the range of an input."""
    edges = np.zeros(known.shape, dtype=np.bool_)
    for column in samples.inputs.values():
        if known.any():
            low, high = np.quantile(column[known], [EDGE, 1 - EDGE])
            edges |= (column < low) | (column > high)
    return edges


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


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def stored_law(found: Mapping[str, Any], posed: Posed) -> Law:
    """The law in a result file."""
    own = found["law"]
    names = [*posed.corrected, "target"] if own["factors"] else []
    factors = tuple(parse(own["factors"][name], "factors", "law") for name in names)
    return Law(parse(own["reduced"], "reduced", "law"), factors)
