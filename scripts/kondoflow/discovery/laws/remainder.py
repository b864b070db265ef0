"""The search for one part of a law while the other stays, as jobs for processes.

A job searches for the remainder tau that a known part leaves (`discovery.laws.combining`), or, the
other way round, for the known part that a remainder leaves. Training samples are drawn by their
weight. Each equation of the front is put together with the part that stays, and all constants are
refitted on the training samples of the whole box. What a job returns depends on the job alone.

Parts that are sought in turn are backfitting (Friedman & Stuetzle 1981).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.engines.interface import Engine, SearchProblem, SearchSettings
from kondoflow.discovery.laws.combining import Combination
from kondoflow.discovery.laws.joint import WORST, fit_law, simplify_law
from kondoflow.discovery.laws.law import Law
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.scale import solved_for_scale
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import is_nested
from kondoflow.formulas.rewriting import tidy
from kondoflow.formulas.symbolic import NotRealError
from kondoflow.formulas.trees import Expression, constant_value

DIGITS = 6  # of the prefactor of a known part
LEAST = 0.02  # share of the training samples with a remainder, below which there is no search


@dataclass(frozen=True)
class Composed:
    """A law and how it came about.

    Attributes:
        law: The law.
        origin: Label of its known part.
        combination: How known part and remainder are combined.
        held: How many of its first constants were not refitted.
        train: Root mean square of its errors on the training samples.
        validation: On the validation samples.
        largest: Largest error on either.
    """

    law: Law
    origin: str
    combination: Combination
    held: int
    train: float
    validation: float
    largest: float

    @property
    def rms(self) -> float:
        """The larger of the two root mean squares."""
        return max(self.train, self.validation)

    @property
    def size(self) -> float:
        """Root mean square, or a third of the largest error if that is more."""
        return max(self.rms, WORST * self.largest)


@dataclass(frozen=True)
class Job:
    """One search for a part of a law.

    Attributes:
        label: Unique name.
        view: Names of the numbers that the search sees.
        train: Training samples of the whole box.
        validation: Validation samples.
        known: Known part, V of the numbers, with the corrections.
        origin: Its label.
        combination: How the two are combined.
        free: Whether the constants of the known part are refitted with the others.
        settings: The extent of the search.
        n_points: Samples that the search sees.
        seed: Seed of the draw and of the search.
        tau: The remainder, if the known part is sought anew.
    """

    label: str
    view: tuple[str, ...]
    train: Posed
    validation: Posed
    known: Law
    origin: str
    combination: Combination
    free: bool
    settings: SearchSettings
    n_points: int
    seed: int
    tau: Expression | None = None


def search_part(engine: Engine, job: Job) -> list[Composed]:
    """Search for a part of a law and make laws of what is found: the work of one process."""
    factors = [constant_value(k) or 0.0 for k in job.known.factors]
    inputs = job.train.inputs(factors, job.train.numbers)
    sought, weights = _sought(job, inputs, job.train.reduced(factors))
    if np.count_nonzero(weights) < LEAST * weights.size or np.ptp(sought[weights > 0]) == 0:
        return []
    rng = np.random.default_rng(job.seed)
    n = min(job.n_points, weights.size)
    drawn = np.sort(rng.choice(weights.size, n, p=weights / weights.sum()))
    problem = SearchProblem(
        label=job.label,
        names=job.view,
        X=np.column_stack([inputs[name][drawn] for name in job.view]),
        y=sought[drawn],
        objective=Objective.SQUARED_ERROR,
        settings=job.settings,
        seed=job.seed,
        with_sums=False,
    )
    found = []
    for text in engine.search(problem).equations:
        try:
            equation = tidy(parse(text, "equation", engine.name))
        except (InputError, NotRealError):
            continue
        if not is_nested(equation):
            found.append(compose(job, equation))
    return [item for item in found if math.isfinite(item.size)]


def _sought(
    job: Job, inputs: Mapping[str, np.ndarray], reduced: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What is sought and the weight of each sample, (n,)."""
    logarithmic, combination = job.train.logarithmic, job.combination
    with np.errstate(all="ignore"):
        V = np.exp(reduced) if logarithmic else reduced
        if job.tau is None:
            known = np.broadcast_to(evaluate(job.known.reduced, inputs), V.shape)
            sought = combination.remainder(V, known)
            weights = combination.weights(V, known, sought)
        else:
            tau = np.broadcast_to(evaluate(job.tau, inputs), V.shape)
            sought = combination.first(V, tau)
            weights = combination.weights_of_first(V, sought)
            if logarithmic:
                weights = np.where(sought > 0, weights * sought**2, 0.0)
                sought = np.log(np.where(sought > 0, sought, 1.0))
        if logarithmic:
            weights = weights / V**2
    return sought, np.where(np.isfinite(weights), weights, 0.0)


def compose(job: Job, found: Expression) -> Composed:
    """The law of what was found and the part that stays, its constants refitted."""
    known, tau = job.known.reduced, found
    if job.tau is not None:
        known, tau = known_part(found, logarithmic=job.train.logarithmic), job.tau
    law = Law(job.combination.compose(known, tau), job.known.factors)
    held = 0 if job.free else len(Law(known).constants)
    return assessed(fit_law(law, job.train, held), job, held)


def known_part(equation: Expression, *, logarithmic: bool) -> Expression:
    """A part of V from an equation for the target."""
    return solved_for_scale(equation, DIGITS) if logarithmic else equation


def assessed(law: Law, job: Job, held: int) -> Composed:
    """A law with its errors."""
    errors = [np.nan_to_num(law.errors(part), nan=np.inf) for part in (job.train, job.validation)]
    with np.errstate(over="ignore"):
        train, validation = (float(np.sqrt(np.mean(part**2))) for part in errors)
    largest = max(float(np.abs(part).max()) for part in errors)
    return Composed(law, job.origin, job.combination, held, train, validation, largest)


def simplified(composed: Composed, job: Job, parsimony: float, most: int) -> tuple[Composed, int]:
    """A law with as few fitted constants as the data need, and the number of forms compared."""
    law, compared = simplify_law(composed.law, job.train, parsimony, composed.held, most)
    laws = [
        assessed(item, job, composed.held) for item in (law, fit_law(law, job.train, composed.held))
    ]
    return min(laws, key=lambda item: item.size), compared + 1
