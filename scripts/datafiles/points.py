"""Parameter sets that the user brings: a CSV with a header, or a netCDF of the pipeline."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from datafiles.contract import PARAMETERS
from datafiles.errors import InputError
from datafiles.netcdf import read_dataset

DEFAULTS = {"B": 0.0}  # columns that a CSV may leave out


def read_points(path: Path) -> dict[str, np.ndarray]:
    """Read parameter sets.

    Args:
        path: CSV with columns U, Gamma, eps_d, T and optionally B, in any order, in units of D;
            or a netCDF file with variables of these names.

    Returns:
        Arrays (n,), float64, in the order of `PARAMETERS`.

    Raises:
        InputError: Names the first unusable file, column, or line and value.
    """
    if path.suffix == ".nc":
        dataset = read_dataset(path)
        for name in PARAMETERS:
            if name not in dataset or dataset[name].dims != ("sample",):
                raise InputError(path, name, None, "a variable with dimensions ('sample',)")
        return {name: dataset[name].to_numpy().astype(np.float64) for name in PARAMETERS}
    rows = _read_rows(path)
    return {name: np.array([row[name] for row in rows]) for name in PARAMETERS}


def _read_rows(path: Path) -> list[dict[str, float]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle, skipinitialspace=True)
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
    numbers = dict(DEFAULTS)
    for name, text in row.items():
        try:
            numbers[name] = float(text)
        except (TypeError, ValueError):
            numbers[name] = math.nan
        if not math.isfinite(numbers[name]):
            raise InputError(path, f"{name} in line {line}", text, "a finite number")
    return numbers
