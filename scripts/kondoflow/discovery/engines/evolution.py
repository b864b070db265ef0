"""One population of Operon's expressions evolving towards one target.

Genetic programming with NSGA-II on two objectives, error and length; the constants of every
expression are fitted by a few steps of Levenberg-Marquardt.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from itertools import islice

import numpy as np
import pyoperon

from kondoflow.discovery.engines.interface import SearchProblem
from kondoflow.formulas.operations import NEVER_NESTED, OPERATIONS
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
MAX_DEPTH = 10
TOURNAMENT = 5
OPTIMISER_STEPS = 5  # of Levenberg-Marquardt, for each expression
MUTATION = 0.25  # probability for each offspring; crossover always takes place
DECIMALS = 17  # of constants in equations; Operon writes them without an exponent
NO_LIMIT = 10**9


class Evolution:
    """One population evolving towards one target.

    pyoperon's objects refer to each other by address: all of them are attributes, so that none is
    freed while the algorithm lives.
    """

    def __init__(
        self,
        problem: SearchProblem,
        target: np.ndarray,
        population: pyoperon.IndividualCollection | None = None,
        *,
        monotone: bool,
    ) -> None:
        """Pose the problem.

        Args:
            problem: The search.
            target: What is fitted, (n,).
            population: Expressions to go on with.
            monotone: Whether an outermost function makes no difference, so that it may hold
                another.
        """
        self._settings = problem.settings
        self._monotone = monotone
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
        """Equations of the Pareto front in these names, scaled and shifted to fit y (sample,)."""
        by_hash = {
            variable.Hash: name for variable, name in zip(self._variables, names, strict=False)
        }
        equations = []
        for tree in self._front():
            f = self._values(tree)
            if not np.isfinite(f).all():
                continue
            with warnings.catch_warnings():  # a tree that is constant has no slope
                warnings.simplefilter("ignore", np.exceptions.RankWarning)
                slope, offset = np.polynomial.polynomial.polyfit(f, y, 1)[::-1]
            text = pyoperon.InfixFormatter.Format(tree, by_hash, DECIMALS)
            equations.append(f"{float(slope)!r} * ({text}) + {float(offset)!r}")
        return equations

    def _is_nested(self, tree: pyoperon.Tree) -> bool:
        return is_nested(tree, monotone=self._monotone)

    def _respects_units(self, tree: pyoperon.Tree) -> bool:
        f = self._values(tree)
        return all(is_homogeneous(f, self._values(tree, changed)) for changed in self._changed)

    def _values(self, tree: pyoperon.Tree, dataset: pyoperon.Dataset | None = None) -> np.ndarray:
        values = pyoperon.Evaluate(self._dispatch, tree, dataset or self._dataset, self._rows)
        return values.astype(np.float64).reshape(-1)


def is_nested(tree: pyoperon.Tree, *, monotone: bool) -> bool:
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
