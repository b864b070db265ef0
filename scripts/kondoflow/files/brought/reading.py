"""A user's file of any kind as one data set of spectra."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from kondoflow.files.apart import read_apart
from kondoflow.files.brought.arranging import arrange
from kondoflow.files.brought.arrays import ZARR, read_arrays
from kondoflow.files.brought.dimensions import SPECTRA
from kondoflow.files.brought.finding import NONE
from kondoflow.files.brought.joining import joined, of_arrays, of_table
from kondoflow.files.brought.names import listed
from kondoflow.files.brought.points import (
    FILE,
    NAME,
    UNCERTAINTY,
    in_order,
    keys_of_folder,
    named_columns,
    read_folder,
    spectra_of_points,
    with_names,
)
from kondoflow.files.brought.records import JSON, read_records
from kondoflow.files.brought.resampling import resample, without_gaps
from kondoflow.files.brought.tables import (
    Table,
    has_grid_in_header,
    properties_of,
    read_text_table,
    spectra_of_table,
)
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import DIGEST, content_digest, plain_attributes

TEXT = (".csv", ".tsv", ".txt", ".dat", ".asc", ".prn", ".xy", ".xye", ".dpt", ".dx", ".jdx")
KIND = "a readable table, netCDF4, HDF5 (no half precision), Zarr, .npz or JSON file"
ROWS = "row_of_properties"  # along the dimension that has as many entries as a table has rows
CHANGED = "the file was changed since KondoFlow wrote it; it is taken as it is"


class Brought(NamedTuple):
    """A user's file.

    Attributes:
        dataset: `spectral_function` (sample[, channel], omega), `omega`, properties (sample).
        remarks: What was read otherwise than it stood there, in words.
    """

    dataset: xr.Dataset
    remarks: list[str]


def read_brought(path: Path, ensemble: Mapping[str, Any]) -> Brought:
    """Read a user's file in a process of its own.

    Args:
        path: The file.
        ensemble: Keys of the configuration that say how to read it: `spectra`, `axis`,
            `uncertainty`, `columns`, `missing`, `properties`, `group`, `separator`, `encoding`,
            `resample`.

    Raises:
        InputError: If it can't be used; names the file.
    """
    return read_apart(partial(read_any, ensemble=dict(ensemble)), path, KIND)


def read_any(path: Path, ensemble: Mapping[str, Any]) -> Brought:
    """Read a user's file, see `read_brought`."""
    remarks: list[str] = []
    is_folder = path.is_dir() and path.suffix not in ZARR
    is_text = is_folder or path.suffix.lower() in TEXT
    has_groups = not is_text and path.suffix.lower() not in JSON
    for key, is_read, kinds in (
        ("group", has_groups, "tables of text and JSON"),
        ("columns", is_text, "all but tables of text"),
    ):
        if ensemble.get(key) and not is_read:
            raise InputError(path, key, ensemble[key], f"left out for {kinds}")
    if is_folder:
        brought, ensemble = _from_folder(path, ensemble, remarks)
    else:
        brought = (_from_text if is_text else _from_arrays)(path, ensemble, remarks)
    expected = brought.attrs.pop(DIGEST, None)
    if expected is not None and expected != content_digest(brought):
        remarks.append(CHANGED)
    # A table with a spectrum in each row or column has the names of the contract.
    named = is_text and (not ensemble.get("spectra") or _names_a_wide_table(ensemble, brought))
    keys = {"properties": ensemble.get("properties")} if named else ensemble
    if isinstance(keys.get("properties"), str):
        keys = {key: value for key, value in keys.items() if key != "properties"}
    join = None
    if not is_text and isinstance(ensemble.get("properties"), str):
        place = Path(ensemble["properties"])
        table = _table(place, ensemble)
        brought = _with_row_numbers(brought, len(table.columns))
        join = _join_table(table, (path, place), remarks)
    dataset = arrange(brought, keys, path, remarks, join)
    if ensemble.get("missing") == "interpolate":
        dataset = without_gaps(dataset, remarks)
    dataset = resample(dataset, ensemble.get("resample"), path, remarks)
    dataset.attrs = plain_attributes(dataset.attrs)
    for variable in dataset.variables.values():
        variable.attrs = plain_attributes(variable.attrs)
        variable.encoding = {}
    return Brought(dataset, remarks)


def _table(path: Path, ensemble: Mapping[str, Any]) -> Table:
    return read_text_table(path, ensemble.get("separator"), ensemble.get("encoding"))


