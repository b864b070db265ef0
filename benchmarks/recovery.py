r"""What an equation for log T_chi has recovered, in three steps, for tools that are compared.

exponent
    log Gamma and eps_d (eps_d + U)/(U Gamma) make up `SHARE` of its variance in the region, and the
    ratio of their coefficients is pi/2 within `NEAR`, or log Gamma is absent,

    .. math:: \log \Gamma + c \, \epsilon_d (\epsilon_d + U)/(U \Gamma) + \ldots

formula
    it is the same law as Haldane's formula, with or without the Bethe ansatz's factor, within the
    limits of `discovery.judgement.law`, whatever the data say of that formula,
recovery
    the workflow's judgement counts one of them as recovered (`discovery.judgement.claims`), which
    asks the data too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kondoflow.discovery.judgement.claims import weigh
from kondoflow.discovery.judgement.deviations import SAME
from kondoflow.discovery.judgement.ground import prepare
from kondoflow.discovery.judgement.law import values_of
from kondoflow.discovery.judgement.limits import Rule
from kondoflow.discovery.monotone import unexplained
from kondoflow.discovery.references import read_references
from kondoflow.discovery.targets import Samples, Target
from kondoflow.formulas.evaluation import evaluate_text
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Expression

LEVELS = ("exponent", "formula", "recovery")
FORMULAS = ("haldane", "haldane_bethe")
EXPONENT = "eps_d*(eps_d + U)/(U*Gamma)"
SHARE = 0.99
NEAR = 0.2


def form(values: np.ndarray, samples: Samples) -> tuple[float, float]:
    """Coefficient c and share of two terms of an equation's values, (sample,), see the module."""
    log_Gamma = np.log(samples.variables["Gamma"])
    exponent = evaluate_text(EXPONENT, "exponent", samples.variables)
    known = samples.region & np.isfinite(values)
    columns = np.column_stack([log_Gamma, exponent, np.ones_like(exponent)])[known]
    coefficients = np.linalg.lstsq(columns, values[known])[0]
    if abs(coefficients[0]) < 1e-9 * np.abs(coefficients).max():
        coefficients[0] = 0.0  # prints as an infinite ratio
    left = values[known] - columns @ coefficients
    with np.errstate(divide="ignore"):
        ratio = np.float64(coefficients[1]) / coefficients[0]
    return float(ratio), 1 - left.var() / values[known].var()


@dataclass
class Course:
    """How far a search has come.

    Attributes:
        tool: Name.
        seed: Seed.
        seconds: Processor time so far.
        tried: Expressions that were tried.
        reached: Processor time at which each level was reached first.
        left: 1 - R^2 on test samples of the equation with the lowest validation error.
        equation: That equation, or the one that was recovered.
        lowest: Its error on validation samples.
    """

    tool: str
    seed: int
    seconds: float = 0.0
    tried: int = 0
    reached: dict[int, float] = field(default_factory=dict)
    left: float = math.inf
    equation: str = ""
    lowest: float = math.inf

    def rises_to(self, level: int) -> None:
        """Note that the answer has a level, and thereby all below."""
        for each in range(1, level + 1):
            self.reached.setdefault(each, self.seconds)


class Judge:
    """Compares equations with target and formulas.

    Args:
        samples: The samples.
        target: log T_chi.
        system: The system's section of the configuration.
        equations: Its `equations` section.
    """

    def __init__(
        self,
        samples: Samples,
        target: Target,
        system: Mapping[str, Any],
        equations: Mapping[str, Any],
    ) -> None:
        self.samples, self.target = samples, target
        expressions = {item.name: item.expression for item in read_references(system, samples)}
        rule = Rule.from_config(equations)
        self.ground = prepare(expressions, target, samples, 1, rule=rule, logarithmic=True)
        self.usable = samples.usable(target)

    def left(self, values: np.ndarray, part: str) -> float:
        """1 - R^2 of an equation's values, (sample,), as they stand."""
        chosen = self.usable & self.samples.parts[part]
        if not np.isfinite(values[chosen]).all():
            return math.inf
        return float(unexplained(self.target.values[chosen], values[chosen]))

    def take(self, equation: Expression, course: Course) -> None:
        """Judge an equation over the bare parameters and note what it reaches."""
        values = values_of(equation, self.samples.variables)
        left = {part: self.left(values, part) for part in ("validation", "test")}
        level = self.level(equation, values, left)
        better = left["validation"] < course.lowest
        if (better or level == len(LEVELS)) and len(LEVELS) not in course.reached:
            course.lowest, course.left = left["validation"], left["test"]
            course.equation = to_text(equation)
        course.rises_to(level)

    def level(self, equation: Expression, values: np.ndarray, left: Mapping[str, float]) -> int:
        """Number of the highest level that an equation reaches, 0 if none."""
        if left["validation"] < 1:
            scores = [1 - left[part] for part in ("validation", "test")]
            weighed = weigh(equation, scores, self.ground)
            if any(weighed[name].recovered for name in FORMULAS):
                return 3
            if any(weighed[name].law.status == SAME for name in FORMULAS):
                return 2
        known = self.usable & np.isfinite(values)
        if known.sum() < self.usable.sum() or not np.ptp(values[known]) > 0:
            return 0
        ratio, share = form(values, self.samples)
        near = math.isinf(ratio) or abs(ratio / (np.pi / 2) - 1) <= NEAR
        return 1 if near and share >= SHARE else 0
