"""The user's table of a hybridisation, read without numpy.

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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from kondoflow.files.errors import InputError
from kondoflow.files.text import read_text

COLUMNS = ("omega", "Delta")


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
        try:
            return math.fsum(areas)
        except OverflowError:
            return math.inf

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
    return _parsed(path, read_text(path), half_bandwidth)


@lru_cache(maxsize=16)
def _parsed(path: Path, text: str, half_bandwidth: float) -> BathTable:
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
    if not 0 < table.weight < math.inf:
        raise InputError(path, "integral of Delta", table.weight, "above 0 and finite")
    return table


def _rows(path: Path, text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    lines = text.splitlines()
    try:
        reader = csv.DictReader(lines, restkey="", skipinitialspace=True)
        columns = [column.strip() for column in reader.fieldnames or []]
        reader.fieldnames = columns
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(path, "content", str(error), "a readable CSV file") from error
    if sorted(columns) != sorted(COLUMNS):
        allowed = f"{', '.join(COLUMNS)}, in the first line and with a comma between them"
        raise InputError(path, "columns", columns, allowed)
    for line, row in rows:
        if "" in row:
            raise InputError(path, f"line {line}", row[""], "as many values as there are columns")
    return rows


def _number(text: Any) -> float:
    try:
        return math.nan if "_" in text else float(text)  # Python reads 1_0 as 10
    except (TypeError, ValueError):
        return math.nan
