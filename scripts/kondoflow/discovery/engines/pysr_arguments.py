"""Arguments of `pysr.PySRRegressor` for a search, and whether the installed version takes them.

They are those that PySR 1.5 and 2.7 share, with a value wherever the defaults of the two differ.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kondoflow.discovery.engines.interface import (
    EngineUnavailableError,
    SearchProblem,
    SearchSettings,
)
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.operations import NEVER_NESTED, OPERATIONS

LOSSES = Path(__file__).with_name("losses.jl")
OPERATORS: Mapping[str, str] = {  # of a search, always in this order
    name: OPERATIONS[name].pysr or ""
    for name in dict.fromkeys([*NEVER_NESTED, *OPERATIONS])
    if OPERATIONS[name].pysr
}
ISLAND = 27  # expressions in one of PySR's populations
SHORTEST = 7  # smallest `maxsize` that PySR accepts
PENALTY = 1000.0  # added to the loss of an equation that breaks the units
SI = ("kg", "m", "s", "A", "K", "cd", "mol")


def keywords(problem: SearchProblem, workspace: Path) -> dict[str, Any]:
    """Arguments of `pysr.PySRRegressor` for one search."""
    settings = problem.settings
    symbols = [symbol for symbol in OPERATORS if symbol in settings.symbols]
    transcendental = [OPERATORS[symbol] for symbol in NEVER_NESTED if symbol in symbols]
    nested = {symbol: dict.fromkeys(transcendental, 0) for symbol in transcendental}
    isotonic = problem.objective is Objective.ISOTONIC
    return {
        "binary_operators": _operators(symbols, 2),
        "unary_operators": _operators(symbols, 1),
        "nested_constraints": nested or None,
        "maxsize": max(SHORTEST, settings.max_length),
        "loss_function": loss_source(problem.objective),
        "dimensional_constraint_penalty": PENALTY if units(problem) else None,
        # The isotonic loss is piecewise smooth at best: no gradients.
        "optimizer_algorithm": "NelderMead" if isotonic else "BFGS",
        "niterations": settings.generations,
        "populations": max(1, round(settings.population / ISLAND)),
        "population_size": ISLAND,
        "timeout_in_seconds": settings.seconds,
        "annealing": False,
        "crossover_probability": 0.0259,
        "batching": False,
        "precision": 32,
        "deterministic": True,
        "parallelism": "serial",
        "random_state": problem.seed,
        "verbosity": 0,
        "progress": False,
        "input_stream": "devnull",
        "output_directory": str(workspace),
        "run_id": problem.label,
    }


def units(problem: SearchProblem) -> dict[str, list[str]]:
    """Argument of `fit` that makes PySR respect dimensions; empty where it can't.

    A loss function of our own knows no units. Base dimensions are named by units of the SI, each
    by another one; which one does not matter. The unit of the target is left open.
    """
    bases = list(dict.fromkeys(base for dimension in problem.dimensions for base in dimension))
    powers = [power for dimension in problem.dimensions for power in dimension.values()]
    whole = all(float(power).is_integer() for power in powers)
    if problem.objective is not Objective.SQUARED_ERROR or not bases or not whole:
        return {}
    if len(bases) > len(SI):
        return {}
    named = dict(zip(bases, SI, strict=False))
    return {
        "X_units": [
            "*".join(f"{named[base]}^({int(power)})" for base, power in dimension.items())
            for dimension in problem.dimensions
        ]
    }


def _operators(symbols: Collection[str], arity: int) -> list[str]:
    """PySR's operators of one or two arguments."""
    return [OPERATORS[symbol] for symbol in symbols if OPERATIONS[symbol].arity == arity]


def check_keywords(accepted: Collection[str]) -> None:
    """Refuse a PySR whose regressor lacks an argument that `keywords` gives.

    Raises:
        EngineUnavailableError: Lists those it lacks.
    """
    settings = SearchSettings(tuple(OPERATORS), SHORTEST, ISLAND, 1, 1.0)
    nothing = np.zeros((0, 0))
    problem = SearchProblem("", (), nothing, nothing, Objective.ISOTONIC, settings, 0)
    unknown = sorted(set(keywords(problem, Path())) - set(accepted))
    if unknown:
        raise EngineUnavailableError(f"this version of PySR lacks {', '.join(unknown)}")


def loss_source(objective: Objective) -> str | None:
    """Julia source of an objective's loss; None for PySR's own squared error."""
    if objective is Objective.SQUARED_ERROR:
        return None
    pattern = rf"^function {objective}\(.*?^end$"
    found = re.search(pattern, LOSSES.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{LOSSES} lacks {objective}"
    return found.group()


def accepted_keywords() -> set[str]:
    """Arguments of the installed `PySRRegressor`, read from its source without starting Julia.

    Raises:
        EngineUnavailableError: If PySR is not installed or its class can't be found.
    """
    package = importlib.util.find_spec("pysr")
    if package is None or not package.submodule_search_locations:
        raise EngineUnavailableError("the package pysr is not installed")
    source = Path(package.submodule_search_locations[0]) / "sr.py"
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == "PySRRegressor":
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and member.name == "__init__":
                    arguments = [*member.args.args, *member.args.kwonlyargs]
                    return {argument.arg for argument in arguments} - {"self"}
    raise EngineUnavailableError(f"{source} does not define PySRRegressor")
