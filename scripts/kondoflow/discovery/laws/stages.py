"""The order in which a law is sought.

1. The law of the region: searches on the training samples of the region, as for any target, but in
   the inputs that symmetries and corrections give. The shortest equations for their error are the
   known parts: what is short goes on outside the region. Formulas that were recovered there stand
   beside them, with their own constants.
2. A stage. For every known part and every combination a short search for the remainder over all
   training samples. The law with the smallest error for its number of fitted constants says which
   combination and which known part go on. Longer searches for the remainder follow. A known part
   with fitted constants is then sought anew with the remainder taken off, and the remainder again,
   in turn. The cheapest laws then grow, a term of the remainder at a time (`laws.growth`).
3. Further stages take the law so far as their known part.

Last, the best laws are reduced to few fitted constants, and the one with the smallest error is
chosen. Errors decide on training and validation samples of the whole box. Test samples take no
part.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from kondoflow.discovery.claims import MEANINGFUL
from kondoflow.discovery.engines.interface import Engine, SearchProblem, SearchSettings
from kondoflow.discovery.laws.combining import COMBINATIONS, combinations_of
from kondoflow.discovery.laws.growth import grow_law
from kondoflow.discovery.laws.joint import price_of_error
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posing import Posed
from kondoflow.discovery.laws.remainder import Composed, Job, known_part, search_part, simplified
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.searches import Task, search_once, search_seed
from kondoflow.discovery.selection import Part, pareto_front, price
from kondoflow.discovery.workers import Workers
from kondoflow.formulas.trees import Number, constants_of

logger = logging.getLogger("kondoflow")

SHORT = 3  # by how much the first searches of a stage are shorter
OCCAM = 3.0  # by how much length counts more for a known part than for an equation of the region
REGION = 2  # searches for the law of the region, at most
GROWN = 4  # laws that grow
LAST = 6  # laws that are reduced to few constants before one is chosen
CLOSED = 0.3  # by how much a constant has to gain less to stay fitted than an operation
SPARE = 5  # constants that a law may have beyond the limit before it is reduced

Result = TypeVar("Result")
Known = tuple[str, Law]


@dataclass(frozen=True)
class Plan:
    """How a law is sought.

    Attributes:
        settings: The extent of one search.
        n_points: Samples that a search sees.
        parsimony: Logarithm of the error that one more operation, or constant, must gain.
        known: Number of equations of the region that a stage starts from.
        restarts: Searches for a part at a time.
        rounds: Times that a known part with fitted constants is sought anew.
        stages: Number of stages after the law of the region.
        constants: Fitted constants that a law may have.
        combine: Combinations that are tried.
        free: Whether the known part's constants are refitted with the others.
    """

    settings: SearchSettings
    n_points: int
    parsimony: float
    known: int
    restarts: int
    rounds: int
    stages: int
    constants: int
    combine: tuple[str, ...] = COMBINATIONS
    free: bool = True

    @classmethod
    def from_config(cls, equations: Mapping[str, Any]) -> Plan:
        """The plan in the `equations` section of a configuration."""
        after = equations["after"]
        return cls(
            settings=replace(SearchSettings.from_config(equations), max_length=after["max_length"]),
            n_points=equations["n_points"],
            parsimony=equations["parsimony"],
            known=after["known"],
            restarts=after["restarts"],
            rounds=after["rounds"],
            stages=after["stages"],
            constants=after["constants"],
            combine=tuple(after["combine"]),
            free=after["known_constants"] == "free",
        )


@dataclass
class Search:
    """What a search for a law came to.

    Attributes:
        known: Known parts that were tried.
        region: R^2 of the best equation on the validation samples of the region.
        screened: Smallest error by combination, over the short searches of the first stage.
        trials: Laws of all searches.
        chosen: The law; None if there is none.
        expressions: Number of expressions that evolution evaluated.
        compared: Number of laws that were compared on training and validation samples.
    """

    known: list[Known] = field(default_factory=list)
    region: float = -math.inf
    screened: dict[str, float] = field(default_factory=dict)
    trials: list[Composed] = field(default_factory=list)
    chosen: Composed | None = None
    expressions: int = 0
    compared: int = 0


def find_law(
    parts: Mapping[str, Posed],
    regional: Mapping[str, Posed],
    recovered: Sequence[Known],
    factors: Sequence[float],
    engine: Engine,
    plan: Plan,
    seed: int,
    processes: int,
) -> Search:
    """Search for a law.

    Args:
        parts: The question on the training and validation samples of the whole box.
        regional: On the training, validation and test samples of the region.
        recovered: Formulas that were recovered in the region, as known parts.
        factors: Corrections k to start from; empty without a small quantity.
        engine: The engine.
        plan: How.
        seed: Seed of all searches.
        processes: How many run at a time.
    """
    with Workers(processes) as workers:
        searcher = _Searcher(parts, regional, recovered, factors, engine, plan, seed, workers)
        return searcher.search()


@dataclass
class _Searcher:
    parts: Mapping[str, Posed]
    regional: Mapping[str, Posed]
    recovered: Sequence[Known]
    factors: Sequence[float]
    engine: Engine
    plan: Plan
    seed: int
    workers: Workers
    found: Search = field(default_factory=Search)

    def search(self) -> Search:
        """The order of the module."""
        known = self.found.known = [*self.recovered, *self._region()]
        for stage in range(self.plan.stages if known else 0):
            screened = self._screen(known, stage)
            best = self._cheapest(screened)
            if best is None:
                break
            trials = list(screened)
            for turn in range(2 * self.plan.rounds + 1):
                laws = self._turn(best, stage, turn)
                trials += laws
                best = self._cheapest([best, *laws]) or best
            trials += self._grow(trials)
            self.found.trials += trials
            reduced = self._reduce(trials)
            usable = [item for item in reduced if len(item.law.constants) <= self.plan.constants]
            self.found.trials += reduced
            self.found.chosen = min(usable, key=lambda item: item.size, default=None)
            if self.found.chosen is None:
                break
            known = [(f"stage {stage + 1}", self.found.chosen.law)]
        return self.found

    def _region(self) -> list[Known]:
        """Known parts: the equations of the region with the lowest prices."""
        logarithmic = self.parts["train"].logarithmic
        parts = {
            name: Part(posed.inputs(self.factors, posed.views[-1]), posed.reduced(self.factors))
            for name, posed in self.regional.items()
        }
        train = parts["train"]
        names = tuple(train.inputs)
        jobs = {}
        for restart in range(min(self.plan.restarts, REGION)):
            drawn = search_seed(self.seed, "law-region", restart)
            rows = np.random.default_rng(drawn).permutation(train.y.size)[: self.plan.n_points]
            problem = SearchProblem(
                label=f"region-{restart}",
                names=names,
                X=np.column_stack([train.inputs[name][rows] for name in names]),
                y=train.y[rows],
                objective=Objective.SQUARED_ERROR,
                settings=self.plan.settings,
                seed=drawn,
                with_sums=restart == 0,
            )
            task = Task(problem, parts, self.plan.parsimony)
            jobs[problem.label] = partial(search_once, self.engine, task)
        outcomes = self._run(jobs)
        self._count(len(jobs))
        front = pareto_front([item for outcome in outcomes for item in outcome.candidates])
        # Without a law of the region there is nothing to go on from.
        front = [item for item in front if 1.0 - item.validation >= MEANINGFUL]
        self.found.region = max((1.0 - item.validation for item in front), default=-math.inf)
        weight = OCCAM * self.plan.parsimony
        ordered = sorted(front, key=lambda item: price(item.validation, item.complexity, weight))
        own = tuple(Number(float(k)) for k in self.factors)
        return [
            (item.text, Law(known_part(item.expression, logarithmic=logarithmic), own))
            for item in ordered[: self.plan.known]
        ]

    def _screen(self, known: Sequence[Known], stage: int) -> list[Composed]:
        """Laws of short searches for every known part and combination."""
        generations = max(1, self.plan.settings.generations // SHORT)
        settings = replace(self.plan.settings, generations=generations)
        jobs = {}
        for index, item in enumerate(known):
            for each in combinations_of(self.plan.combine):
                label = f"stage-{stage}-{index}-{each.label}"
                job = replace(self._job(label, item, each.label), settings=settings)
                jobs[label] = partial(search_part, self.engine, job)
        self._count(len(jobs) / SHORT)
        laws = [law for found in self._run(jobs) for law in found]
        self.found.compared += len(laws)
        if stage == 0:
            for law in laws:
                name = law.combination.name
                self.found.screened[name] = min(law.size, self.found.screened.get(name, math.inf))
        return laws

    def _turn(self, best: Composed, stage: int, turn: int) -> list[Composed]:
        """Laws of searches for one part of the best law so far, the remainder first."""
        parts = best.combination.parts_of(best.law.reduced)
        if parts is None:
            return []
        known, tau = parts
        if turn > 0 and not (self.plan.free and constants_of(known)):
            return []  # exact, or given as it is
        jobs = {}
        for restart in range(self.plan.restarts):
            label = f"stage-{stage}-turn-{turn}-{restart}"
            own = (best.origin, Law(known, best.law.factors))
            job = self._job(label, own, best.combination.label)
            if turn % 2 == 1:
                job = replace(job, tau=tau, view=job.train.views[-1])
            elif restart % 3 == 2:
                job = replace(job, view=job.train.views[-1])
            jobs[label] = partial(search_part, self.engine, job)
        self._count(len(jobs))
        laws = [law for found in self._run(jobs) for law in found]
        self.found.compared += len(laws)
        return laws

    def _grow(self, trials: Sequence[Composed]) -> list[Composed]:
        """The cheapest laws, with terms added to their remainders."""
        most = self.plan.constants + SPARE
        symbols = self.plan.settings.symbols
        jobs = {}
        for index, item in enumerate(_distinct(self._few(trials), self._price)[:GROWN]):
            job = self._job(f"grow-{index}", (item.origin, item.law), item.combination.label)
            jobs[job.label] = partial(grow_law, item, job, symbols, self.plan.parsimony, most)
        laws = [law for found in self._run(jobs) for law in found]
        self.found.compared += len(laws)
        return laws

    def _reduce(self, trials: Sequence[Composed]) -> list[Composed]:
        """The best laws with as few fitted constants as they need."""
        price = CLOSED * self.plan.parsimony
        jobs = {}
        for index, item in enumerate(_distinct(self._few(trials), lambda item: item.size)[:LAST]):
            job = self._job(f"reduce-{index}", (item.origin, item.law), item.combination.label)
            jobs[job.label] = partial(simplified, item, job, price, self.plan.constants)
        reduced = self._run(jobs)
        self.found.compared += sum(compared for _, compared in reduced)
        return [law for law, _ in reduced]

    def _few(self, laws: Sequence[Composed]) -> list[Composed]:
        """Laws with few enough constants to be reduced to the limit."""
        most = self.plan.constants + SPARE
        return [item for item in laws if len(item.law.constants) <= most]

    def _job(self, label: str, known: Known, combination: str) -> Job:
        by_label = {each.label: each for each in combinations_of(self.plan.combine)}
        return Job(
            label=label,
            view=self.parts["train"].views[0],
            train=self.parts["train"],
            validation=self.parts["validation"],
            known=known[1],
            origin=known[0],
            combination=by_label[combination],
            free=self.plan.free,
            settings=self.plan.settings,
            n_points=self.plan.n_points,
            seed=search_seed(self.seed, label, 0),
        )

    def _cheapest(self, laws: Sequence[Composed]) -> Composed | None:
        """The law with the smallest error for its number of fitted constants."""
        return min(self._few(laws) or laws, key=self._price, default=None)

    def _price(self, item: Composed) -> float:
        constants = len(item.law.constants)
        return price_of_error(item.rms, constants, self.plan.parsimony)

    def _count(self, searches: float) -> None:
        settings = self.plan.settings
        self.found.expressions += round(searches * settings.population * settings.generations)

    def _run(self, jobs: Mapping[str, Callable[[], Result]]) -> list[Result]:
        return run(jobs, self.workers)


def _collect(
    jobs: Mapping[str, Callable[[], Result]], workers: Workers, results: dict[str, Result]
) -> list[str]:
    """Add the results of jobs to others; the labels of those whose process was killed."""
    killed = []
    for label, future in workers.run(jobs):
        try:
            results[label] = future.result()
        except BrokenProcessPool:
            killed.append(label)
        except Exception as error:
            logger.warning("%s failed", label, exc_info=error)
    return killed


def _distinct(laws: Sequence[Composed], price: Callable[[Composed], float]) -> list[Composed]:
    """Laws in the order of a price, without those that another one equals in all figures."""
    ordered = sorted(laws, key=price)
    figures = {(len(item.law.constants), f"{item.rms:.3g}"): item for item in reversed(ordered)}
    return sorted(figures.values(), key=price)


def run(jobs: Mapping[str, Callable[[], Result]], workers: Workers) -> list[Result]:
    """Results of independent jobs, in their order; a job that fails is logged and left out.

    A job whose process was killed is done once more: without it the law would be another.

    Raises:
        MemoryError: If the process of a job is killed twice.
    """
    results: dict[str, Result] = {}
    started = time.monotonic()
    killed = _collect(jobs, workers, results)
    if killed:
        logger.warning("%s: the process was killed, and is started anew", ", ".join(killed))
        killed = _collect({label: jobs[label] for label in killed}, workers, results)
    if killed:
        raise MemoryError(f"{', '.join(killed)}: the process was killed twice")
    logger.info("%d of %d jobs in %.1f s", len(results), len(jobs), time.monotonic() - started)
    return [results[label] for label in jobs if label in results]
