"""Spectra and properties as text: one spectrum in each row, or one in each column.

The separator is that of comma, semicolon, tab, bar and white space which cuts all lines into
equally many cells. With another separator than the comma, a comma may be the decimal sign. Lines
that begin with # are left out, but for a last one before the numbers that heads their columns, as
`numpy.savetxt` writes it; so are the lines that an instrument writes before a table (`heads`). Two
layouts are read:

- a spectrum in each row: the first line holds the grid, columns with other names are properties;
- a spectrum in each column: the column that the configuration calls `axis` holds the grid. Rows
  with a name in place of a number of the grid, above the spectra, are properties. The names may
  stand in a column of their own, which is empty below, and a row of them be that of the units. Rows
  without a name may tell the spectra apart, where the first line does not.
"""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from kondoflow.files.brought.heads import length_of_head, numbers_in_head
from kondoflow.files.brought.names import are_units, meant, number_in, plain_name, with_units
from kondoflow.files.errors import InputError
from kondoflow.files.text import read_text

SEPARATORS = (",", ";", "\t", "|")
SPACES = r"\s+"
MINUS = "\N{MINUS SIGN}"  # as typesetting programs write it
LOOKED_AT = 50  # lines by which the separator is told
LEAST_POINTS = 2
MISSING = (math.nan, "")  # number and unit of a cell without content
UNITS = ("unit", "units")  # name of a row of units
SIGNS = ("=", ":")  # between a name and its value
PACKED = "##XYDATA"  # begins points of JCAMP-DX of which several stand in a line
SPLIT = "split"  # may hold the names of the parts
TAKEN = {"spectral_function": "spectra", "omega": "grid"}  # names that a property can't have


class Table(NamedTuple):
    """A table of text.

    Attributes:
        header: Texts of its first line, (column,).
        columns: Its other lines, (line, column), a column for each entry of the header.
        head: Lines before and between that belong to no row, such as comments.
        bare: The header without units that stood in a line of their own, (column,); empty without
            such a line.
    """

    header: list[str]
    columns: pd.DataFrame
    head: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


def read_text_table(path: Path, separator: str | None = None, encoding: str | None = None) -> Table:
    """Read a table.

    Args:
        path: The file.
        separator: What stands between cells; None to find it out.
        encoding: That of the file; None for UTF-8, or UTF-16 with its mark.

    Raises:
        InputError: If it can't be read, or its lines differ in length.
    """
    try:
        text = read_text(path, encoding=encoding).replace(MINUS, "-")
    except InputError as error:
        if encoding is None and isinstance(error.__cause__, UnicodeDecodeError):
            error.allowed += "; or the key encoding names that of the file, such as latin1"
        raise InputError(error.source, error.key, error.value, error.allowed) from error
    filled = [line for line in text.splitlines() if line.strip()]
    packed = next((line for line in filled if line.startswith(PACKED)), None)
    if packed is not None:
        raise InputError(path, PACKED, packed, "XYPOINTS, a point in each line; export it so")
    lines = [line for line in filled if not line.startswith("#")]
    if len(lines) < 2:
        raise InputError(path, "number of lines", len(lines), "a header and at least one line")
    comments = tuple(line for line in filled if line.startswith("#"))
    separator, length = _separator_and_head(lines, separator)
    if length:
        comments, lines = (*comments, *lines[:length]), lines[length:]
        filled = lines
    lines = _header_in_comment(filled, separator) + lines
    above = comments[-1] if length else ""
    bare, units, lines = _names_of_columns(lines, separator, above)
    rows = [cells(line, separator) for line in lines[:LOOKED_AT]]
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            allowed = f"{len(rows[0])}, as in the first line"
            raise InputError(path, f"cells in line {number}", len(row), allowed)
    comma = separator != "," and any(_with_comma(cell) for row in rows for cell in row)
    try:
        with warnings.catch_warnings():
            # Of lines that are too long pandas warns only.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            columns = pd.read_csv(
                io.StringIO("\n".join(lines[1:])),
                sep=SPACES if separator.isspace() and separator != "\t" else separator,
                header=None,
                decimal="," if comma else ".",
                skipinitialspace=True,
            )
    except (ValueError, pd.errors.ParserWarning) as error:
        reason = " ".join(str(error).split())
        raise InputError(path, "content", reason, "a table with equally long lines") from error
    if columns.shape[1] != len(rows[0]):
        allowed = f"{len(rows[0])}, as in the first line"
        raise InputError(path, "number of columns", columns.shape[1], allowed)
    if not units:
        return _without_empty(Table(bare, columns, comments))
    return _without_empty(Table(with_units(bare, units), columns, comments, tuple(bare)))


