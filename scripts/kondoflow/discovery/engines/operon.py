r"""Symbolic regression by Operon (Burlacu, Kronberger & Kommenda 2020) through pyoperon.

Genetic programming with NSGA-II on two objectives, error and length; the constants of every
expression are fitted by a few steps of Levenberg-Marquardt.

For a target known only up to a monotone map, the error is that of the best such map. Operon can't
differentiate it, so the constants could not be fitted. Instead the search alternates, as ACE does
(Breiman & Friedman 1985):

.. math:: f \leftarrow \text{search for } \min_f \|h(y) - f\|^2, \qquad
          h \leftarrow \arg\min_{h\ \mathrm{monotone}} \|h(y) - f\|^2,

a few generations at a time with one population, h scaled to unit variance. h starts as the ranks
of y, so that the search sees nothing of y but its order, and the outcome is exactly the same for y
and any strictly rising function of y. After each round h is fitted to the expression with the
lowest error for its length: long expressions that fit the steps of h itself would make it drift.

Operon can neither forbid a logarithm or an exponential inside another nor respect units.
Expressions that break these rules take part in the evolution, but h is never fitted to them and
they are not returned.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import islice

import numpy as np
import pyoperon
from scipy.stats import rankdata

from kondoflow.discovery.engines.interface import SearchProblem, SearchResult
from kondoflow.discovery.engines.reciprocals import offer_reciprocals
from kondoflow.discovery.engines.sums import short_sums
from kondoflow.discovery.gauge import Gauge, Reduced, find_gauge, reduce_inputs
from kondoflow.discovery.monotone import fit_monotone, isotonic_residual
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.operations import NEVER_NESTED, OPERATIONS
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Apply, Expression, constant_value
from kondoflow.formulas.units import changes_of_unit, is_homogeneous

NODES = {
    name: getattr(pyoperon.NodeType, operation.operon)
    for name, operation in OPERATIONS.items()
    if operation.operon
}
TRANSCENDENTAL = tuple(NODES[name] for name in NEVER_NESTED)
AFFINE = (
    pyoperon.NodeType.Add,
    pyoperon.NodeType.Sub,
    pyoperon.NodeType.Mul,
    pyoperon.NodeType.Div,
)
EXPONENTIAL = {"exp", "sinh", "cosh", "tanh"}
MAX_DEPTH = 10
TOURNAMENT = 5
OPTIMISER_STEPS = 5  # of Levenberg-Marquardt, for each expression
MUTATION = 0.25  # probability for each offspring; crossover always takes place
ROUND = 10  # generations between two monotone maps
LENGTH_PRICE = 0.1  # by how much one more node must lower the logarithm of the error
DECIMALS = 17  # of constants in equations; Operon writes them without an exponent
NO_LIMIT = 10**9


@dataclass(frozen=True)
class Operon:
    """The engine; see the module."""

    name: str = "operon"

    def prepare(self) -> dict[str, str]:
        """Versions of the packages that run."""
        return {"pyoperon": version("pyoperon")}

    def search(self, problem: SearchProblem) -> SearchResult:
        """Search once."""
        if problem.objective is Objective.ISOTONIC:
            inputs = reduce_inputs(problem.names, problem.X, problem.dimensions)
            gauge = find_gauge(inputs, problem.y) if inputs else None
            if inputs is None or gauge is None:
                return _alternate(offer_reciprocals(problem))
            return _in_gauge(problem, inputs, gauge)
        problem = offer_reciprocals(problem)
        # Error and equation are the same for any scale and offset of the target.
        run = _Evolution(problem, _standardised(problem.y))
        run.evolve(problem.settings.generations, problem.settings.seconds, problem.seed)
        found = run.equations(problem.names, problem.y)
        if problem.with_sums:
            found += short_sums(problem.names, problem.X, problem.y, problem.settings.symbols)
        return SearchResult(tuple(found), run.timed_out)

    def remains(self, problem: SearchProblem) -> SearchResult | None:
        """Nothing: the search keeps all it has in memory."""
        del problem
        return None

    def last_words(self, label: str) -> str:
        """Nothing: Operon prints nothing."""
        del label
        return ""


def _in_gauge(problem: SearchProblem, inputs: Reduced, gauge: Gauge) -> SearchResult:
    """Search for what is left after the scale in the map that its unit fixes.

    The samples are drawn by their weight. Where a law may hold an exponential, every second search
    is for the factor of the scale itself, in which a sum of exponentials is plain; the others are
    for its logarithm.
    """
    rng = np.random.default_rng(problem.seed)
    drawn = np.sort(rng.choice(problem.y.size, problem.y.size, p=gauge.weights))
    plain = bool(EXPONENTIAL & set(problem.settings.symbols)) and problem.seed % 2 == 0
    left = np.exp(gauge.phi[drawn]) if plain else gauge.phi[drawn]
    posed = replace(problem, names=inputs.numbers, X=inputs.X[drawn], dimensions=())
    posed = offer_reciprocals(posed)
    run = _Evolution(posed, _standardised(left))
    run.evolve(problem.settings.generations, problem.settings.seconds, problem.seed)
    found = run.equations(posed.names, left)
    if plain:
        with_scale = [f"{inputs.scale} * ({text})" for text in found]
    else:
        with_scale = [_with_scale(text, inputs.scale) for text in found]
    if not problem.with_sums:
        return SearchResult(tuple(with_scale), run.timed_out)
    symbols = problem.settings.symbols
    with_scale += [
        f"{inputs.scale} * ({text})"
        for text in short_sums(inputs.numbers, inputs.X, np.exp(gauge.phi), symbols)
    ]
    with_scale += [
        f"log({inputs.scale}) + {text}"
        for text in short_sums(inputs.numbers, inputs.X, gauge.phi, symbols)
    ]
    return SearchResult(tuple(with_scale), run.timed_out)


def _alternate(problem: SearchProblem) -> SearchResult:
    settings = problem.settings
    deadline = time.monotonic() + settings.seconds
    y = target = _standardised(rankdata(problem.y))
    seeds = np.random.SeedSequence(problem.seed).generate_state(
        math.ceil(settings.generations / ROUND)
    )
    population: pyoperon.IndividualCollection | None = None
    for index, seed in enumerate(seeds):
        run = _Evolution(problem, target, population)
        generations = min(ROUND, settings.generations - index * ROUND)
        run.evolve(generations, deadline - time.monotonic(), int(seed))
        population = run.population
        # Operon counts whole seconds, so that a short round may end before it sees the limit.
        last = index == len(seeds) - 1
        timed_out = run.timed_out or (not last and time.monotonic() >= deadline)
        if timed_out:
            break
        target = _follow(run, y, target)
    return SearchResult(tuple(run.equations(problem.names, target)), timed_out)


def _follow(run: _Evolution, y: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Monotone map of y that is closest to the round's most economical expression."""
    best, lowest = target, np.inf
    for f, length in run.front_values():
        if not np.isfinite(f).all() or np.ptp(f) == 0:
            continue
        price = math.log(max(isotonic_residual(f, y), 1e-12)) + LENGTH_PRICE * length
        if price < lowest:
            best, lowest = fit_monotone(y, f)(y), price
    return _standardised(best)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() or 1.0)


