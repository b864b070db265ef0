"""The question of a law over the whole box, with what is given tested on the data first.

Symmetries, the small quantity and limits are tested; what fails is not used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kondoflow.discovery.laws.collapse import Collapse, find_collapse
from kondoflow.discovery.laws.fixed_points import at_fixed_point
from kondoflow.discovery.laws.limits import TestedLimit, at_limit, check_limit, read_limits
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.posing import pose
from kondoflow.discovery.laws.symmetry import Symmetry, Tested, check_symmetry, read_symmetry
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.targets import (
    Samples,
    Target,
    definitions_of,
    joint_targets,
    system_targets,
)
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.trees import Number


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

    That of a joint quantity is what the latents say. Where samples have no latents, as new points,
    it is the truth that `law` names, with which the law is compared.

    Raises:
        InputError: If the system has no such target.
    """
    name, objectives = system["law"]["target"], equations["objectives"]
    own = joint_targets(samples, objectives)
    if name in system.get("joint", {}) and not own:
        truth = evaluate_text(system["law"]["truth"], "law.truth", samples.variables)
        return Target(name, truth, Objective(objectives["targets"]))
    for target in (*system_targets(samples, system, objectives), *own):
        if target.name == name:
            return target
    raise InputError("config", "law.target", name, f"one of {sorted(definitions_of(system))}")


def set_question(samples: Samples, target: Target, system: Mapping[str, Any], seed: int) -> Setting:
    """Pose the question, with the symmetries that the data confirm and the corrections."""
    own = system["law"]
    definition = definitions_of(system)[target.name]
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
    """The question on the training samples of the box, at fixed points and limits that hold."""
    train = setting.posed.part(usable(samples, target) & samples.parts["train"])
    fixed = [at_fixed_point(train, name, setting.factors) for name in train.folded]
    for moved in (*fixed, *setting.at_limits.values()):
        train = train if moved is None else train.joined(moved)
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