def _from_text(path: Path, ensemble: Mapping[str, Any], remarks: list[str]) -> xr.Dataset:
    table = with_names(_table(path, ensemble), ensemble.get("columns"), path)
    if lines := [line for line in table.head if not line.startswith("#")]:
        remarks.append(f"lines of a head before the table, which are left out: {len(lines)}")
    spectra, axis = ensemble.get("spectra"), ensemble.get("axis")
    names = [name for each in (spectra, axis) for name in listed(each)]
    is_wide = isinstance(spectra, str) and has_grid_in_header(table.header, names)
    if spectra and not is_wide:
        dataset, properties = spectra_of_points(table, ensemble, path, remarks)
        return _with_rows(dataset, properties, path, ensemble, remarks)
    if ensemble.get(UNCERTAINTY, NONE) != NONE:
        allowed = "left out for a table with a spectrum in each row or column"
        raise InputError(path, UNCERTAINTY, ensemble[UNCERTAINTY], allowed)
    dataset, left_out = spectra_of_table(table, axis, path, spectra)
    if isinstance(ensemble.get("properties"), str):
        place = Path(ensemble["properties"])
        second = _table(place, ensemble)
        known = of_table(dataset, table)
        dataset, others = joined(dataset, known, second, (path, place), remarks)
        left_out = [*left_out, *others]
    dataset = dataset.drop_vars("name_of_spectrum", errors="ignore")
    _tell(left_out, remarks)
    return dataset


def _names_a_wide_table(ensemble: Mapping[str, Any], brought: xr.Dataset) -> bool:
    """Whether `spectra` is a name for the values of a table whose first line is the grid."""
    return "spectral_function" in brought and "spectral_function" not in listed(ensemble["spectra"])


def _from_folder(
    path: Path, ensemble: Mapping[str, Any], remarks: list[str]
) -> tuple[xr.Dataset, Mapping[str, Any]]:
    """Spectra of a folder, a file for each, and the keys with the columns of these files."""
    beside = ensemble.get("properties")
    apart = Path(beside).resolve() if isinstance(beside, str) else None
    inside = [each for each in path.iterdir() if each.suffix.lower() in TEXT and each.is_file()]
    files = sorted((each for each in inside if each.resolve() != apart), key=in_order)

    def read(each: Path) -> Table:
        return with_names(_table(each, ensemble), ensemble.get("columns"), each)

    table = named_columns(read_folder(path, files, read, remarks, TEXT), ensemble)
    keys = keys_of_folder(table, ensemble, path, remarks)
    dataset, properties = spectra_of_points(table, keys, path, remarks, [FILE])
    return _with_rows(dataset, properties, path, keys, remarks), keys


def _with_rows(
    dataset: xr.Dataset,
    table: Table,
    path: Path,
    ensemble: Mapping[str, Any],
    remarks: list[str],
) -> xr.Dataset:
    """Spectra of points with what is the same throughout each, and a second table's properties."""
    found, left_out = properties_of(table, path)
    dataset = dataset.assign(found)
    if isinstance(ensemble.get("properties"), str):
        place = Path(ensemble["properties"])
        second = _table(place, ensemble)
        known = of_table(dataset, table)
        dataset, others = joined(dataset, known, second, (path, place), remarks)
        left_out = [*left_out, *others]
    _tell([name for name in left_out if name not in (FILE, NAME)], remarks)
    return dataset


def _from_arrays(path: Path, ensemble: Mapping[str, Any], remarks: list[str]) -> xr.Dataset:
    given = [ensemble.get("spectra") or SPECTRA, ensemble.get("axis"), ensemble.get(UNCERTAINTY)]
    properties = ensemble.get("properties")
    is_table = isinstance(properties, str)  # the path of a second file
    names = [
        name for each in (given if is_table else [*given, properties]) for name in listed(each)
    ]
    if path.suffix.lower() in JSON:
        return read_records(path, ensemble)
    return read_arrays(path, ensemble.get("group", ""), names, remarks)


def _with_row_numbers(dataset: xr.Dataset, n_rows: int) -> xr.Dataset:
    """Numbers along the dimension that may be that of the samples, which tell it apart."""
    dims = [dim for dim, n in dataset.sizes.items() if n == n_rows]
    if "sample" in dataset.dims or len(dims) != 1:
        return dataset
    return dataset.assign({ROWS: (dims, np.arange(n_rows))})


def _join_table(
    table: Table, sources: tuple[Path, Path], remarks: list[str]
) -> Callable[[xr.Dataset], xr.Dataset]:
    """What adds a table of properties to arrays whose samples are known."""

    def join(dataset: xr.Dataset) -> xr.Dataset:
        dataset = dataset.drop_vars(ROWS, errors="ignore")
        dataset, left_out = joined(dataset, of_arrays(dataset), table, sources, remarks)
        _tell(left_out, remarks)
        return dataset

    return join


def _tell(left_out: list[str], remarks: list[str]) -> None:
    """Tell which columns hold no numbers."""
    if left_out:
        remarks.append(f"no numbers, hence left out: {', '.join(left_out)}")
