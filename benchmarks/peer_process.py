"""Other tools of symbolic regression, in an interpreter of their own; see `benchmarks.peers`.

    PYTHON benchmarks/peer_process.py gplearn|physo < problem.json

Reads one problem and prints a line of JSON whenever the tool's answer has changed: the processor
time since the search began, without imports, and the equations that the tool would hand out if it
ended there. It ends with its budget. This file imports nothing of the project.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

Problem = Mapping[str, Any]
STEPS = 0x7FFF_FFFF  # between the seeds of runs that follow one another


class BudgetSpentError(Exception):
    """The processor time of the search is spent."""


class Answer:
    """Reports the answer of a tool, with the processor time at which it was known.

    Args:
        seconds: Budget.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.started = time.process_time()
        self.last: list[str] = []

    def is_now(self, equations: Iterable[str], done: int) -> None:
        """Report equations if they differ from those before.

        Args:
            equations: In the names of the inputs.
            done: Expressions that were tried so far.

        Raises:
            BudgetSpentError: If the budget is spent.
        """
        cpu = time.process_time() - self.started
        current = list(equations)
        over = cpu > self.seconds
        if current != self.last or over:
            print(json.dumps({"cpu": cpu, "tried": done, "equations": current}), flush=True)
            self.last = current
        if over:
            raise BudgetSpentError


def gplearn(problem: Problem) -> None:
    """Runs of gplearn from one seed after another; its answer is the best of a generation."""
    from gplearn.genetic import SymbolicRegressor

    settings = dict(problem["settings"])
    generations = settings.pop("generations")
    X, y = np.array(problem["X"]), np.array(problem["y"])
    answer = Answer(problem["seconds"])
    tried, run = 0, 0
    while True:
        model = SymbolicRegressor(
            **settings,
            generations=1,
            warm_start=True,
            low_memory=True,
            feature_names=list(problem["names"]),
            random_state=(problem["seed"] * 1000 + run) % STEPS,
        )
        for generation in range(1, generations + 1):
            model.set_params(generations=generation)
            model.fit(X, y)
            tried += settings["population_size"]
            answer.is_now([spelled(str(model._program))], tried)
        run += 1


def spelled(program: str) -> str:
    """A program of gplearn with its functions by the names of the project's grammar."""
    # What is protected near 0 only is written plainly: where it matters, the equation has no value.
    plain = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
    tokens = re.findall(r"[\w.+-]+|[(),]", program)

    def read() -> str:
        token = tokens.pop(0)
        if not tokens or tokens[0] != "(":
            return f"({token})" if token.startswith("-") else token
        tokens.pop(0)
        arguments = [read()]
        while tokens.pop(0) == ",":
            arguments.append(read())
        match token:
            case "inv":
                return f"(1/{arguments[0]})"
            case "neg":
                return f"(-{arguments[0]})"
            case "log":
                return f"log({arguments[0]})"
            case name if name in plain:
                return f"({arguments[0]} {plain[name]} {arguments[1]})"
        raise ValueError(f"no function of gplearn: {token}")

    return read()


def physo(problem: Problem) -> None:
    """One run of PhySO; its answer is the front of reward and complexity."""
    import physo as package
    import torch
    from physo.config import config0, config1

    torch.set_num_threads(1)
    torch.manual_seed(problem["seed"])
    np.random.seed(problem["seed"])  # PhySO draws from it
    settings = problem["settings"]
    config = {"config0": config0.config0, "config1": config1.config1}[settings["config"]]
    answer = Answer(problem["seconds"])
    none = [0.0] * len(problem["y_units"])
    constants = settings["constants"]
    wrapper = {"none": None, "log": lambda func, X: torch.log(torch.abs(func(X)))}
    package.SR(
        np.array(problem["X"]).T,
        np.array(problem["y"]),
        X_names=problem["names"],
        X_units=problem["X_units"],
        y_units=problem["y_units"],
        fixed_consts=[1.0],
        fixed_consts_units=[none],
        free_consts_names=constants,
        free_consts_units=[none] * len(constants),
        op_names=settings["operations"],
        candidate_wrapper=wrapper[settings["wrapper"]],
        run_config=config,
        stop_reward=2.0,
        epochs=10**9,
        max_n_evaluations=10**12,
        get_run_logger=lambda: Front(answer),
        get_run_visualiser=Silent,
        parallel_mode=False,
        n_cpus=1,
    )


class Silent:
    """No figures and no prints."""

    def visualise(self, run_logger: object, batch: object) -> None:
        """Draw nothing."""


class Front:
    """A logger of PhySO that keeps the best expression of each complexity and nothing else."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.best: dict[int, tuple[float, str]] = {}
        self.tried = 0

    def log(self, batch: Any, rewards: np.ndarray, **_: object) -> None:
        """Take an epoch's expressions, (batch,), with their rewards."""
        complexities = np.asarray(batch.programs.n_complexity).round().astype(int)
        self.tried += len(rewards)
        for complexity in np.unique(complexities[rewards > 0]):
            of_it = np.flatnonzero(complexities == complexity)
            index = int(of_it[rewards[of_it].argmax()])
            reward = float(rewards[index])
            if reward > self.best.get(int(complexity), (0.0, ""))[0]:
                program = batch.programs.get_prog(index, detach=True)
                self.best[int(complexity)] = reward, with_values(program)
        front, highest = [], 0.0
        for complexity in sorted(self.best):
            reward, text = self.best[complexity]
            if reward > highest:
                front.append(text)
                highest = reward
        self.answer.is_now(front, self.tried)


def with_values(program: Any) -> str:
    """An expression of PhySO with the values of its constants in their places."""
    values = program.get_sympy_local_dicts()[0]
    text = program.get_infix_str()
    return re.sub(r"[A-Za-z_]\w*", lambda found: _value(found[0], values), text)


def _value(name: str, values: Mapping[str, float]) -> str:
    return f"({float(values[name])!r})" if name in values else name


TOOLS: dict[str, Callable[[Problem], None]] = {"gplearn": gplearn, "physo": physo}


def main() -> None:
    """Run the tool that the command line names."""
    problem = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    with contextlib.suppress(BudgetSpentError):
        TOOLS[sys.argv[1]](problem)


if __name__ == "__main__":
    main()
