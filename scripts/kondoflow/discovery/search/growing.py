r"""Growing: equations that differ from a good one by one term, tried one by one.

Evolution finds the large parts of a law and may miss the last small one. With an equation as a sum
of terms t_j, the trials are

.. math:: f' = \sum_{j \in J} \alpha_j t_j + \beta u + \gamma ,

J all terms or all but one, u from a library: an input, its reciprocal and logarithm or another
allowed function, products of two inputs, and a term, or the whole equation, times or over one of
these. The best coefficients of all trials follow from one projection, so that a few hundred of
them cost less than one fit. The best few are fitted and simplified, and the cheapest is kept if it
is cheaper than the equation (`discovery.selection.price`). This repeats until nothing is gained.

Under `isotonic` the coefficients are fitted to the target carried to the equation's scale by the
best monotone map. Where an input's unit fixes the map (`discovery.gauge`), they are fitted in that
map too: the map that suits the equation best hides part of what the equation lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

import numpy as np

from kondoflow.discovery.gauge import Gauge
from kondoflow.discovery.monotone import monotone_values
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.fitting import refit
from kondoflow.discovery.search.polishing import polish, price_of
from kondoflow.discovery.search.trials import Aim, grown_sums, library
from kondoflow.discovery.selection import Part
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Expression

STEPS = 8  # terms added or exchanged, at most
TRIALS = 4  # fitted in a step

Allowed = Callable[[Expression], bool]


def grow(
    expression: Expression,
    train: Part,
    objective: Objective,
    parsimony: float,
    symbols: Collection[str],
    longest: int,
    allowed: Allowed = lambda _: True,
    gauge: Gauge | None = None,
    followers: dict[str, Expression | None] | None = None,
) -> Iterator[Expression]:
    """Ever cheaper equations, each the former with a term added or exchanged.

    Args:
        expression: The equation to start with, simplified and fitted.
        train: All training samples of the region.
        objective: The maps up to which equation and target are compared.
        parsimony: Logarithm of the error that one operation must gain.
        symbols: Operations that an equation may use.
        longest: Length at which growth ends, so that a target without noise does not buy term
            after term.
        allowed: Whether an equation may be offered at all, such as by its units.
        gauge: The map of the target that a unit fixes, on the training samples.
        followers: What each equation, by its text, grows into. Equations that start apart often
            meet; kept between calls with the same arguments, it spares what follows.
    """
    offered = library(train, symbols)
    followers = {} if followers is None else followers
    best = expression
    for _ in range(STEPS):
        text = to_text(best)
        if text not in followers:
            found = _cheapest(best, offered, train, objective, parsimony, allowed, gauge)
            fits = found is not None and complexity(found) <= longest and allowed(found)
            followers[text] = found if fits else None
        follower = followers[text]
        if follower is None:
            return
        best = follower
        yield best


def _cheapest(
    best: Expression,
    offered: Sequence[Expression],
    train: Part,
    objective: Objective,
    parsimony: float,
    allowed: Allowed,
    gauge: Gauge | None,
) -> Expression | None:
    """The cheapest equation with a term added or exchanged; None if it gains nothing."""
    fitted: list[tuple[float, Expression]] = []
    for aim in _aims(train.values(best), train, objective, gauge):
        for step in _steps(best, offered, train, parsimony, aim, allowed):
            tried = refit(step, train.inputs, train.y, objective, thorough=False)
            fitted.append((price_of(tried, train, objective, parsimony), tried))
    if not fitted:
        return None
    found = polish(min(fitted, key=lambda pair: pair[0])[1], train, objective, parsimony)
    if found is None:
        return None
    prices = [price_of(item, train, objective, parsimony) for item in (found, best)]
    return found if prices[0] < prices[1] else None


def _aims(f: np.ndarray, train: Part, objective: Objective, gauge: Gauge | None) -> Iterator[Aim]:
    """What the coefficients of trials are fitted to, beside an equation's values f, (n,)."""
    equal = np.ones_like(f)
    if objective is not Objective.ISOTONIC:
        yield Aim(train.y, equal)
        return
    yield Aim(monotone_values(train.y, f), equal)
    if gauge is not None:
        yield Aim(gauge.h, np.sqrt(gauge.weights / gauge.weights.max()))


def _steps(
    best: Expression,
    offered: Sequence[Expression],
    train: Part,
    parsimony: float,
    aim: Aim,
    allowed: Allowed,
) -> Iterator[Expression]:
    """The best trials by their estimated price."""
    yield from islice(grown_sums(best, offered, train, parsimony, aim, allowed), TRIALS)