def _separator_and_head(lines: list[str], given: str | None) -> tuple[str, int]:
    """The separator, and how many lines an instrument wrote before the table."""
    separator = given or _separator(lines[:LOOKED_AT])
    n = len(cells(lines[-1], separator))
    # Lines of a name and a number are as long as the points of a single spectrum.
    if n != 2 and all(len(cells(line, separator)) == n for line in lines[:LOOKED_AT]):
        return separator, 0
    for each in (given,) if given else (*SEPARATORS, " "):
        length = length_of_head(lines, partial(cells, separator=each))
        if length:
            return each, length
    return separator, 0


def _names_of_columns(
    lines: list[str], separator: str, above: str
) -> tuple[list[str], list[str], list[str]]:
    """Names of the columns, units that stand in a line of their own, and the lines without it.

    Args:
        lines: The line that names the columns, and the rows.
        separator: The separator.
        above: The line of the head before them; "" without a head.
    """
    first, second = (cells(line, separator) for line in lines[:2])
    if above and _are_names(names := cells(above, separator), first) and are_units(first):
        return names, first, lines
    if len(lines) > 2 and _are_names(first, second) and are_units(second):
        return first, second, [lines[0], *lines[2:]]
    return first, [], lines


def _are_names(names: list[str], units: list[str]) -> bool:
    return len(names) == len(units) and all(name and number_in(name) is None for name in names)


def _header_in_comment(lines: list[str], separator: str) -> list[str]:
    """The comment that heads a table of numbers alone, without its sign; none for other tables.

    A first line of numbers that rise or fall is the grid itself, unless the comment holds numbers,
    or units, as `# V/mV I/nA` does. A comment such as `# Field: 0.5 T` is a property of the file.
    """
    first = next(k for k, line in enumerate(lines) if not line.startswith("#"))
    numbers = [number_in(cell) for cell in cells(lines[first], separator)]
    header = lines[first - 1].lstrip("# ") if first else ""
    names = cells(header, separator) if header else []
    is_setting = any(name[:1] in SIGNS or name[-1:] in SIGNS for name in names if name)
    if is_setting and numbers_in_head([lines[first - 1]]):
        return []
    if None in numbers or len(names) != len(numbers):
        return []
    steps = np.diff([number[0] for number in numbers if number is not None])
    is_grid = bool((steps > 0).all() or (steps < 0).all())
    n_numbers = sum(number_in(name) is not None for name in names)
    has_units = n_numbers == 0 and any(plain_name(name).unit for name in names)
    return [header] if n_numbers >= LEAST_POINTS or has_units or not is_grid else []


def _without_empty(table: Table) -> Table:
    """A table without the columns that separators at the end of all lines give."""
    header, columns = table.header, table.columns
    n = len(header)
    while n > 1 and not header[n - 1] and columns.iloc[:, n - 1].isna().all():
        n -= 1
    return Table(header[:n], columns.iloc[:, :n], table.head, table.bare[:n])


def cells(line: str, separator: str) -> list[str]:
    """Cells of a line."""
    if separator.isspace() and separator != "\t":
        return line.split()
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _separator(lines: list[str]) -> str:
    """The separator that cuts all lines into equally many cells, the more the better."""
    counts = {
        separator: {len(cells(line, separator)) for line in lines}
        for separator in (*SEPARATORS, " ")
    }
    even = {separator: max(found) for separator, found in counts.items() if len(found) == 1}
    if max(even.values(), default=1) > 1:
        return max(even, key=lambda separator: even[separator])
    return max(counts, key=lambda separator: len(cells(lines[0], separator)))


def _with_comma(cell: str) -> bool:
    number = number_in(cell)
    return "," in cell and number is not None and not number[1]


def has_grid_in_header(header: list[str], names: list[str]) -> bool:
    """Whether the first line holds the grid, and none of some names is a column."""
    n_numbers = sum(number_in(cell) is not None for cell in header)
    return n_numbers >= LEAST_POINTS and all(meant(name, header) is None for name in names)


