"""The user's table of parameter sets, read with the standard library alone.

A configuration is checked, and jobs are counted, where no numerical library may be at hand.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

from kondoflow.files.errors import InputError
from kondoflow.systems.anderson.contract import PARAMETERS

DEFAULTS = {"B": 0.0}  # columns that a table may leave out
BEYOND = ""  # key of the values beyond the last column


def read_table(path: Path) -> list[dict[str, float]]:
    """Read a CSV with columns U, Gamma, eps_d, T and optionally B, in any order, in units of D.

    Returns:
        A mapping of every name in `PARAMETERS` to a finite number, a line.

    Raises:
        InputError: Names the first unusable file, column, or line and value.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle, restkey=BEYOND, skipinitialspace=True)
            columns = [column.strip() for column in reader.fieldnames or []]
            reader.fieldnames = columns
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(path, "content", str(error), "a readable CSV file") from error
    missing = [name for name in PARAMETERS if name not in columns and name not in DEFAULTS]
    unknown = [column for column in columns if column not in PARAMETERS]
    if missing or unknown or len(set(columns)) < len(columns):
        raise InputError(path, "columns", columns, f"{', '.join(PARAMETERS)} (B may be left out)")
    if not lines:
        raise InputError(path, "rows", 0, "at least one line below the header")
    return [_numbers(path, line, row) for line, row in lines]


def _numbers(path: Path, line: int, row: dict[str, str]) -> dict[str, float]:
    if BEYOND in row:
        raise InputError(path, f"line {line}", row[BEYOND], "as many values as there are columns")
    numbers = dict(DEFAULTS)
    for name, text in row.items():
        try:
            numbers[name] = float(text)
        except (TypeError, ValueError):
            numbers[name] = math.nan
        if not math.isfinite(numbers[name]):
            raise InputError(path, f"{name} in line {line}", text, "a finite number")
    return numbers
