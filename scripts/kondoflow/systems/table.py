"""The user's table of parameter sets, read with the standard library alone.

A configuration is checked and jobs are counted in environments without numerical libraries.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path

from kondoflow.files.errors import InputError
from kondoflow.files.text import read_text
from kondoflow.systems.interface import Parameter

BEYOND = ""  # key of the values beyond the last column


def read_table(path: Path, parameters: Mapping[str, Parameter]) -> list[dict[str, float]]:
    """Read a CSV with a column for each parameter, in any order.

    Args:
        path: The file.
        parameters: The parameters; a column may be missing where there is a default.

    Returns:
        For each line a mapping of every parameter's name to a finite number; of optional ones only
        those that have a column.

    Raises:
        InputError: Names the first unusable file, column, or line and value.
    """
    text = io.StringIO(read_text(path), newline="")
    try:
        reader = csv.DictReader(text, restkey=BEYOND, skipinitialspace=True)
        columns = [column.strip() for column in reader.fieldnames or []]
        reader.fieldnames = columns
        lines = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError(path, "content", str(error), "a readable CSV file") from error
    unused = [name for name, each in parameters.items() if each.optional and name not in columns]
    parameters = {name: each for name, each in parameters.items() if name not in unused}
    defaults = {name: each.default for name, each in parameters.items() if each.default is not None}
    missing = [name for name in parameters if name not in columns and name not in defaults]
    unknown = [column for column in columns if column not in parameters]
    if missing or unknown or len(set(columns)) < len(columns):
        optional = f" ({', '.join(defaults)} may be left out)" if defaults else ""
        further = f", and {', '.join(unused)} where samples have it" if unused else ""
        raise InputError(path, "columns", columns, f"{', '.join(parameters)}{optional}{further}")
    if not lines:
        raise InputError(path, "rows", 0, "at least one line below the header")
    return [_numbers(path, line, row, defaults) for line, row in lines]


def _numbers(
    path: Path, line: int, row: dict[str, str], defaults: Mapping[str, float]
) -> dict[str, float]:
    if BEYOND in row:
        raise InputError(path, f"line {line}", row[BEYOND], "as many values as there are columns")
    numbers = dict(defaults)
    for name, text in row.items():
        try:
            # Python reads 1_0 as 10, and digits of any script.
            numbers[name] = float(text) if text.isascii() and "_" not in text else math.nan
        except (AttributeError, ValueError):
            numbers[name] = math.nan
        if not math.isfinite(numbers[name]):
            raise InputError(path, f"{name} in line {line}", text, "a finite number")
    return numbers