def spectra_of_table(
    table: Table, axis: str | None, source: Path, spectra: str | None = None
) -> tuple[xr.Dataset, list[str]]:
    """A data set from a table of spectra.

    Args:
        table: The table.
        axis: Column with the grid, for a spectrum a column; else a name of the grid, with a unit in
            brackets.
        source: The file, named in errors.
        spectra: A name of the values, with a unit in brackets, where the first line is the grid.

    Returns:
        The data set, with the variables `spectral_function` and `omega`, and names of columns that
        hold no numbers.

    Raises:
        InputError: If there is no grid, or spectra are no numbers.
    """
    header, columns = table.header, table.columns
    column = None if axis is None else meant(axis, header)
    if column is not None:
        return _by_columns(table, header.index(column), source)
    if axis is not None and meant(axis, _texts(columns[0])) is not None:
        return _by_columns(table, 0, source, axis)
    numbers = [number_in(cell) for cell in header]
    on_grid = [k for k, number in enumerate(numbers) if number is not None]
    if len(on_grid) < LEAST_POINTS and axis is not None:
        raise InputError(source, "axis", axis, f"a column, such as {', '.join(header[:10])}")
    if len(on_grid) < LEAST_POINTS:
        allowed = "numbers in the first line, the grid, or a column that the key axis names"
        raise InputError(source, "header", header[:10], allowed)
    found = [numbers[k] for k in on_grid]
    omega = np.array([number[0] for number in found if number is not None])
    units = {number[1] for number in found if number is not None}
    attributes = {"units": units.pop()} if len(units) == 1 and "" not in units else {}
    values = _numbers(columns[on_grid], header, source)
    dataset = xr.Dataset(
        {"spectral_function": (("sample", "omega"), values, _named(spectra))},
        {"omega": ("omega", omega, attributes | _named(axis))},
    )
    own = [k for k in range(len(header)) if k not in on_grid]
    properties, left_out = properties_of(Table([header[k] for k in own], columns[own]), source)
    return dataset.assign(properties), left_out


def _by_columns(
    table: Table, axis: int, source: Path, below: str = ""
) -> tuple[xr.Dataset, list[str]]:
    """A spectrum in each column, and rows of properties above the numbers.

    Args:
        table: The table.
        axis: The column of the grid.
        source: The file, named in errors.
        below: The cell of this column that names the grid, where its head does not.
    """
    header = table.header
    labels = _column_of_labels(table.columns, axis)
    others = [k for k in range(len(header)) if k not in (axis, labels)]
    named, unnamed, columns = _rows_of_properties(table.columns, axis, labels)
    head = header[axis]
    called = None
    for name in [name for name in named if name.strip(":").lower() in UNITS]:
        units = named.pop(name)
        if labels is not None:  # else the row's name stands there, and not the unit of the grid
            head = with_units([head], [units[axis]])[0]
        of_spectra = {units[k] for k in others}
        called = (
            with_units([_common(header, others)], of_spectra)[0] if len(of_spectra) == 1 else None
        )
    if below:
        head = meant(below, named) or below
        above = {named[head][k] for k in others}
        called = above.pop() if len(above) == 1 else None  # each column says what it holds
        named = {name: cells for name, cells in named.items() if name != head}
    values = _numbers(columns[others], header, source).T
    omega = _numbers(columns[[axis]], header, source)[:, 0]
    dataset = xr.Dataset(
        {"spectral_function": (("sample", "omega"), values, _named(called))},
        {"omega": ("omega", omega, _named(head))},
    )
    names = table.bare or header
    told = [row for row in (names, *unnamed, *named.values()) if _all_differ(row, others)]
    names = told[0] if told else names
    dataset = dataset.assign_coords(name_of_spectrum=("sample", [names[k] for k in others]))
    rows = [_property(name, [row[k] for k in others]) for name, row in named.items()]
    turned = pd.DataFrame({k: pd.Series(row) for k, (_, row) in enumerate(rows)})
    properties, left_out = properties_of(Table([name for name, _ in rows], turned), source)
    return dataset.assign(properties), left_out


def _rows_of_properties(
    columns: pd.DataFrame, axis: int, labels: int | None
) -> tuple[dict[str, list[str]], list[list[str]], pd.DataFrame]:
    """Rows above the numbers, by the text that names them, those without, and the numbers below."""
    n = _length_above(columns, axis)
    if not n:
        return {}, [], columns
    rows = [_texts(row) for row in columns.iloc[:n].to_numpy()]
    place = axis if labels is None else labels
    named = {row[place].strip(): row for row in rows if row[place].strip()}
    unnamed = [row for row in rows if not row[place].strip()]
    return named, unnamed, columns.iloc[n:].reset_index(drop=True).apply(_as_numbers)


