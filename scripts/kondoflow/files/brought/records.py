"""Spectra in JSON: a list of records, or a record in each line (`.jsonl`, `.ndjson`).

A record is a sample: its numbers, texts and true-or-false values are properties, its lists are
spectra and grids. Entries within one level of a record (`{"params": {"T": 4}}`) count as its own;
where two have the same name in one record or in different ones, they are `params_T` and `T`. A grid
that is the same in all records is one for all.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.brought.dimensions import AXIS, SPECTRA, UNCERTAINTY
from kondoflow.files.brought.finding import find_variable
from kondoflow.files.brought.names import listed
from kondoflow.files.errors import InputError
from kondoflow.files.text import read_text

JSON = (".json", ".jsonl", ".ndjson")
Entry = tuple[str, ...]  # name of an entry, or of a record and an entry within it


def read_records(path: Path, ensemble: Mapping[str, Any]) -> xr.Dataset:
    """A data set with the dimension `sample` from records.

    Args:
        path: The file.
        ensemble: Keys `spectra`, `axis`, `uncertainty` and `encoding` of the configuration.

    Raises:
        InputError: If a line is no record, or a record lacks a list, or a list holds no numbers, or
            two entries have the same name.
    """
    text = read_text(path, encoding=ensemble.get("encoding"))
    records = [_flat(record) for record in _records(text, path)]
    names = _names(list(dict.fromkeys(entry for record in records for entry in record)), path)
    values = {name: [record.get(entry) for record in records] for entry, name in names.items()}
    axis = find_variable(ensemble.get("axis") or AXIS, values)
    given = [*listed(ensemble.get("spectra") or SPECTRA), *listed(ensemble.get(UNCERTAINTY))]
    of_samples = {find_variable(name, values) for name in given}
    # Without a grid that is known by its name, what is the same in all records may be it.
    grids = set(values) - of_samples if axis is None else {axis}
    return xr.Dataset(
        {name: _variable(name, column, path, name in grids) for name, column in values.items()}
    )


def _names(entries: Sequence[Entry], path: Path) -> dict[Entry, str]:
    """Short names of entries, the same in all records; with the outer name where two share one."""
    n_called = Counter(entry[-1] for entry in entries)
    names = {entry: entry[-1] if n_called[entry[-1]] == 1 else "_".join(entry) for entry in entries}
    for name, n in Counter(names.values()).items():
        if n > 1:
            wanted = [".".join(entry) for entry, each in names.items() if each == name]
            allowed = f"a name of one entry; it may mean {' and '.join(wanted)}"
            raise InputError(path, "name", name, allowed)
    return names


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
    if not parsed:
        raise InputError(path, "number of records", 0, "at least one")
    return [record for _, _, record in parsed]


def _parsed(text: str, path: Path, key: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(path, key, text[:50], f"JSON; {reason}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A record, of which the library would keep the last of two entries with the same name."""
    for name, n in Counter(name for name, _ in pairs).items():
        if n > 1:
            raise ValueError(f"{name!r} stands {n} times in a record")
    return dict(pairs)


def _flat(record: dict[str, Any]) -> dict[Entry, Any]:
    """A record with what stands in records within it, one level deep."""
    found: dict[Entry, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= {(name, inner): x for inner, x in value.items()}
        else:
            found[name,] = value
    return found


def _variable(name: str, values: list[Any], path: Path, may_be_grid: bool) -> xr.Variable:
    """Values of an entry of all records; a grid that is the same in all of them is one for all."""
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
    same = may_be_grid and len(rows) > 1 and all(np.array_equal(row, rows[0]) for row in rows)
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
