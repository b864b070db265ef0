"""Symbolic regression by PySR (Cranmer 2023), which runs SymbolicRegression.jl in Julia.

`import pysr` starts Julia, and installs it and its packages if need be. This module therefore
imports it inside functions only. Settings of an existing Julia (`PYTHON_JULIACALL_*`,
`PYTHON_JULIAPKG_*`) are left as they are. Searches run in Julia's serial mode, the only
deterministic mode; parallelism comes from several searches. They run in single precision, for
which alone PySR has Julia compile ahead; constants are refitted in double precision afterwards.

Where inputs have dimensions, equations that break them are kept out: a target known up to a
monotone map is searched in the map that the unit fixes (`engines.gauged`), which leaves numbers
alone as inputs; one with a scale is searched under PySR's own penalty on dimensions. To PySR every
constant may have a unit, so that some of its equations are still left out afterwards.

Equations are read from `hall_of_fame.csv`, never from the pickle beside it.
"""

from __future__ import annotations

import csv
import logging
import os
import sys
import time
import unicodedata
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from kondoflow.discovery.engines.gauged import gauged
from kondoflow.discovery.engines.interface import (
    EngineUnavailableError,
    SearchProblem,
    SearchResult,
)
from kondoflow.discovery.engines.julia import (
    one_thread,
    output_in,
    said_in,
    words_of,
    wrong_setting,
)
from kondoflow.discovery.engines.pysr_arguments import (
    accepted_keywords,
    check_keywords,
    keywords,
    units,
)
from kondoflow.discovery.engines.reciprocals import offer_reciprocals
from kondoflow.files.errors import InputError
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.printing import to_text
from kondoflow.formulas.trees import Name, names_in, substitute

logger = logging.getLogger("kondoflow")

FILE = "hall_of_fame.csv"
PREPARATION = "preparation"  # label of what precedes the searches


@dataclass(frozen=True)
class PySR:
    """The engine; see the module.

    Attributes:
        workspace: Folder in which each search leaves its files, one folder for each search.
    """

    workspace: Path
    name: str = "pysr"

    def prepare(self) -> dict[str, str]:
        """Start Julia once, so that it and its packages are installed before searches need them.

        Raises:
            EngineUnavailableError: If PySR is missing or of an unknown kind, or Julia can't be
                had.
        """
        check_keywords(accepted_keywords())
        mistake = wrong_setting(os.environ)
        if mistake is not None:
            raise EngineUnavailableError(mistake)
        self._start(PREPARATION)
        return {name: version(name) for name in ("pysr", "juliacall")}

    def search(self, problem: SearchProblem) -> SearchResult:
        """Search once.

        Raises:
            EngineUnavailableError: If PySR or Julia fails and has found nothing.
        """
        given, posed = problem, gauged(problem)
        problem = offer_reciprocals(posed.problem if posed else problem)
        self._start(problem.label)
        from pysr import PySRRegressor

        started = time.monotonic()
        output = self._output(problem.label)
        try:
            with output_in(output):
                regressor = PySRRegressor(**keywords(problem, self.workspace))
                regressor.fit(problem.X, problem.y, **units(problem))
        except Exception as error:  # errors of Julia are of no common kind
            found = self.remains(given)
            if found is None:
                raise EngineUnavailableError(words_of(error, output)) from error
            logger.warning("%s failed; its equations are kept", problem.label, exc_info=error)
            return found
        timed_out = time.monotonic() - started >= problem.settings.seconds
        equations = read_hall_of_fame(self.workspace / problem.label / FILE, problem.names)
        return SearchResult(tuple(posed.restored(equations) if posed else equations), timed_out)

    def remains(self, problem: SearchProblem) -> SearchResult | None:
        """The equations in the table of a search that did not end by itself."""
        posed = gauged(problem)
        names = offer_reciprocals(posed.problem if posed else problem).names
        try:
            found = read_hall_of_fame(self.workspace / problem.label / FILE, names)
        except (EngineUnavailableError, OSError, UnicodeDecodeError, csv.Error):
            return None
        if posed:
            found = posed.restored(found)
        return SearchResult(tuple(found), timed_out=True) if found else None

    def last_words(self, label: str) -> str:
        """Julia's last error in the output of a search, or else of the preparation."""
        return said_in(self._output(label)) or said_in(self._output(PREPARATION))

    def _output(self, label: str) -> Path:
        return self.workspace / f"{label}.log"

    def _start(self, label: str) -> None:
        """Start Julia in this process, if it is not there yet."""
        if "pysr" in sys.modules:
            return
        one_thread()
        output = self._output(label)
        try:
            with output_in(output), warnings.catch_warnings():
                # PySR prefers all cores, which here belong to other searches.
                warnings.filterwarnings("ignore", "PYTHON_JULIACALL_THREADS")
                import pysr  # noqa: F401
        except Exception as error:
            # PySR and its installer raise whatever went wrong: URLError, Exception, JuliaError.
            raise EngineUnavailableError(words_of(error, output)) from error


def read_hall_of_fame(path: Path, names: tuple[str, ...]) -> list[str]:
    """Equations of a search, in the inputs' own names.

    Args:
        path: PySR's table with columns Complexity, Loss, Equation over x0, x1, ...
        names: Names of the inputs in the order of their columns.

    Raises:
        EngineUnavailableError: If there is no table, or not of this form.
    """
    inputs = {f"x{index}": Name(name) for index, name in enumerate(names)}
    if not path.is_file():
        raise EngineUnavailableError(f"PySR left no {path.name}")
    equations = []
    with path.open(encoding="utf-8", newline="") as handle:
        table = csv.DictReader(handle)
        if "Equation" not in (table.fieldnames or ()):
            columns = table.fieldnames
            raise EngineUnavailableError(f"{path.name} has no column Equation but {columns}")
        for row in table:
            # Some versions write x0 with a subscript digit.
            text = unicodedata.normalize("NFKC", row["Equation"])
            try:
                found = parse(text, "Equation", path)
            except InputError:  # such as one with an imaginary constant; there are other rows
                continue
            if names_in(found) <= set(inputs):  # no Inf or NaN
                equations.append(to_text(substitute(found, inputs)))
    return equations
