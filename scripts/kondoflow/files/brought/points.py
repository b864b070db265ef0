"""Spectra point by point: a table with a row for each point, or a folder with a file for each.

Of such a table the column `axis` holds the grid and the column `spectra` the values, or several
columns as channels. Rows belong to the same spectrum if they have the same cells in all other
columns, or in those that `properties` lists. Spectra keep the order of their first rows, and points
are sorted by the grid.

In a folder each file is a table of a single spectrum. Without the keys the first of two columns is
the grid. Comments such as `# T = 4.2 K` or `# T: 4.2 K` are properties, and so are such lines
without the sign before the table (`heads`), and what stays the same in a column throughout each
file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from kondoflow.files.brought.finding import NONE
from kondoflow.files.brought.heads import numbers_in_head
from kondoflow.files.brought.names import listed, meant, number_in, plain_name
from kondoflow.files.brought.tables import Table
from kondoflow.files.errors import InputError

UNCERTAINTY = "uncertainty"
KEYS = ("axis", "spectra")
PLAIN = ("grid", "value")  # two columns whose file does not name them
WITH_ERRORS = ".xye"  # files of grid, value and standard error
FILE, NAME = "file", "file without ending"  # columns that tell files of a folder apart


def spectra_of_points(
    table: Table,
    ensemble: Mapping[str, Any],
    source: Path,
    remarks: list[str],
    apart_by: Sequence[str] = (),
) -> tuple[xr.Dataset, Table]:
    """A data set from a table with a row for each point.

    Args:
        table: The table.
        ensemble: Keys `spectra`, `axis`, `uncertainty` and `properties` of the configuration.
        source: The file, named in errors.
        remarks: Liberties taken so far, to which another may be added.
        apart_by: Columns that tell spectra apart; all or those of `properties` if empty.

    Returns:
        Spectra (sample, point) and grid (point), or (sample, point) where grids differ, under the
        names of their columns; and a table of what is the same throughout each spectrum, a row for
        each of them.

    Raises:
        InputError: If a column is missing, or a point occurs twice in a spectrum.
    """
    header, columns = table.header, table.columns
    axis = _column(ensemble.get("axis"), "axis", header, source)
    spectra = [_column(name, "spectra", header, source) for name in listed(ensemble["spectra"])]
    spectra += _of_errors(ensemble.get(UNCERTAINTY), header, source)
    points = list(dict.fromkeys([axis, *spectra]))
    others = [k for k in range(len(header)) if k not in points]
    wanted = ensemble.get("properties")
    named = list(apart_by) or ([] if isinstance(wanted, str) else listed(wanted))
    found = [meant(name, header) for name in named]
    keys = [header.index(name) for name in found if name is not None] or others
    values = _numbers(columns, points, header, source)
    sample = _samples(columns, keys, source)
    order = np.lexsort((values[:, 0], sample))
    sample, values = sample[order], values[order]
    _check_distinct(sample, values[:, 0], header[axis], source)
    first = np.flatnonzero(np.diff(sample, prepend=-1))
    place = np.arange(len(sample)) - first[sample]
    filled = np.full((len(points), len(first), int(place.max()) + 1), np.nan)
    filled[:, sample, place] = values.T
    grid = filled[0]
    same = bool(np.isfinite(grid).all() and (grid == grid[0]).all())
    variables = {
        header[k]: _variable(header[k], ("sample", "point"), filled[points.index(k)])
        for k in spectra
    }
    along = (("point",), grid[0]) if same else (("sample", "point"), grid)
    variables[header[axis]] = _variable(header[axis], *along)
    starts = columns.iloc[order[first]]
    constant = [k for k in others if k in keys or _is_constant(columns[k], order, first[sample])]
    kept = starts[constant].set_axis(range(len(constant)), axis=1).reset_index(drop=True)
    lost = ", ".join(header[k] for k in others if k not in constant)
    if lost:
        words = "not the same throughout a spectrum, hence left out"
        remarks.append(f"{words}: {lost} (the key uncertainty names a column of errors)")
    return xr.Dataset(variables), Table([header[k] for k in constant], kept)


def read_folder(
    folder: Path,
    files: Sequence[Path],
    read: Callable[[Path], Table],
    remarks: list[str],
    endings: Sequence[str],
) -> Table:
    """The tables of a folder's files as a table, with the names of the files in two columns.

    Raises:
        InputError: If the folder has no tables, or the heads of two differ.
    """
    if not files:
        inside = ", ".join(sorted(each.name for each in folder.iterdir())[:5]) or "nothing"
        kinds = ", ".join(endings)
        allowed = f"a Zarr store, or a folder of tables ({kinds}), a file for each spectrum"
        raise InputError(folder, "content", inside, allowed)
    header: list[str] = []
    parts: list[pd.DataFrame] = []
    for path in files:
        table = _with_header(read(path))
        if len(table.header) == 3 and path.suffix.lower() == WITH_ERRORS and _unnamed(table.header):
            table = table._replace(header=[*PLAIN, UNCERTAINTY])
        header = header or table.header
        if table.header != header:
            raise InputError(path, "header", table.header, f"{header}, as in {files[0].name}")
        if parts:  # the file is named, whatever its place in the folder
            like = [name for name in header if parts[0][name].dtype.kind in "fiu"]
            _numbers(table.columns, [header.index(name) for name in like], header, path)
        told_before = numbers_in_head(table.head)
        comments = {name: each for name, each in told_before.items() if name not in header}
        told = {FILE: path.name, NAME: path.stem, **comments}
        parts.append(table.columns.set_axis(header, axis=1).assign(**told))
    together = pd.concat(parts, ignore_index=True)
    remarks.append(f"{len(files)} files are read, in the order of the numbers in their names")
    names = [str(name) for name in together.columns]
    return Table(names, together.set_axis(range(len(names)), axis=1))


def named_columns(table: Table, ensemble: Mapping[str, Any]) -> Table:
    """A table of a folder whose columns have no names, with those of the configuration."""
    n = len(PLAIN)
    if table.header[:n] != list(PLAIN):
        return table
    names = [ensemble.get(key) or name for key, name in zip(KEYS, PLAIN, strict=True)]
    is_name = all(isinstance(name, str) and name not in table.header[n:] for name in names)
    return table._replace(header=[*names, *table.header[n:]]) if is_name else table


def keys_of_folder(
    table: Table, ensemble: Mapping[str, Any], source: Path, remarks: list[str]
) -> dict[str, Any]:
    """Keys of an ensemble with the columns of a folder's files, which may have two alone.

    The third column of `.xye` is the standard error, whatever its name.
    """
    place = table.header.index(FILE)
    own = table.header[:place]
    with_errors = len(own) == 3 and table.columns[place].str.lower().str.endswith(WITH_ERRORS).all()
    keys = {key: ensemble[key] for key in KEYS if ensemble.get(key)}
    if (len(own) == 2 or with_errors) and not keys:
        keys = dict(zip(KEYS, own, strict=False))
    given = {meant(name, own) for key in KEYS for name in listed(keys.get(key))}
    if with_errors and not ensemble.get(UNCERTAINTY) and own[2] not in given:
        keys[UNCERTAINTY] = own[2]
        words = f"the third column of {WITH_ERRORS} files weighs the points, as their uncertainty"
        remarks.append(f"{words} (uncertainty: {NONE} leaves it out)")
    if not set(KEYS) <= keys.keys():
        allowed = f"given both, as columns of the files: {', '.join(own)}"
        if len(own) > 2:
            allowed += "; the key uncertainty may name a column of errors"
        raise InputError(source, "axis and spectra", list(keys.values()) or None, allowed)
    return {**ensemble, **keys}


def in_order(path: Path) -> list[Any]:
    """Key by which files are sorted: 2 stands before 10."""
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _column(name: str | None, key: str, header: list[str], source: Path) -> int:
    found = None if name is None else meant(name, header)
    if found is None:
        offered = ", ".join(header[:10])
        allowed = f"a column of a table with a row for each point, such as {offered}"
        if key == "spectra":
            allowed += "; or left out if each column is a spectrum"
        raise InputError(source, key, name, allowed)
    return header.index(found)


def _of_errors(given: Any, header: list[str], source: Path) -> list[int]:
    """Columns that hold the uncertainty of the points; without the key one that is called so."""
    if given in (None, NONE):
        return [k for k, name in enumerate(header) if name.lower() == UNCERTAINTY]
    return [_column(name, UNCERTAINTY, header, source) for name in listed(given)]


def _numbers(
    columns: pd.DataFrame, points: list[int], header: list[str], source: Path
) -> np.ndarray:
    for k in points:
        numbers = pd.to_numeric(columns[k], errors="coerce")
        wrong = numbers.isna() & columns[k].notna()
        if wrong.any():
            value = columns[k][wrong].iloc[0]
            raise InputError(source, f"column {header[k]}", value, "numbers")
    return columns[points].to_numpy(np.float64)


def _samples(columns: pd.DataFrame, keys: list[int], source: Path) -> np.ndarray:
    """The spectrum that each row belongs to, counted by their first rows."""
    if not keys:
        return np.zeros(len(columns), np.intp)
    sample = columns.groupby(keys, sort=False, dropna=False).ngroup().to_numpy(np.intp)
    if len(columns) > 1 and sample.max() + 1 == len(columns):
        allowed = "2 or more; the key properties lists columns that are constant in a spectrum, "
        allowed += "the key uncertainty names a column of errors"
        raise InputError(source, "points of each spectrum", 1, allowed)
    return sample


def _check_distinct(sample: np.ndarray, grid: np.ndarray, axis: str, source: Path) -> None:
    twice = (np.diff(sample) == 0) & (np.diff(grid) == 0)
    if twice.any():
        row = int(np.argmax(twice))
        allowed = "different at all points of a spectrum, or another column that tells two apart"
        key = f"{axis} in spectrum {sample[row]}"
        raise InputError(source, key, f"{grid[row]:g} twice", allowed)


def _is_constant(column: pd.Series, order: np.ndarray, first: np.ndarray) -> bool:
    """Whether a column is the same throughout each spectrum."""
    codes = pd.factorize(column.to_numpy()[order], use_na_sentinel=False)[0]
    return bool((codes == codes[first]).all())


def _variable(name: str, dims: tuple[str, ...], values: np.ndarray) -> xr.Variable:
    plain = plain_name(name)
    attributes = {"long_name": plain.shown, **({"units": plain.unit} if plain.unit else {})}
    return xr.Variable(dims, values, attributes)


def with_names(table: Table, names: Sequence[str] | None, source: Path) -> Table:
    """A table whose columns the configuration names, as the file does not.

    Raises:
        InputError: If the file names them, or has another number of columns.
    """
    if not names:
        return table
    headless = _with_header(table)
    if headless is table:
        allowed = f"left out, as the file names its columns: {', '.join(table.header[:10])}"
        raise InputError(source, "columns", list(names), allowed)
    if len(names) != len(headless.header):
        allowed = f"{len(headless.header)} names, one for each column"
        raise InputError(source, "columns", list(names), allowed)
    return headless._replace(header=list(names))


def _unnamed(header: list[str]) -> bool:
    return header == [f"column {k + 1}" for k in range(len(header))]


def _with_header(table: Table) -> Table:
    """A table of a file, whose first line may be numbers already."""
    numbers = [number_in(cell) for cell in table.header]
    found = [number[0] for number in numbers if number is not None]
    if len(found) < len(numbers):
        return table
    whole = pd.concat([pd.DataFrame([found]), table.columns], ignore_index=True)
    names = [f"column {k + 1}" for k in range(len(found))]
    return Table(list(PLAIN) if len(found) == len(PLAIN) else names, whole, table.head)
