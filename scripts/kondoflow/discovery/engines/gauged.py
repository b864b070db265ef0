r"""A search in the map that an input's unit fixes, posed as a search without map and unit.

Where `discovery.gauge` finds h(y) = log W + phi(q), what remains to be searched is phi, a function
of numbers alone, by least squares. No equation can break the unit any more, and any engine can
search so. Where a law may hold an exponential, every second search is for exp(phi), the factor of
the scale itself, in which a sum of exponentials is plain. The samples are drawn by their weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kondoflow.discovery.engines.interface import SearchProblem
from kondoflow.discovery.engines.sums import cheapest, short_sums
from kondoflow.discovery.gauge import Gauge, Reduced, find_gauge, reduce_inputs
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Apply, Expression, constant_value

EXPONENTIAL = {"exp", "sinh", "cosh", "tanh"}


@dataclass(frozen=True)
class Gauged:
    """A search in the map of its target.

    Attributes:
        problem: The search for phi or exp(phi) over numbers, by squared error.
        inputs: Scale and numbers.
        gauge: The map.
        plain: Whether exp(phi) is searched.
    """

    problem: SearchProblem
    inputs: Reduced
    gauge: Gauge
    plain: bool

    def restored(self, equations: Sequence[str]) -> list[str]:
        """Equations of the posed search with the scale in them."""
        scale = self.inputs.scale
        if self.plain:
            return [f"{scale} * ({text})" for text in equations]
        return [with_scale(text, scale) for text in equations]

    def sums(self, given: SearchProblem) -> list[str]:
        """The best short forms of the scale's factor and of its logarithm, with the scale in them.

        Args:
            given: The search from which this one was posed.
        """
        names, X, scale = self.inputs.numbers, self.inputs.X, self.inputs.scale
        phi, symbols = self.gauge.phi, self.problem.settings.symbols
        inputs = dict(zip(given.names, given.X.T, strict=True))
        factor = np.exp(phi)
        factors = cheapest(short_sums(names, X, factor, symbols), inputs, factor)
        logarithms = cheapest(short_sums(names, X, phi, symbols), inputs, phi)
        return [
            *(f"{scale} * ({text})" for text in factors),
            *(f"log({scale}) + {text}" for text in logarithms),
        ]


def gauged(problem: SearchProblem) -> Gauged | None:
    """Pose a search in the map of its target; None if no unit fixes one."""
    if problem.objective is not Objective.ISOTONIC:
        return None
    inputs = reduce_inputs(problem.names, problem.X, problem.dimensions)
    gauge = find_gauge(inputs, problem.y) if inputs else None
    if inputs is None or gauge is None:
        return None
    rng = np.random.default_rng(problem.seed)
    drawn = np.sort(rng.choice(problem.y.size, problem.y.size, p=gauge.weights))
    plain = bool(EXPONENTIAL & set(problem.settings.symbols)) and problem.seed % 2 == 0
    phi = gauge.phi[drawn]
    posed = replace(
        problem,
        names=inputs.numbers,
        X=inputs.X[drawn],
        y=np.exp(phi) if plain else phi,
        objective=Objective.SQUARED_ERROR,
        dimensions=(),
    )
    return Gauged(posed, inputs, gauge, plain)


def with_scale(found: str, scale: str) -> str:
    """An equation with the logarithm of a scale added; as a product where it is a logarithm."""
    peeled = _logarithm(parse(found, "equation", "operon"))
    if peeled is None:
        return f"log({scale}) + {found}"
    power, argument = peeled
    return f"{scale} * ({to_text(argument)})**({power!r})"


def _logarithm(node: Expression) -> tuple[float, Expression] | None:
    """A and g of an expression a log(g) + b with numbers a and b; None if it is none."""
    match node:
        case Apply("log", (argument,)):
            return 1.0, argument
        case Apply("add" | "sub" | "mul" | "div" as function, (left, right)):
            factor = constant_value(left if constant_value(right) is None else right)
            peeled = _logarithm(right if constant_value(right) is None else left)
            if factor is None or peeled is None:
                return None
            inner, argument = peeled
            if function == "mul":
                return factor * inner, argument
            if function == "div":
                return (inner / factor, argument) if constant_value(right) is not None else None
            falls = function == "sub" and constant_value(right) is None
            return -inner if falls else inner, argument
        case Apply("neg", (inner,)):
            peeled = _logarithm(inner)
            return peeled and (-peeled[0], peeled[1])
    return None
