"""A user's file of any kind as one data set of spectra."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from kondoflow.files.apart import read_apart
from kondoflow.files.brought.arranging import arrange
from kondoflow.files.brought.arrays import read_arrays
from kondoflow.files.brought.joining import joined
from kondoflow.files.brought.resampling import resample
from kondoflow.files.brought.tables import properties_of, read_text_table, spectra_of_table
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import DIGEST, content_digest, plain_attributes

TEXT = (".csv", ".tsv", ".txt", ".dat")
KIND = "a readable table, netCDF4, HDF5 or Zarr file"
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
            `properties`, `group`, `separator`, `resample`.

    Raises:
        InputError: If it can't be used; names the file.
    """
    return read_apart(partial(read_any, ensemble=dict(ensemble)), path, KIND)


def read_any(path: Path, ensemble: Mapping[str, Any]) -> Brought:
    """Read a user's file, see `read_brought`."""
    remarks: list[str] = []
    is_text = path.suffix.lower() in TEXT
    read = _from_text if is_text else _from_arrays
    brought = read(path, ensemble, remarks)
    expected = brought.attrs.pop(DIGEST, None)
    if expected is not None and expected != content_digest(brought):
        remarks.append(CHANGED)
    # A table has given its columns the names of the contract.
    keys = {"properties": ensemble.get("properties")} if is_text else ensemble
    if isinstance(keys.get("properties"), str):
        keys = {key: value for key, value in keys.items() if key != "properties"}
    dataset = arrange(brought, keys, path, remarks)
    dataset = resample(dataset, ensemble.get("resample"), path, remarks)
    dataset.attrs = plain_attributes(dataset.attrs)
    for variable in dataset.variables.values():
        variable.attrs = plain_attributes(variable.attrs)
        variable.encoding = {}
    return Brought(dataset, remarks)


def _from_text(path: Path, ensemble: Mapping[str, Any], remarks: list[str]) -> xr.Dataset:
    separator = ensemble.get("separator")
    table = read_text_table(path, separator)
    dataset, left_out = spectra_of_table(table, ensemble.get("axis"), path)
    if isinstance(ensemble.get("properties"), str):
        place = Path(ensemble["properties"])
        second = read_text_table(place, separator)
        dataset, others = joined(dataset, table, second, (path, place), remarks)
        left_out = [*left_out, *others]
    dataset = dataset.drop_vars("name_of_spectrum", errors="ignore")
    _tell(left_out, remarks)
    return dataset


def _from_arrays(path: Path, ensemble: Mapping[str, Any], remarks: list[str]) -> xr.Dataset:
    given = [ensemble.get("spectra"), ensemble.get("axis")]
    properties = ensemble.get("properties")
    is_table = isinstance(properties, str)  # the path of a second file
    names = [
        name for each in (given if is_table else [*given, properties]) for name in _names(each)
    ]
    dataset = read_arrays(path, ensemble.get("group", ""), names)
    return _with_table(dataset, ensemble, remarks) if is_table else dataset


def _names(given: Any) -> list[str]:
    """Names of variables in a key of the configuration: a name, a list, or new names for them."""
    if isinstance(given, str):
        return [given]
    return list(given.values()) if isinstance(given, Mapping) else list(given or ())


def _with_table(dataset: xr.Dataset, ensemble: Mapping[str, Any], remarks: list[str]) -> xr.Dataset:
    """Add a table of properties, a row for each sample in their order."""
    properties = Path(ensemble["properties"])
    table = read_text_table(properties, ensemble.get("separator"))
    n_rows = len(table.columns)
    fitting = [dim for dim, n in dataset.sizes.items() if n == n_rows]
    if not fitting:
        allowed = f"the number of samples, one of {sorted(set(dataset.sizes.values()))}"
        raise InputError(properties, "number of rows", n_rows, allowed)
    dim = "sample" if "sample" in fitting else fitting[0]
    found, left_out = properties_of(table)
    _tell(left_out, remarks)
    return dataset.assign({name: (dim, column.data) for name, column in found.items()})


def _tell(left_out: list[str], remarks: list[str]) -> None:
    """Tell which columns hold no numbers."""
    if left_out:
        remarks.append(f"no numbers, hence left out: {', '.join(left_out)}")
