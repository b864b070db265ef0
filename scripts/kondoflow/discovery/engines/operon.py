r"""Symbolic regression by Operon (Burlacu, Kronberger & Kommenda 2020) through pyoperon.

For a target known only up to a monotone map, the error is that of the best such map. Where a unit
fixes the map, the search takes place in it (`engines.gauged`). Elsewhere Operon can't
differentiate the error, so the constants could not be fitted. Instead the search alternates, as
ACE does (Breiman & Friedman 1985):

.. math:: f \leftarrow \text{search for } \min_f \|h(y) - f\|^2, \qquad
          h \leftarrow \arg\min_{h\ \mathrm{monotone}} \|h(y) - f\|^2,

a few generations at a time with one population, h scaled to unit variance. h starts as the ranks
of y, so that the search sees nothing of y but its order, and the outcome is exactly the same for y
and any strictly rising function of y. After each round h is fitted to the expression with the
lowest error for its length: long expressions that fit the steps of h itself would make it drift.
Where nothing is known of units, short sums up to a map (`engines.level_sums`) are tried beside it.

For a target known as it stands, symmetries that the samples show (`engines.symmetric`) leave fewer
inputs, over which every second search evolves. Short sums (`engines.sums`), roots of quadratic
equations (`engines.roots`) and occupations (`engines.occupations`) are tried beside one search,
and where an input or a difference changes sign, short sums of squares.

Operon can neither forbid a logarithm or an exponential inside another nor respect units.
Expressions that break these rules take part in the evolution, but h is never fitted to them and
they are not returned.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import pyoperon

from kondoflow.discovery.engines.evolution import Evolution
from kondoflow.discovery.engines.gauged import gauged
from kondoflow.discovery.engines.interface import SearchProblem, SearchResult
from kondoflow.discovery.engines.level_sums import level_sums
from kondoflow.discovery.engines.occupations import occupations
from kondoflow.discovery.engines.reciprocals import offer_reciprocals
from kondoflow.discovery.engines.roots import roots
from kondoflow.discovery.engines.sums import cheapest, short_sums
from kondoflow.discovery.engines.symmetric import squared, symmetric
from kondoflow.discovery.monotone import isotonic_residual, monotone_values
from kondoflow.discovery.objectives import Objective
from kondoflow.files.ranks import rank

SPECIAL = 4  # roots, occupations and forms of squares that are refitted
ROUND = 10  # generations between two monotone maps
LENGTH_PRICE = 0.1  # by how much one more node must lower the logarithm of the error


@dataclass(frozen=True)
class Operon:
    """The engine; see the module."""

    name: str = "operon"

    def prepare(self) -> dict[str, str]:
        """Versions of the packages that run."""
        return {"pyoperon": version("pyoperon")}

    def search(self, problem: SearchProblem) -> SearchResult:
        """Search once."""
        posed = gauged(problem)
        if posed is not None:
            found, timed_out = _evolved(offer_reciprocals(posed.problem), monotone=True)
            found = posed.restored(found)
            if problem.with_sums:
                found += posed.sums(problem)
            return SearchResult(tuple(found), timed_out)
        if problem.objective is Objective.ISOTONIC:
            found, timed_out = _alternate(offer_reciprocals(problem))
            if problem.with_sums and not any(problem.dimensions):
                settings = problem.settings
                found += level_sums(problem.names, problem.X, problem.y, settings.symbols)
            return SearchResult(tuple(found), timed_out)
        return _by_least_squares(problem)

    def remains(self, problem: SearchProblem) -> SearchResult | None:
        """Nothing: the search keeps all it has in memory."""
        del problem
        return None

    def last_words(self, label: str) -> str:
        """Nothing: Operon prints nothing."""
        del label
        return ""


def _by_least_squares(problem: SearchProblem) -> SearchResult:
    """Evolution, in every second search over fewer inputs if a symmetry shows, and short forms."""
    fewer = symmetric(problem)
    if fewer and (problem.with_sums or problem.seed % 2 == 0):
        found, timed_out = _evolved(offer_reciprocals(fewer[0].problem), monotone=False)
        found = fewer[0].restored(found)
    else:
        found, timed_out = _evolved(offer_reciprocals(problem), monotone=False)
    if problem.with_sums:
        forms = _short_forms(problem)
        special = _special_forms(problem)
        even = _even_forms(problem)
        for posed in fewer:
            forms += posed.restored(_short_forms(posed.problem))
            special += posed.restored(_special_forms(posed.problem))
            even += posed.restored(_even_forms(posed.problem))
        inputs = dict(zip(problem.names, problem.X.T, strict=True))
        found += cheapest(forms, inputs, problem.y)
        found += cheapest(special, inputs, problem.y, SPECIAL)
        found += cheapest(even, inputs, problem.y, SPECIAL)
    return SearchResult(tuple(found), timed_out)


def _short_forms(problem: SearchProblem) -> list[str]:
    offered = offer_reciprocals(problem)
    return short_sums(offered.names, offered.X, offered.y, offered.settings.symbols)


def _even_forms(problem: SearchProblem) -> list[str]:
    posed = squared(problem)
    return _short_forms(posed) if posed is not None else []


def _special_forms(problem: SearchProblem) -> list[str]:
    stated = problem.names, problem.X, problem.y, problem.settings.symbols
    return roots(*stated) + occupations(*stated)


def _evolved(problem: SearchProblem, *, monotone: bool) -> tuple[list[str], bool]:
    """Equations of one evolution, and whether the time limit ended it.

    Error and equation are the same for any scale and offset of the target.
    """
    run = Evolution(problem, _standardised(problem.y), monotone=monotone)
    run.evolve(problem.settings.generations, problem.settings.seconds, problem.seed)
    return run.equations(problem.names, problem.y), run.timed_out


def _alternate(problem: SearchProblem) -> tuple[list[str], bool]:
    """Equations of a search up to a monotone map, and whether the time limit ended it."""
    settings = problem.settings
    deadline = time.process_time() + settings.seconds  # other work on the machine does not count
    y = target = _standardised(rank(problem.y))
    seeds = np.random.SeedSequence(problem.seed).generate_state(
        math.ceil(settings.generations / ROUND)
    )
    population: pyoperon.IndividualCollection | None = None
    for index, seed in enumerate(seeds):
        run = Evolution(problem, target, population, monotone=True)
        generations = min(ROUND, settings.generations - index * ROUND)
        run.evolve(generations, deadline - time.process_time(), int(seed))
        population = run.population
        # Operon counts whole seconds, so that a short round may end before it sees the limit.
        last = index == len(seeds) - 1
        timed_out = run.timed_out or (not last and time.process_time() >= deadline)
        if timed_out:
            break
        target = _follow(run, y, target)
    return run.equations(problem.names, target), timed_out


def _follow(run: Evolution, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Monotone map of y that is closest to the round's most economical expression."""
    best, lowest = target, np.inf
    for f, length in run.front_values():
        if not np.isfinite(f).all() or np.ptp(f) == 0:
            continue
        price = math.log(max(isotonic_residual(f, y), 1e-12)) + LENGTH_PRICE * length
        if price < lowest:
            best, lowest = monotone_values(y, f), price
    return _standardised(best)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() or 1.0)
