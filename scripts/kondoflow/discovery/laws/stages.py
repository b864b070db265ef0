"""The order in which a law is sought.

1. The law of the region: searches on the training samples of the region, as for any target, but in
   the inputs that symmetries and corrections give. The shortest equations for their error are the
   known parts: what is short goes on outside the region. Formulas that were recovered there stand
   beside them, with their own constants.
2. A stage. For every known part and every combination a short search for the remainder over all
   training samples. The law with the smallest error for its number of fitted constants says which
   combination and which known part go on. Longer searches for the remainder follow. A known part
   with fitted constants is then sought anew with the remainder taken off, and the remainder again,
   in turn. The cheapest laws then grow, a term of the remainder at a time (`laws.growth`), and the
   best are reduced to few fitted constants, twice: a law that lost constants has room for terms.
3. Further stages take the law so far as their known part.

Of the reduced laws the one with the smallest error is chosen. Errors decide on training and
validation samples of the whole box. Test samples take no part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from kondoflow.discovery.engines.interface import Engine
from kondoflow.discovery.laws.combining import combinations_of
from kondoflow.discovery.laws.growth import grow_law
from kondoflow.discovery.laws.jobs import Result, run
from kondoflow.discovery.laws.joint import price_of_error
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.plan import Known, Plan, Search
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.laws.region import known_in_region, searches_in_region
from kondoflow.discovery.laws.remainder import Composed, Job, search_part, simplified
from kondoflow.discovery.search.planning import search_seed
from kondoflow.files.workers import Workers
from kondoflow.formulas.trees import constants_of

SHORT = 3  # by how much the first searches of a stage are shorter
GROWN = 4  # laws that grow
GROWTHS = 2  # times that laws grow and are reduced
LAST = 6  # laws that are reduced to few constants before one is chosen
CLOSED = 0.3  # what a constant of a growing or reduced law must gain, over that of an operation
SPARE = 8  # constants that a law may have beyond the limit before it is reduced


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
            self.found.trials += trials
            refined = self._refine(trials)
            usable = [item for item in refined if len(item.law.constants) <= self.plan.constants]
            self.found.chosen = min(usable, key=lambda item: item.size, default=None)
            if self.found.chosen is None:
                break
            known = [(f"stage {stage + 1}", self.found.chosen.law)]
        return self.found

    def _region(self) -> list[Known]:
        """Known parts from the region."""
        jobs = searches_in_region(self.regional, self.factors, self.engine, self.plan, self.seed)
        outcomes = self._run(jobs)
        self._count(len(jobs))
        logarithmic = self.parts["train"].logarithmic
        known, self.found.region = known_in_region(
            outcomes, self.factors, self.plan, logarithmic=logarithmic
        )
        return known

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

    def _refine(self, trials: Sequence[Composed]) -> list[Composed]:
        """The best laws, grown and reduced in turn."""
        laws = list(trials)
        for turn in range(GROWTHS):
            grown = self._grow(laws)
            if turn > 0 and not grown:
                break
            laws = self._reduce([*laws, *grown])
            self.found.trials += [*grown, *laws]
        return laws

    def _grow(self, trials: Sequence[Composed]) -> list[Composed]:
        """The cheapest laws, with terms added to their remainders."""
        price = CLOSED * self.plan.parsimony
        most = self.plan.constants + SPARE
        symbols = self.plan.settings.symbols
        jobs = {}
        for index, item in enumerate(_distinct(self._few(trials), self._price)[:GROWN]):
            job = self._job(f"grow-{index}", (item.origin, item.law), item.combination.label)
            jobs[job.label] = partial(grow_law, item, job, symbols, price, most)
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


def _distinct(laws: Sequence[Composed], price: Callable[[Composed], float]) -> list[Composed]:
    """Laws in the order of a price, without those that another one equals in all figures."""
    ordered = sorted(laws, key=price)
    figures = {(len(item.law.constants), f"{item.rms:.3g}"): item for item in reversed(ordered)}
    return sorted(figures.values(), key=price)
