"""One search and what follows it.

A search is a task for one process; its result depends on the task alone, so that the outcome is
the same for any number of processes. The searches for a target share its time budget in equal
parts; only where this ends a search early may a repetition differ, which is logged. What follows a
search, the simplification, refit and growth (`discovery.search.growing`) of its equations, has as
much processor time again, so that other work on the machine cuts nothing short. Equations whose
turn comes later are kept as the search wrote them. Of very many training samples some thousands,
drawn evenly, fix the constants as well as all do; scores are those of all samples.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kondoflow.discovery.engines.interface import Engine, SearchProblem, SearchResult
from kondoflow.discovery.gauge import Gauge, find_gauge, reduce_inputs
from kondoflow.discovery.objectives import Objective
from kondoflow.discovery.search.archive import archive
from kondoflow.discovery.search.growing import grow
from kondoflow.discovery.search.polishing import polish, reduced
from kondoflow.discovery.selection import Candidate, Part, assess
from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity, is_nested
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.scaling import unscaled
from kondoflow.formulas.trees import Expression
from kondoflow.formulas.units import changes_of_unit, is_homogeneous

LONGEST_REASON = 300  # characters
FITTED = 10_000  # training samples, at most, to which the constants of equations are fitted
GROWN = 3  # equations of a search that are grown
LONGER = 1.5  # times the length of a search's trees, in which constants hide, at which growth ends


@dataclass(frozen=True)
class Task:
    """One search and what is needed to judge its equations.

    Attributes:
        problem: The search, on a sub-sample.
        parts: All train, validation and test samples of the region.
        parsimony: Logarithm of the error that one operation must gain.
        decades: Powers of ten by which inputs were divided, in both of these.
        target_decades: That of the target.
    """

    problem: SearchProblem
    parts: Mapping[str, Part]
    parsimony: float
    decades: Mapping[str, int] = field(default_factory=dict)
    target_decades: int = 0


@dataclass(frozen=True)
class Outcome:
    """What one search found.

    Attributes:
        candidates: Its equations, simplified, refitted and scored.
        seconds: Wall time of the search and of what followed.
        timed_out: Whether the time limit ended the search.
        left_out: Equations that could not be treated, with the reason.
    """

    candidates: tuple[Candidate, ...]
    seconds: float
    timed_out: bool
    left_out: tuple[str, ...] = ()


def search_once(engine: Engine, task: Task) -> Outcome:
    """Search, simplify, refit, score: the work of one process."""
    started = time.monotonic()
    return evaluated(engine.search(task.problem), engine.name, task, started)


def evaluated(result: SearchResult, source: str, task: Task, started: float) -> Outcome:
    """Simplify, refit and score the equations of a search that began at `started`."""
    evaluation = _Evaluation(task)
    evaluation.polish_all(_readable(result.equations, source, task.problem.objective))
    evaluation.grow_best()
    return Outcome(
        tuple(evaluation.in_own_units),
        time.monotonic() - started,
        result.timed_out or evaluation.late,
        tuple(evaluation.left_out),
    )


class _Evaluation:
    """What follows a search: its equations, treated until their time is over.

    Attributes:
        in_own_units: The equations over the inputs themselves, scored.
        left_out: Equations that could not be treated, with the reason.
        late: Whether the time was over before all was done.
    """

    def __init__(self, task: Task) -> None:
        self._task, self._train = task, drawn(task)
        self._deadline = time.process_time() + task.problem.settings.seconds
        self._candidates: list[Candidate] = []  # in the units of the search
        self.in_own_units: list[Candidate] = []
        self.left_out: list[str] = []
        self.late = False

    def polish_all(self, equations: Iterator[Expression]) -> None:
        """Simplify, refit and score equations; those whose turn comes late stay as they are."""
        task, objective = self._task, self._task.problem.objective
        for found in equations:
            late = self._is_late()
            try:
                kept = found if late else polish(found, self._train, objective, task.parsimony)
                candidate = assess(kept, task.parts, objective) if kept else None
                if candidate is not None and _respects_units(candidate.expression, task):
                    self.in_own_units.append(_in_own_units(candidate, task))
                    self._candidates.append(candidate)
            except Exception as error:  # of algebra that meets what nobody thought of
                self._leave_out(to_text(found), error)

    def grow_best(self) -> None:
        """Grow the best of the equations term by term, see `discovery.search.growing`."""
        task, settings = self._task, self._task.problem.settings
        gauge = _gauge(task, self._train)
        followers: dict[str, Expression | None] = {}
        try:
            for start in archive(self._candidates, task.parsimony)[:GROWN]:
                for grown in grow(
                    start.expression,
                    self._train,
                    task.problem.objective,
                    task.parsimony,
                    settings.symbols,
                    round(LONGER * settings.max_length),
                    lambda expression: _respects_units(expression, task),
                    gauge,
                    followers,
                ):
                    if self._is_late():
                        break
                    candidate = assess(grown, task.parts, task.problem.objective)
                    if candidate is not None:
                        self.in_own_units.append(_in_own_units(candidate, task))
        except Exception as error:  # likewise; what grew so far is kept
            self._leave_out("growing", error)

    def _is_late(self) -> bool:
        late = time.process_time() > self._deadline
        self.late = self.late or late
        return late

    def _leave_out(self, what: str, error: Exception) -> None:
        self.left_out.append(f"{what}: {type(error).__name__}: {error}"[:LONGEST_REASON])


def drawn(task: Task) -> Part:
    """The training samples, or as many of them as are fitted."""
    train = task.parts["train"]
    if train.y.size <= FITTED:
        return train
    chosen = np.random.default_rng(task.problem.seed).permutation(train.y.size)[:FITTED]
    return Part({name: values[chosen] for name, values in train.inputs.items()}, train.y[chosen])


def _gauge(task: Task, train: Part) -> Gauge | None:
    """The map of the target that a unit fixes, on training samples; None if none does."""
    if task.problem.objective is not Objective.ISOTONIC or not task.problem.dimensions:
        return None
    X = np.column_stack([train.inputs[name] for name in task.problem.names])
    inputs = reduce_inputs(task.problem.names, X, task.problem.dimensions)
    return find_gauge(inputs, train.y) if inputs else None


def _in_own_units(candidate: Candidate, task: Task) -> Candidate:
    """The same equation over the inputs themselves; its scores do not change."""
    if not (task.decades or task.target_decades):
        return candidate
    expression = unscaled(candidate.expression, task.decades, task.target_decades)
    simplest = reduced(expression, task.problem.objective)
    if simplest is None:
        simplest = expression
    return replace(candidate, expression=simplest, complexity=complexity(simplest))


def _respects_units(expression: Expression, task: Task) -> bool:
    train = task.parts["train"]
    f = train.values(expression)
    for factors in changes_of_unit(task.problem.dimensions):
        changed = {
            name: factor * train.inputs[name]
            for name, factor in zip(task.problem.names, factors, strict=True)
        }
        if not is_homogeneous(f, Part(changed, train.y).values(expression)):
            return False
    return True


def _readable(equations: Sequence[str], source: str, objective: Objective) -> Iterator[Expression]:
    """Equations of a search that can be read and are not nested, the shortest first."""
    for text in sorted(equations, key=len):
        try:
            found = parse(text, "equation", source)
        except InputError:  # such as one with an infinite constant
            continue
        # An outermost function to which the objective is blind does not count.
        shown = reduced(found, objective) if is_nested(found) else found
        if shown is not None and not is_nested(shown):
            yield shown
