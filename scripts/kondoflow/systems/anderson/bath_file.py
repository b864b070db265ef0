"""The user's table of a hybridisation, and what it means for an ensemble, without numpy.

The table is a CSV with the columns `omega` and `Delta`: frequencies relative to the Fermi energy,
and -Im Delta(omega + i0) there, which is not negative. Between its rows the function is linear;
beyond the first and the last it vanishes. Both columns are energies in the user's unit, and
`half_bandwidth` is D in this unit.

A configuration is checked in environments without numerical libraries, hence the standard library.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from kondoflow.files.contract import Variable
from kondoflow.files.errors import InputError
from kondoflow.systems.meaning import Meaning, Settings, Stored

COLUMNS = ("omega", "Delta")
LOWEST_T = 0.01  # in units of the distance from the Fermi energy to the next state of the bath


@dataclass(frozen=True)
class BathTable:
    """A hybridisation in units of D.

    Attributes:
        omega: Ascending frequencies.
        Delta: -Im Delta there.
    """

    omega: tuple[float, ...]
    Delta: tuple[float, ...]

    @property
    def strength(self) -> float:
        """Gamma of the flat band of the same weight: the mean of Delta over -D .. D."""
        return self.weight / 2

    @property
    def weight(self) -> float:
        """The integral of Delta, pi times the square of the hybridisation amplitude."""
        areas = (
            (b - a) * (f + g) / 2
            for (a, b), (f, g) in zip(pairwise(self.omega), pairwise(self.Delta), strict=True)
        )
        return math.fsum(areas)

    @property
    def gap(self) -> float:
        """Distance from the Fermi energy to the next frequency where Delta does not vanish."""
        lowest = math.inf
        for k, value in enumerate(self.Delta):
            if value > 0:
                for nearest in self.omega[max(k - 1, 0) : k + 2]:
                    if nearest * self.omega[k] <= 0:
                        return 0.0
                    lowest = min(lowest, abs(nearest))
        return lowest

    @property
    def digest(self) -> str:
        """SHA-256 of its numbers."""
        return hashlib.sha256(json.dumps([self.omega, self.Delta]).encode()).hexdigest()


def read_bath(path: Path, half_bandwidth: float = 1.0) -> BathTable:
    """Read a table of a hybridisation.

    Args:
        path: CSV with the columns `omega` and `Delta`.
        half_bandwidth: D in the unit of the file.

    Raises:
        InputError: If the file can't be read or has other columns; if a value is not a finite
            number or is negative; if frequencies don't increase or lie beyond -D .. D; if Delta
            vanishes everywhere.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(path, "content", str(error), "a readable CSV file") from error
    return _parsed(path, text, half_bandwidth)


@lru_cache(maxsize=16)
def _parsed(path: Path, text: bytes, half_bandwidth: float) -> BathTable:
    omega: list[float] = []
    Delta: list[float] = []
    for line, row in _rows(path, text):
        for name, found in zip(COLUMNS, (omega, Delta), strict=True):
            value = _number(row[name]) / half_bandwidth
            if not math.isfinite(value):
                raise InputError(path, f"{name} in line {line}", row[name], "a finite number")
            found.append(value)
        if Delta[-1] < 0:
            allowed = "not negative: the column holds -Im Delta(omega + i0)"
            raise InputError(path, f"Delta in line {line}", row["Delta"], allowed)
        if len(omega) > 1 and not omega[-1] > omega[-2]:
            allowed = "above the frequency of the line before"
            raise InputError(path, f"omega in line {line}", row["omega"], allowed)
        if abs(omega[-1]) > 1 + 1e-12:
            allowed = (
                f"within -{half_bandwidth:g} .. {half_bandwidth:g}; half_bandwidth of the bath is "
                "D in the unit of the file"
            )
            raise InputError(path, f"omega in line {line}", row["omega"], allowed)
    if len(omega) < 2:
        raise InputError(path, "rows", len(omega), "at least two lines below the header")
    table = BathTable(tuple(omega), tuple(Delta))
    if not table.weight > 0:
        raise InputError(path, "integral of Delta", table.weight, "above 0")
    return table


def _rows(path: Path, text: bytes) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        lines = text.decode("utf-8-sig").splitlines()
        reader = csv.DictReader(lines, restkey="", skipinitialspace=True)
        columns = [column.strip() for column in reader.fieldnames or []]
        reader.fieldnames = columns
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(path, "content", str(error), "a readable CSV file") from error
    if sorted(columns) != sorted(COLUMNS):
        raise InputError(path, "columns", columns, ", ".join(COLUMNS))
    for line, row in rows:
        if "" in row:
            raise InputError(path, f"line {line}", row[""], "as many values as there are columns")
    return rows


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan


