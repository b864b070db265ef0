"""Properties in a second table, in a row for each spectrum.

Rows belong together by a column that both tables have, or by their order where there is none.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from kondoflow.files.brought.names import number_in
from kondoflow.files.brought.tables import Table, properties_of
from kondoflow.files.errors import InputError


def joined(
    dataset: xr.Dataset,
    spectra: Table,
    properties: Table,
    sources: tuple[Path, Path],
    remarks: list[str],
) -> tuple[xr.Dataset, list[str]]:
    """Add the properties of a second table to spectra.

    Args:
        dataset: The spectra.
        spectra: Their table.
        properties: The second table.
        sources: Files of both, named in errors.
        remarks: Liberties taken so far, to which others are added.

    Returns:
        The data set, and names of columns that hold no numbers.

    Raises:
        InputError: If the rows of the tables do not belong together.
    """
    n_samples, columns = dataset.sizes["sample"], properties.columns
    header = properties.header
    column, names = _shared_column(dataset, spectra, properties)
    if column is not None:
        place = pd.Index(columns[column].astype(str))
        order = place.get_indexer(names) if place.is_unique else np.full(n_samples, -1)
        if (order < 0).any():
            missing = names[int(np.argmax(order < 0))]
            allowed = f"a column that holds each {header[column]} of {sources[0].name} exactly once"
            raise InputError(
                sources[1], f"column {header[column]}", f"{missing} not exactly once", allowed
            )
        remarks.append(f"rows of {sources[1].name} are joined by the column {header[column]!r}")
        columns = columns.iloc[order].drop(columns=column)
        header = [name for k, name in enumerate(header) if k != column]
    if len(columns) != n_samples:
        allowed = f"{n_samples}, a row for each spectrum of {sources[0].name}"
        raise InputError(sources[1], "number of rows", len(columns), allowed)
    found, left_out = properties_of(Table(header, columns))
    return dataset.assign(found).drop_vars("name_of_spectrum", errors="ignore"), left_out


def _shared_column(
    dataset: xr.Dataset, spectra: Table, properties: Table
) -> tuple[int | None, list[str]]:
    """The column of properties by which rows are joined, and its cells in the order of the spectra.

    It has the name of a column of both tables. Else, whatever it is called, it holds text, or names
    of spectra that are columns, and each of the spectra once: by their order its rows would belong
    to other spectra.
    """
    header, columns = properties
    known = _keys(dataset, spectra)
    shared = (k for k, name in enumerate(header) if name.lower() in known)
    same = next(shared, None)
    if same is not None:
        return same, known[header[same].lower()]
    named = "name_of_spectrum" in dataset.coords
    for names in known.values():
        for k in range(len(header)):
            is_text = columns[k].dtype.kind not in "fiub"
            if (named or is_text) and sorted(columns[k].astype(str)) == sorted(names):
                return k, names
    return None, []


def _keys(dataset: xr.Dataset, spectra: Table) -> dict[str, list[str]]:
    """Columns of spectra by which a second table may be joined, as text, by small letters."""
    if "name_of_spectrum" in dataset.coords:
        names = [str(name) for name in dataset["name_of_spectrum"].to_numpy()]
        return dict.fromkeys(("sample", "name", "spectrum"), names)
    header, columns = spectra
    return {
        name.lower(): columns[k].astype(str).tolist()
        for k, name in enumerate(header)
        if number_in(name) is None and columns[k].is_unique
    }
