"""gplearn and PhySO as peers of this package's search: settings, inputs, and their equations read.

gplearn (T. Stephens) has Pearson fitness and + - * / inverse and negative, as in Miles et al.,
arXiv:2107.08013, populations of 2,000 for 40 generations, then anew from another seed. A line is
fitted to its equation afterwards. It gets the ratios of that study, which hold no scale, so that
the exponent is all there is to find, or our inputs and log.

PhySO (Tenachi, Ibata and Diakogiannis 2023, arXiv:2303.03192) gets U, Gamma and eps_d with their
unit. An expression with the unit of energy is T_chi, and its logarithm is compared with log T_chi.
Two free constants, 1 and the configuration `config1` are those of its authors' Feynman benchmark;
`config0` tries 1,000 expressions at a time in place of 10,000. Sine and cosine are left out.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recovery import LEVELS, Course, Judge
from kondoflow.discovery.judgement.claims import in_variables
from kondoflow.discovery.judgement.law import values_of
from kondoflow.discovery.monotone import fit_affine
from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Apply, Expression, Name, Number, substitute

GPLEARN = {
    "population_size": 2000,
    "generations": 40,
    "metric": "pearson",
    "stopping_criteria": 1.0,  # by default a search ends as soon as the correlation is positive
}
UNIT = 0.01  # of energies that gplearn and PhySO see, in D, so that they are of order 1
POLYNOMIAL = ["add", "sub", "mul", "div", "inv", "neg"]
PHYSO = {
    "constants": ["c1", "c2"],
    "operations": ["mul", "add", "sub", "div", "inv", "n2", "sqrt", "neg", "exp", "log"],
    "wrapper": "log",
}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Peer:
    """A tool in another interpreter.

    Attributes:
        program: Its name in `benchmarks.peer_process`.
        inputs: Names of its inputs, of the search or bare parameters.
        settings: For the program.
        highest: The last level that it can reach with these inputs.
    """

    program: str
    inputs: tuple[str, ...]
    settings: Mapping[str, Any]
    highest: int = len(LEVELS)


PEERS = {
    "gplearn, ratios": Peer("gplearn", ("a", "b", "c"), {**GPLEARN, "function_set": POLYNOMIAL}, 1),
    "gplearn, our inputs": Peer(
        "gplearn", ("a", "b", "c", "G"), {**GPLEARN, "function_set": [*POLYNOMIAL, "log"]}
    ),
    "PhySO, config0": Peer("physo", ("U", "Gamma", "eps_d"), {**PHYSO, "config": "config0"}),
    "PhySO, config1": Peer("physo", ("U", "Gamma", "eps_d"), {**PHYSO, "config": "config1"}),
}


def unavailable(peer: Peer, python: str | None, name: str) -> str:
    """Why a tool can't run, in one line; empty if it can."""
    if python is None:
        return f"{name} does not take part: --python names no interpreter."
    try:
        run = subprocess.run(
            [python, "-c", f"import {peer.program}"], capture_output=True, text=True, check=False
        )
    except OSError as error:
        return f"{name} does not take part: {python}: {error.strerror}."
    said = run.stderr.strip().splitlines()
    return f"{name} does not take part: {said[-1]}." if run.returncode else ""


def other(name: str, seed: int, judge: Judge, python: str, seconds: float) -> Course:
    """A search of another tool, judged while it runs."""
    peer, course = PEERS[name], Course(name, seed)
    command = [python, str(Path(__file__).with_name("peer_process.py")), peer.program]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **ONE_THREAD},
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes to the other interpreter")
        json.dump(posed(peer, judge, seed, seconds), process.stdin)
        process.stdin.close()
        known: set[str] = set()
        for course.seconds, course.tried, equations in answers(process.stdout):
            for text in equations:
                if text not in known:
                    known.add(text)
                    equation = readable(text, peer, judge)
                    if equation is not None:
                        judge.take(equation, course)
            if peer.highest in course.reached:
                process.terminate()
                break
        else:
            if process.wait():
                raise SystemExit(f"{name} ended with status {process.returncode}")
    return course


def answers(lines: Iterable[str]) -> Iterator[tuple[float, int, list[str]]]:
    """Processor time, expressions tried and equations, from the lines of `benchmarks.peer_process`.

    What a tool prints itself is skipped.
    """
    for line in lines:
        if line.startswith('{"cpu"'):
            read = json.loads(line)
            yield read["cpu"], read["tried"], read["equations"]


def posed(peer: Peer, judge: Judge, seed: int, seconds: float) -> dict[str, Any]:
    """The problem as `benchmarks.peer_process` reads it: training samples of the region."""
    train = judge.usable & judge.samples.parts["train"]
    known = {**judge.samples.variables, **judge.samples.inputs}
    columns = [known[name][train] / (1.0 if name in "abc" else UNIT) for name in peer.inputs]
    return {
        "names": peer.inputs,
        "X": np.column_stack(columns).tolist(),
        "X_units": [[1.0]] * len(peer.inputs),
        "y": (judge.target.values[train] - math.log(UNIT)).tolist(),
        "y_units": [1.0],
        "seed": seed,
        "seconds": seconds,
        "settings": peer.settings,
    }


def readable(text: str, peer: Peer, judge: Judge) -> Expression | None:
    """An equation of another tool as log T_chi over the bare parameters; None if it has no values.

    gplearn's, which is known up to scale and offset, gets them by least squares.
    """
    try:
        inner = guarded(parse(text, "equation", peer.program))
    except InputError:
        return None
    unit = Number(UNIT)
    inner = substitute(
        inner, {name: Apply("div", (Name(name), unit)) for name in peer.inputs if name not in "abc"}
    )
    inner = in_variables(inner, judge.samples)
    if peer.program == "physo":
        energy = Apply("mul", (unit, Apply("abs", (inner,))))
        return Apply("log", (energy,))
    values = values_of(inner, judge.samples.variables)
    train = judge.usable & judge.samples.parts["train"]
    if not np.isfinite(values[train]).all() or not np.ptp(values[train]) > 0:
        return None
    line = fit_affine(values[train], judge.target.values[train])
    product = Apply("mul", (Number(float(line.slope)), inner))
    return Apply("add", (product, Number(float(line.offset))))


def guarded(expression: Expression) -> Expression:
    """The expression with log and square root of absolute values, as both tools take them."""
    match expression:
        case Apply("log", (argument,)):
            return Apply("log", (Apply("abs", (guarded(argument),)),))
        case Apply("pow", (argument, Number(0.5) as half)):
            return Apply("pow", (Apply("abs", (guarded(argument),)), half))
        case Apply(function, arguments):
            return Apply(function, tuple(guarded(each) for each in arguments))
    return expression