def _is_nested(tree: pyoperon.Tree, *, monotone: bool) -> bool:
    """Whether a logarithm or the like holds another; a node follows its subtree.

    Under `monotone` an outermost function does not count, as it makes no difference.
    """
    kinds = [node.Type in TRANSCENDENTAL for node in tree.Nodes]
    if monotone:
        kinds[_below_affine(tree.Nodes)] = False
    return any(
        any(kinds[index - node.Length : index])
        for index, node in enumerate(tree.Nodes)
        if kinds[index]
    )


def _below_affine(nodes: Sequence[pyoperon.Node]) -> int:
    """Index of the outermost node that neither scales nor shifts what is below it."""
    index = len(nodes) - 1
    while nodes[index].Type in AFFINE:
        right = index - 1
        left = right - nodes[right].Length - 1
        constants = [nodes[child].Type == pyoperon.NodeType.Constant for child in (left, right)]
        if not any(constants):
            break
        index = left if constants[1] else right
    return index


def _dataset(X: np.ndarray, target: np.ndarray) -> pyoperon.Dataset:
    return pyoperon.Dataset(np.asfortranarray(np.column_stack((X, target))))


def _with_scale(found: str, scale: str) -> str:
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


class _Evolution:
    """One population evolving towards one target.

    pyoperon's objects refer to each other by address: all of them are attributes, so that none is
    freed while the algorithm lives.
    """

    def __init__(
        self,
        problem: SearchProblem,
        target: np.ndarray,
        population: pyoperon.IndividualCollection | None = None,
    ) -> None:
        self._settings = problem.settings
        self._objective = problem.objective
        self._population = population
        self._dataset = _dataset(problem.X, target)
        # The same in other units, one dataset for each base dimension.
        self._changed = [
            _dataset(factors * problem.X, target) for factors in changes_of_unit(problem.dimensions)
        ]
        self._variables = sorted(self._dataset.Variables, key=lambda variable: variable.Index)
        self._rows = pyoperon.Range(0, self._dataset.Rows)
        self._problem = self._state_problem(problem.settings.symbols)
        self._dispatch = pyoperon.DispatchTable()
        self._breed()

    def _state_problem(self, symbols: Sequence[str]) -> pyoperon.Problem:
        *inputs, target = self._variables
        problem = pyoperon.Problem(self._dataset)
        problem.TrainingRange = self._rows
        problem.TestRange = pyoperon.Range(self._dataset.Rows - 1, self._dataset.Rows)
        problem.Target = target
        problem.InputHashes = [variable.Hash for variable in inputs]
        kinds = [NODES[symbol] for symbol in symbols]
        kinds += [pyoperon.NodeType.Constant, pyoperon.NodeType.Variable]
        problem.ConfigurePrimitiveSet(sum(int(kind) for kind in kinds))
        return problem

    def _breed(self) -> None:
        """Set up selection, variation, local search and evaluation."""
        length = self._settings.max_length
        primitives = self._primitives = self._problem.PrimitiveSet
        inputs = self._inputs = self._problem.InputHashes
        self._error = pyoperon.Evaluator(self._problem, self._dispatch, pyoperon.R2(), True)
        self._length = pyoperon.LengthEvaluator(self._problem)
        self._evaluator = pyoperon.MultiEvaluator(self._problem)
        for part in (self._error, self._length):
            part.Budget = NO_LIMIT
            self._evaluator.Add(part)
        self._evaluator.Budget = NO_LIMIT

        self._creator = pyoperon.BalancedTreeCreator(primitives, inputs, 0.0)
        self._constants = pyoperon.NormalCoefficientInitializer()
        self._constants.ParameterizeDistribution(0, 1)
        self._trees = pyoperon.UniformLengthTreeInitializer(self._creator)
        smallest = primitives.FunctionArityLimits()[0] + 1
        self._trees.ParameterizeDistribution(smallest, max(smallest, min(10, length)))
        self._trees.MinDepth, self._trees.MaxDepth = 1, MAX_DEPTH

        self._mutations = self._list_mutations()
        self._mutation = pyoperon.MultiMutation()
        for mutation in self._mutations:
            self._mutation.Add(mutation, 1.0)
        self._crossover = pyoperon.SubtreeCrossover(0.9, MAX_DEPTH, length)

        self._comparison = pyoperon.CrowdedComparison()
        self._selectors = [pyoperon.TournamentSelector(self._comparison) for _ in range(2)]
        for selector in self._selectors:
            selector.TournamentSize = TOURNAMENT
        self._reinserter = pyoperon.KeepBestReinserter(self._comparison)
        self._optimiser = pyoperon.LMOptimizer(self._dispatch, self._problem, OPTIMISER_STEPS, 0)
        self._local_search = pyoperon.CoefficientOptimizer(self._optimiser)
        self._offspring = pyoperon.BasicOffspringGenerator(
            self._evaluator, self._crossover, self._mutation, *self._selectors, self._local_search
        )
        self._sorter = pyoperon.RankSorter()

    def _list_mutations(self) -> list[pyoperon.MutatorBase]:
        limits = (self._creator, self._constants, MAX_DEPTH, self._settings.max_length)
        point, points = pyoperon.NormalOnePointMutation(), pyoperon.NormalMultiPointMutation()
        for mutation in (point, points):
            mutation.ParameterizeDistribution(0, 1)
        return [
            point,
            points,
            pyoperon.ChangeVariableMutation(self._inputs),
            pyoperon.ChangeFunctionMutation(self._primitives),
            pyoperon.InsertSubtreeMutation(*limits),
            pyoperon.ReplaceSubtreeMutation(*limits),
            pyoperon.RemoveSubtreeMutation(self._primitives),
        ]

    def evolve(self, generations: int, seconds: float, seed: int) -> None:
        """Run; a population given at the start is continued."""
        size = self._settings.population
        self._config = pyoperon.GeneticAlgorithmConfig(
            generations=generations,
            max_evaluations=NO_LIMIT,
            local_iterations=OPTIMISER_STEPS,
            population_size=size,
            pool_size=size,
            p_crossover=1.0,
            p_mutation=MUTATION,
            epsilon=1e-6,
            seed=seed,
            max_time=max(1, math.ceil(seconds)),
        )
        self._algorithm = pyoperon.NSGA2Algorithm(
            self._config,
            self._problem,
            self._trees,
            self._constants,
            self._offspring,
            self._reinserter,
            self._sorter,
        )
        warm = self._population is not None
        if warm:
            self._algorithm.RestoreIndividuals(self._population)
            self._algorithm.IsFitted = True
        self._algorithm.Run(pyoperon.RandomGenerator(seed), None, 1, warm)
        self.timed_out = self._algorithm.Generation < generations

    @property
    def population(self) -> pyoperon.IndividualCollection:
        """All individuals, parents and offspring."""
        return self._algorithm.Individuals

    def _front(self) -> list[pyoperon.Tree]:
        """Survivors that break no rule of the module and beat all shorter ones, by length."""
        parents = islice(self._algorithm.Individuals, self._settings.population)
        # After an early end some of them are no trees.
        survivors = self._algorithm.BestFront if self.timed_out else parents
        trees = [(person.GetFitness(0), person.Genotype) for person in survivors]
        front: list[pyoperon.Tree] = []
        lowest = np.inf
        for error, tree in sorted(trees, key=lambda pair: (pair[1].Length, pair[0])):
            if error < lowest and not self._is_nested(tree) and self._respects_units(tree):
                front.append(tree)
                lowest = error
        return front

    def front_values(self) -> list[tuple[np.ndarray, int]]:
        """Values, (n,), and length of every expression of the Pareto front."""
        return [(self._values(tree), tree.Length) for tree in self._front()]

    def equations(self, names: Sequence[str], y: np.ndarray) -> list[str]:
        """Equations of the Pareto front, scaled and shifted to fit y."""
        by_hash = {
            variable.Hash: name for variable, name in zip(self._variables, names, strict=False)
        }
        equations = []
        for tree in self._front():
            f = self._values(tree)
            if not np.isfinite(f).all():
                continue
            slope, offset = np.polynomial.polynomial.polyfit(f, y, 1)[::-1]
            text = pyoperon.InfixFormatter.Format(tree, by_hash, DECIMALS)
            equations.append(f"{float(slope)!r} * ({text}) + {float(offset)!r}")
        return equations

    def _is_nested(self, tree: pyoperon.Tree) -> bool:
        return _is_nested(tree, monotone=self._objective is Objective.ISOTONIC)

    def _respects_units(self, tree: pyoperon.Tree) -> bool:
        f = self._values(tree)
        return all(is_homogeneous(f, self._values(tree, changed)) for changed in self._changed)

    def _values(self, tree: pyoperon.Tree, dataset: pyoperon.Dataset | None = None) -> np.ndarray:
        values = pyoperon.Evaluate(self._dispatch, tree, dataset or self._dataset, self._rows)
        return values.astype(np.float64).reshape(-1)