def _length_above(columns: pd.DataFrame, axis: int) -> int:
    """How many rows stand above the numbers of a grid.

    A row of numbers alone without one on the grid is a point without a place, and no row above.
    """
    grid = columns[axis]
    if grid.dtype.kind == "f":  # rows without a cell here
        rows = columns.drop(columns=axis).iloc[: int(np.argmax(grid.notna()))].to_numpy()
        return max((k for k, row in enumerate(rows, 1) if not _are_numbers(row)), default=0)
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in grid]
    return next((k for k, text in enumerate(texts) if number_in(text) is not None), 0)


def _are_numbers(row: Iterable[object]) -> bool:
    """Whether the cells that are not missing are numbers without units."""
    texts = [cell for cell in row if isinstance(cell, str)]
    numbers = [number_in(text) for text in texts if text.strip()]
    return all(number is not None and not number[1] for number in numbers)


def _column_of_labels(columns: pd.DataFrame, axis: int) -> int | None:
    """The column that names the rows above the numbers and is empty below them."""
    n = _length_above(columns, axis)
    found = [
        k
        for k in columns
        if k != axis
        and n
        and columns[k].iloc[n:].isna().all()
        and columns[k].iloc[:n].notna().any()
    ]
    return int(found[0]) if len(found) == 1 else None


def _all_differ(row: Sequence[str], places: list[int]) -> bool:
    cells = [row[k].strip() for k in places]
    return all(cells) and len(set(cells)) == len(cells)


def _common(header: list[str], places: list[int]) -> str:
    """The name that all columns of spectra have, else that of a spectrum."""
    names = {header[k] for k in places}
    return names.pop() if len(names) == 1 else "spectrum"


def _as_numbers(column: pd.Series) -> pd.Series:
    """A column whose cells were read as texts, as numbers if all of them are or are missing."""
    numbers = [number_in(cell) if cell else MISSING for cell in _texts(column)]
    found = [number[0] for number in numbers if number is not None and not number[1]]
    return pd.Series(found) if len(found) == len(column) else column


def _texts(cells: Iterable[object]) -> list[str]:
    """Cells as texts, "" for those that are missing."""
    return ["" if pd.isna(cell) else str(cell) for cell in cells]


def _property(name: str, row: list[str]) -> tuple[str, list[float] | list[str]]:
    """Name and cells of a row above the spectra; a unit that all cells have goes to the name."""
    numbers = [number_in(cell) if cell else MISSING for cell in row]
    found = [number for number in numbers if number is not None]
    if len(found) < len(row) or not any(row):
        return name, row
    units = {number[1] for cell, number in zip(row, found, strict=True) if cell}
    unit = units.pop() if len(units) == 1 else ""
    return f"{name} ({unit})" if unit else name, [value for value, _ in found]


def _named(text: str | None) -> dict[str, str]:
    """Attributes by a name with a unit in brackets; none without a name."""
    if text is None:
        return {}
    name = plain_name(text)
    return {"long_name": name.shown, **({"units": name.unit} if name.unit else {})}


def _numbers(columns: pd.DataFrame, header: list[str], source: Path) -> np.ndarray:
    for index in columns:
        if columns[index].dtype.kind not in "fiu":
            text = columns[index][pd.to_numeric(columns[index], errors="coerce").isna()]
            value = text.iloc[0] if len(text) else str(columns[index].dtype)
            raise InputError(source, f"column {header[int(index)]}", value, "numbers")
    return columns.to_numpy(np.float64)


def properties_of(table: Table, source: Path) -> tuple[dict[str, xr.Variable], list[str]]:
    """Columns of numbers or of true and false, by name, and names of the other columns.

    Raises:
        InputError: If a column of numbers has the name of another column, or of the spectra; names
            `source`.
    """
    found: dict[str, xr.Variable] = {}
    left_out: list[str] = []
    for name, index in zip(table.header, table.columns, strict=True):
        column = table.columns[index]
        is_number = column.dtype.kind in "fiub" or name == SPLIT
        if name in found or (is_number and name in left_out):
            raise InputError(source, "column", name, "a name that no other column has")
        if name in TAKEN:
            allowed = f"another name in the first line: {name} is that of the {TAKEN[name]}"
            raise InputError(source, "column", name, allowed)
        if is_number:
            is_text = column.dtype.kind not in "fiub"
            found[name] = xr.Variable("sample", column.to_numpy(str if is_text else None))
        elif name not in left_out:
            left_out.append(name)
    return found, left_out