def table_of(solver: Settings) -> BathTable | None:
    """The table that the settings of a solver name, if they name any.

    Raises:
        InputError: If the file can't be used.
    """
    bath = solver.get("bath", "flat")
    if isinstance(bath, str) or "file" not in bath:
        return None
    return read_bath(Path(bath["file"]), float(bath.get("half_bandwidth", 1.0)))


class OfBath(Meaning):
    """What the setting `bath` means for the parameters of an ensemble and for its file."""

    of_points = ("bath",)

    def files(self, solver: Settings) -> tuple[str, ...]:
        """The table, if the bath is one."""
        bath = solver.get("bath", "flat")
        return () if isinstance(bath, str) or "file" not in bath else (bath["file"],)

    def content(self, solver: Settings) -> Settings:
        """The settings with the digest of a table in place of its name."""
        table = table_of(solver)
        return solver if table is None else {**solver, "bath": {"digest": table.digest}}

    def defaults(self, solver: Settings) -> Mapping[str, Callable[[], float]]:
        """Gamma, if the bath is a table."""
        if not self.files(solver):
            return {}

        def strength() -> float:
            table = table_of(solver)
            assert table is not None
            return table.strength

        return {"Gamma": strength}

    def check_box(self, axes: Mapping[str, Any], solver: Settings, key: str) -> None:
        """Hold the corners of an ensemble's box against the bath, see `check_points`."""
        _check_names(axes, solver, key)
        if table_of(solver) is None:
            return
        U, positions, B, T = (_ends(axes[name]) for name in ("U", "eps_d_over_U", "B", "T"))
        corners = [(u * position, b) for u, position, b in product(U, positions, B)]
        eps_d, fields = zip(*corners, strict=True)
        self.check_points({"eps_d": eps_d, "B": fields, "T": T}, solver, key)

    def check_points(
        self, points: Mapping[str, Iterable[Any]], solver: Settings, source: object
    ) -> None:
        """Hold parameter sets against the bath.

        Raises:
            InputError: If there are exponents of samples beside a bath of all; if a level lies
                beyond the table, or T far below its gap at the Fermi energy.
        """
        _check_names(points, solver, source)
        table = table_of(solver)
        if table is None:
            return
        name = solver["bath"]["file"]
        low, high = table.omega[0], table.omega[-1]
        for eps_d, B in zip(points["eps_d"], points["B"], strict=True):
            if not low <= eps_d - abs(B) / 2 <= eps_d + abs(B) / 2 <= high:
                allowed = f"within the frequencies of {name}, {low:g} .. {high:g}, in both spins"
                raise InputError(source, "eps_d", float(eps_d), allowed)
        coldest, least = min(map(float, points["T"])), LOWEST_T * table.gap
        if coldest < least:
            allowed = (
                f"at least {least:.3g}, a hundredth of the gap of {name} at the Fermi energy, "
                "where its chain ends"
            )
            raise InputError(source, "T", coldest, allowed)

    def stored(self, solver: Settings, names: Collection[str]) -> Stored:
        """The table as variables, and the attribute `bath` in words."""
        bath, table = solver.get("bath", "flat"), table_of(solver)
        if table is None:
            if "r" in names:
                return {}, {"bath": "abs(omega)**r, r of each sample"}
            return {}, {
                "bath": bath if isinstance(bath, str) else f"abs(omega)**{bath['exponent']}"
            }
        file = Path(bath["file"]).name
        words = f"table bath_omega, bath_Delta, from {file}, sha256 {table.digest}"
        columns = {
            "bath_omega": (_column("frequencies of the bath's table"), table.omega),
            "bath_Delta": (_column("-Im Delta at bath_omega in the table"), table.Delta),
        }
        return columns, {"bath": words}


def _column(long_name: str) -> Variable:
    return Variable(("bath",), "float64", "D", long_name)


def _check_names(names: Iterable[str], solver: Settings, source: object) -> None:
    if "r" in names and solver.get("bath", "flat") != "flat":
        allowed = "left out, as the solver's settings name the bath of all samples"
        raise InputError(source, "r", "an exponent of each sample", allowed)


def _ends(axis: Any) -> tuple[float, ...]:
    return tuple(map(float, axis["range"])) if isinstance(axis, Mapping) else (float(axis),)
