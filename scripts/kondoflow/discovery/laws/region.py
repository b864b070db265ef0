"""The law of the region: searches as for any target, in the inputs of the law.

Symmetries and corrections give the inputs. The shortest equations for their error are known parts
of a law over the whole box: what is short goes on outside the region.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from kondoflow.discovery.engines.interface import Engine, SearchProblem
from kondoflow.discovery.judgement.claims import MEANINGFUL
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.plan import Known, Plan
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.remainder import known_part
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.planning import search_seed
from kondoflow.discovery.search.searches import Outcome, Task, search_once
from kondoflow.discovery.selection import Part, pareto_front, price
from kondoflow.formulas.trees import Number

OCCAM = 3.0  # by how much length counts more for a known part than for an equation of the region
REGION = 2  # searches for the law of the region, at most


def searches_in_region(
    regional: Mapping[str, Posed], factors: Sequence[float], engine: Engine, plan: Plan, seed: int
) -> Mapping[str, Callable[[], Outcome]]:
    """Searches for the law of the region, as jobs by their label.

    Args:
        regional: The question on the training, validation and test samples of the region.
        factors: Corrections k to start from.
        engine: The engine.
        plan: How a law is sought.
        seed: Seed of all searches.
    """
    parts = {
        name: Part(posed.inputs(factors, posed.views[-1]), posed.reduced(factors))
        for name, posed in regional.items()
    }
    train = parts["train"]
    names = tuple(train.inputs)
    jobs = {}
    for restart in range(min(plan.restarts, REGION)):
        drawn = search_seed(seed, "law-region", restart)
        rows = np.random.default_rng(drawn).permutation(train.y.size)[: plan.n_points]
        problem = SearchProblem(
            label=f"region-{restart}",
            names=names,
            X=np.column_stack([train.inputs[name][rows] for name in names]),
            y=train.y[rows],
            objective=Objective.SQUARED_ERROR,
            settings=plan.settings,
            seed=drawn,
            with_sums=restart == 0,
        )
        jobs[problem.label] = partial(search_once, engine, Task(problem, parts, plan.parsimony))
    return jobs


def known_in_region(
    outcomes: Sequence[Outcome], factors: Sequence[float], plan: Plan, *, logarithmic: bool
) -> tuple[list[Known], float]:
    """Known parts: the equations of the region with the lowest prices.

    Args:
        outcomes: Of the searches.
        factors: Corrections k to start from.
        plan: How a law is sought.
        logarithmic: Whether the target is the logarithm of a quantity.

    Returns:
        The known parts, and R^2 of the best equation on the validation samples.
    """
    front = pareto_front([item for outcome in outcomes for item in outcome.candidates])
    # Without a law of the region there is nothing to go on from.
    front = [item for item in front if 1.0 - item.validation >= MEANINGFUL]
    best = max((1.0 - item.validation for item in front), default=-math.inf)
    weight = OCCAM * plan.parsimony
    ordered = sorted(front, key=lambda item: price(item.validation, item.complexity, weight))
    own = tuple(Number(float(k)) for k in factors)
    known = [
        (item.text, Law(known_part(item.expression, logarithmic=logarithmic), own))
        for item in ordered[: plan.known]
    ]
    return known, best
