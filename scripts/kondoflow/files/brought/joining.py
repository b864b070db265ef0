"""Properties in a second table, in a row for each spectrum.

Rows belong together by a column of the table that names the spectra: it has the name of a column or
variable of the spectra that tells each of them apart, or else holds the same texts. A column that
is called sample, spectrum or index may also number the spectra, from 0 or from 1. Where the spectra
are numbered too, and one side counts from 0 and the other from 1, this is told. Where there is no
such column rows belong together by their order, which is told, and there have to be as many. What
both sides hold under one name has to agree, numbers but for their rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from kondoflow.files.brought.names import number_in, plain_name
from kondoflow.files.brought.tables import Table, properties_of
from kondoflow.files.errors import InputError

NAMES = ("sample", "name", "spectrum")  # of a column that holds the heads of columns of spectra
NUMBERS = ("sample", "spectrum", "index")  # of a column that numbers the spectra
DIGITS = 12  # significant ones that two numbers share if they are one
EXACT = 2**53  # up to which a float holds each integer
ROUNDED = 1e-3  # of the range of a quantity: by which a rounded value may differ


class Known(NamedTuple):
    """What is known of each spectrum.

    Attributes:
        columns: Cells in the order of the spectra, by name.
        heads: Heads of their columns where spectra are columns, else nothing.
    """

    columns: Mapping[str, list[str]]
    heads: list[str]


def joined(
    dataset: xr.Dataset,
    known: Known,
    properties: Table,
    sources: tuple[Path, Path],
    remarks: list[str],
) -> tuple[xr.Dataset, list[str]]:
    """Add the properties of a second table to spectra.

    Args:
        dataset: The spectra.
        known: What is known of each spectrum, see `of_table` and `of_arrays`.
        properties: The second table.
        sources: Files of both, named in errors.
        remarks: Liberties taken so far, to which others are added.

    Returns:
        The data set, and names of columns that hold no numbers.

    Raises:
        InputError: If the rows of the tables do not belong together.
    """
    n_samples, header, columns = dataset.sizes["sample"], properties.header, properties.columns
    column, order = _order(known, properties, n_samples, sources)
    if column is not None:
        remarks.append(_joined_by(header[column], columns[column], known, order, sources))
        columns = columns.iloc[order]
    elif len(columns) != n_samples:
        allowed = f"{n_samples}, a row for each spectrum of {sources[0].name}"
        raise InputError(sources[1], "number of rows", len(columns), allowed)
    else:
        remarks.append(
            f"rows of {sources[1].name} are joined by their order, as no column names the spectra"
        )
    _check_agreement(known, Table(header, columns), column, sources)
    kept = [k for k, name in enumerate(header) if k != column and key_of(name) not in known.columns]
    own = Table([header[k] for k in kept], columns.iloc[:, kept])
    found, left_out = properties_of(own, sources[1])
    return dataset.assign(found), left_out


def _joined_by(
    name: str, cells: pd.Series, known: Known, order: np.ndarray, sources: tuple[Path, Path]
) -> str:
    """By which column rows are joined, and where both sides count from different numbers."""
    words = f"rows of {sources[1].name} are joined by the column {name!r}"
    own, first = known.columns.get(key_of(name), []), texts(cells.iloc[order[:1]])
    if not own or own[:1] == first:
        return words
    return f"{words}, which counts from {first[0]} where {sources[0].name} counts from {own[0]}"


def of_table(dataset: xr.Dataset, spectra: Table) -> Known:
    """What a table says of each of its spectra: its columns, or the heads of their columns.

    Args:
        dataset: The spectra that were read from it, (sample, omega).
        spectra: The table.

    Returns:
        Texts, (sample,), by the name of the column.
    """
    if "name_of_spectrum" in dataset.coords:
        return Known({}, texts(dataset["name_of_spectrum"].to_numpy()))
    header, columns = spectra.header, spectra.columns
    own = {name: columns[k] for k, name in enumerate(header) if number_in(name) is None}
    return Known({key_of(name): texts(column) for name, column in own.items()}, [])


def of_arrays(dataset: xr.Dataset) -> Known:
    """What variables and coordinates (sample,) say of each spectrum: texts, (sample,)."""
    own = {
        key_of(str(name)): texts(variable.to_numpy())
        for name, variable in dataset.variables.items()
        if variable.dims == ("sample",) and variable.dtype.kind in "fiubUSO"
    }
    return Known(own, [])


def key_of(name: str) -> str:
    """A name without its unit, in small letters."""
    return plain_name(name).name.lower()


def texts(cells: Iterable[Any]) -> list[str]:
    """Cells as texts that are equal where the cells mean the same: 7, 7.0 and 007."""
    return [_text(cell.decode() if isinstance(cell, bytes) else str(cell)) for cell in cells]


def _text(cell: str) -> str:
    try:
        return str(int(cell))  # with all digits, which a date and time in one number needs
    except ValueError:
        pass
    try:
        number = float(cell)
    except ValueError:
        return cell.strip()
    is_exact = number.is_integer() and abs(number) < EXACT
    return str(int(number)) if is_exact else f"{number:.{DIGITS}g}"


def _order(
    known: Known, properties: Table, n_samples: int, sources: tuple[Path, Path]
) -> tuple[int | None, np.ndarray]:
    """The column of properties by which rows are joined, and the row of each spectrum."""
    header, columns = properties.header, properties.columns
    told = {key: each for key, each in known.columns.items() if len(set(each)) == n_samples}
    told |= dict.fromkeys(NAMES, known.heads) if known.heads else {}
    shared = [(k, told[key_of(name)]) for k, name in enumerate(header) if key_of(name) in told]
    # Numbers with the values of another quantity may be there by chance, texts and heads may not.
    alike = [
        (k, cells)
        for cells in told.values()
        for k in range(len(header))
        if (known.heads or columns[k].dtype.kind not in "fiub")
        and sorted(texts(columns[k])) == sorted(cells)
    ]
    counts = [texts(range(first, first + n_samples)) for first in (0, 1)]
    numbers = [
        (k, count)
        for k, name in enumerate(header)
        for count in counts
        if key_of(name) in NUMBERS
        and len(columns) == n_samples
        and all(cells in counts for _, cells in shared)
    ]
    for k, cells in (*shared, *alike, *numbers):
        order = _places(columns[k], cells)
        if (order >= 0).all():
            return k, order
    named = [(k, cells) for k, cells in shared if not _is_measured(cells)]
    if named:
        k, cells = named[0]
        missing = cells[int(np.argmax(_places(columns[k], cells) < 0))]
        allowed = f"a column that holds each {header[k]} of {sources[0].name} exactly once"
        raise InputError(sources[1], f"column {header[k]}", f"{missing} not exactly once", allowed)
    return None, np.arange(len(columns))


def _places(column: pd.Series, cells: list[str]) -> np.ndarray:
    """The row that holds each cell, -1 for all if a cell stands in two rows."""
    place = pd.Index(texts(column))
    return place.get_indexer(cells) if place.is_unique else np.full(len(cells), -1)


def _is_measured(cells: list[str]) -> bool:
    """Whether cells are numbers with fractions, which may be rounded elsewhere and name nothing."""
    values = _numbers(cells)
    return values is not None and bool((values != np.round(values))[np.isfinite(values)].any())


def _numbers(cells: list[str]) -> np.ndarray | None:
    try:
        return np.array(cells, np.float64)
    except ValueError:
        return None


def _check_agreement(
    known: Known, properties: Table, joined_by: int | None, sources: tuple[Path, Path]
) -> None:
    """Refuse properties that the spectra have under the same name with other values."""
    for k, name in enumerate(properties.header):
        cells = known.columns.get(key_of(name)) if k != joined_by else None
        own = texts(properties.columns.iloc[:, k])
        if cells is not None and (apart := _apart(cells, own)).any():
            row = int(np.argmax(apart))
            allowed = (
                f"the {name} of {sources[0].name}, which is {cells[row]} for spectrum {row}: "
                "rows in the order of the spectra, or another name"
            )
            raise InputError(sources[1], f"column {name}", own[row], allowed)


def _apart(cells: list[str], others: list[str]) -> np.ndarray:
    """Where two columns differ by more than the rounding of their numbers."""
    values, own = _numbers(cells), _numbers(others)
    if values is None or own is None:
        return np.array(cells) != np.array(others)
    known = values[np.isfinite(values)]
    allowed = ROUNDED * float(np.ptp(known)) if known.size else 0.0
    same = (values == own) | (np.isnan(values) & np.isnan(own))
    with np.errstate(invalid="ignore"):
        return ~(same | (np.abs(values - own) <= allowed))
