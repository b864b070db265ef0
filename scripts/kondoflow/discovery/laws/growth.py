r"""Growth of a law: its remainder plus a term at a time, tried one by one.

Evolution finds the large parts of a remainder tau and misses small ones. As in
`discovery.search.growing`, the trials are all sums of tau's terms, or of all but one, and one or
two terms of a library. Here they are fitted to what would make the law exact. To first order in the
error e of the target y that is

.. math:: \tau + \frac{e}{\partial y/\partial\tau} ,

each sample with the weight (d y/d tau)^2: samples that the known part describes alone do not count.
All trials together follow from one projection. For the best few, all constants of the law are
refitted. The law with the lowest price is kept, if it is cheaper than the one before, and grows on.
Trials are ranked twice: with these weights, and with large errors counted more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from kondoflow.discovery.laws.combining import Combination
from kondoflow.discovery.laws.joint import EDGE, fit_law, price_of_error
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.remainder import Composed, Job, assessed, compose
from kondoflow.discovery.search.trials import Aim, grown_sums, library
from kondoflow.discovery.selection import Part
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Expression, constant_value

STEPS = 6  # terms added or exchanged, at most
TRIALS = 3  # that are fitted in a step, of each ranking
LENGTH = 0.02  # logarithm of the squared error that one more operation must gain in the ranking
INSENSITIVE = 1e-6  # share of the largest slope d y/d tau below which a sample does not count


def grow_law(
    start: Composed, job: Job, symbols: Collection[str], parsimony: float, most: int
) -> list[Composed]:
    """Ever cheaper laws, each the former with a term added or exchanged in its remainder.

    Args:
        start: The law to start with.
        job: Samples and how parts are combined; what it seeks plays no part.
        symbols: Operations that the library may use.
        parsimony: Logarithm of the squared error that a fitted constant must gain.
        most: Fitted constants that a law may have.
    """
    found: list[Composed] = []
    best, lowest = start, _price(start, parsimony)
    for _ in range(STEPS):
        fitted = list(_fitted(best, job, symbols, most))
        if not fitted:
            break
        step = min(fitted, key=lambda item: _price(item, parsimony))
        if not _price(step, parsimony) < lowest:
            break
        best, lowest = step, _price(step, parsimony)
        found.append(best)
    return found


def _price(item: Composed, parsimony: float) -> float:
    return price_of_error(item.size, len(item.law.constants), parsimony)


def _fitted(item: Composed, job: Job, symbols: Collection[str], most: int) -> Iterator[Composed]:
    """The best trials with all constants refitted, for the root mean square and evenly."""
    parts = item.combination.parts_of(item.law.reduced)
    if parts is None:
        return
    known, tau = parts
    own = replace(job, known=Law(known, item.law.factors), combination=item.combination)
    for even in (False, True):
        for expression in _trials(item.law, known, tau, own, symbols, even=even):
            law = item.combination.compose(known, expression)
            if len(Law(law, item.law.factors).constants) <= most:
                plain = compose(own, expression)
                yield plain
                level = fit_law(plain.law, job.train, plain.held, even=True)
                yield assessed(level, own, plain.held)


def _trials(
    law: Law,
    known: Expression,
    tau: Expression,
    job: Job,
    symbols: Collection[str],
    *,
    even: bool,
) -> Iterator[Expression]:
    """Remainders with a term more, the cheapest by the projection first."""
    numbers = [constant_value(k) or 0.0 for k in law.factors]
    inputs = job.train.inputs(numbers, job.train.numbers)
    values, slope = linearised(law, known, tau, job.train, job.combination)
    root = np.abs(slope)
    if even:
        errors = law.errors(job.train)
        edge = EDGE * np.sqrt(np.mean(errors**2)) or 1.0
        root = root * np.sqrt(1 + (errors / edge) ** 2)
    train, aim = Part(inputs, values), Aim(values, root)
    found = grown_sums(tau, library(train, symbols), train, LENGTH, aim)
    yield from islice(found, TRIALS)


def linearised(
    law: Law, known: Expression, tau: Expression, posed: Posed, combination: Combination
) -> tuple[np.ndarray, np.ndarray]:
    """The remainder that would make a law exact, and the slope of the target in it, (n,) each."""
    numbers = [constant_value(k) or 0.0 for k in law.factors]
    inputs = posed.inputs(numbers, posed.numbers)
    first, now = (
        np.broadcast_to(evaluate(item, inputs), posed.target.shape) for item in (known, tau)
    )
    with np.errstate(all="ignore"):
        V = np.broadcast_to(evaluate(law.reduced, inputs), posed.target.shape)
        slope = combination.sign * np.sqrt(combination.weights(V, first, now))
        slope = slope / V if posed.logarithmic else slope
        slope = np.where(np.abs(slope) > INSENSITIVE * np.nanmax(np.abs(slope)), slope, 0.0)
        moved = np.where(slope != 0, law.errors(posed) / slope, 0.0)
    return now + moved, slope
