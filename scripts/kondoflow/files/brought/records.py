"""Spectra in JSON: a list of records, or a record in each line (`.jsonl`, `.ndjson`).

A record is a sample: its numbers, texts and true-or-false values are properties, its lists are
spectra and grids. Lists within one level of a record (`{"params": {"T": 4}}`) count as its own. A
list that is the same in all records is one for all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.files.text import read_text

JSON = (".json", ".jsonl", ".ndjson")
LEAST = 1  # records


def read_records(path: Path, encoding: str | None = None) -> xr.Dataset:
    """A data set with the dimension `sample` from records.

    Raises:
        InputError: If a line is no record, or a record lacks a list, or a list holds no numbers.
    """
    records = _records(read_text(path, encoding=encoding), path)
    names = list(dict.fromkeys(name for record in records for name in record))
    return xr.Dataset({name: _variable(name, records, path) for name in names})


def _records(text: str, path: Path) -> list[dict[str, Any]]:
    if path.suffix.lower() == ".json":
        found = _parsed(text, path, "content")
        parsed = [
            ("record", k, each)
            for k, each in enumerate(found if isinstance(found, list) else [found])
        ]
    else:
        lines = [(k, line) for k, line in enumerate(text.splitlines(), 1) if line.strip()]
        parsed = [("line", k, _parsed(line, path, f"line {k}")) for k, line in lines]
    for kind, k, record in parsed:
        if not isinstance(record, dict):
            allowed = "a record of names and values, one for each sample"
            raise InputError(path, f"{kind} {k}", str(record)[:50], allowed)
    if len(parsed) < LEAST:
        raise InputError(path, "number of records", 0, "at least one")
    return [_flat(record) for _, _, record in parsed]


def _parsed(text: str, path: Path, key: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(path, key, text[:50], f"JSON; {reason}") from error


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """A record with what stands in records within it, one level deep."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= {
                f"{name}_{inner}" if inner in found else inner: x for inner, x in value.items()
            }
        else:
            found[name] = value
    return found


def _variable(name: str, records: list[dict[str, Any]], path: Path) -> xr.Variable:
    values = [record.get(name) for record in records]
    lists = [isinstance(value, list) for value in values]
    if not any(lists):
        kinds = {type(value) for value in values if value is not None}
        if kinds <= {bool}:
            kept = np.array([bool(value) for value in values]) if None not in values else None
            return xr.Variable("sample", _numbers(name, values, path) if kept is None else kept)
        if kinds <= {int, float, bool}:
            return xr.Variable("sample", _numbers(name, values, path))
        return xr.Variable("sample", ["" if value is None else str(value) for value in values])
    if not all(lists):
        allowed = "a list of numbers, as in the other records"
        raise InputError(path, f"{name} of record {lists.index(False)}", None, allowed)
    rows = [_numbers(name, value or [], path) for value in values]
    longest = max(map(len, rows))
    filled = np.full((len(rows), longest), np.nan)
    for k, row in enumerate(rows):
        filled[k, : len(row)] = row
    dim = f"point_{longest}"
    same = len(rows) > 1 and all(np.array_equal(row, rows[0]) for row in rows)
    return xr.Variable(dim, rows[0]) if same else xr.Variable(("sample", dim), filled)


def _numbers(name: str, values: list[Any], path: Path) -> np.ndarray:
    """Numbers, with NaN for null."""
    for value in values:
        if value is not None and not isinstance(value, int | float):
            raise InputError(path, name, str(value)[:50], "numbers")
    try:
        return np.array([np.nan if value is None else value for value in values], np.float64)
    except OverflowError:
        raise InputError(path, name, "a number of over 300 digits", "numbers") from None
