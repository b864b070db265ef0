"""Data sets from netCDF, HDF5 and Zarr, with groups, and from the arrays of a .npz file."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.brought.classic import check_whole
from kondoflow.files.brought.names import meant
from kondoflow.files.errors import InputError

ZARR = (".zarr", ".zip")
NUMPY = ".npz"
UNNAMED = "phony_dim_"  # begins the names that the netCDF library gives to dimensions of HDF5
INSTEAD = {  # what to do with files that are not read, by their endings
    ".mat": "MATLAB writes HDF5 by save(..., '-v7.3')",
    ".npy": "numpy.savez(..., spectra=spectra, omega=omega) keeps spectra with their grid",
    ".xlsx": "the spreadsheet program saves a sheet as CSV",
    ".xls": "the spreadsheet program saves a sheet as CSV",
    ".ods": "the spreadsheet program saves a sheet as CSV",
    ".parquet": "pandas.read_parquet(...).to_csv(..., index=False) writes a table of text",
}
# Times stay numbers in their own unit; complex numbers are those of h5py and of netCDF.
OPENING: dict[str, Any] = {"engine": "netcdf4", "decode_times": False, "auto_complex": True}
OPENING_ZARR: dict[str, Any] = {"engine": "zarr", "decode_times": False, "consolidated": False}
FAULTS = (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError, IndexError)


def read_arrays(path: Path, group: str, names: list[str], remarks: list[str]) -> xr.Dataset:
    """Read a group of a file, and variables of other groups.

    A variable that has a dimension twice, such as a covariance, is left out.

    Args:
        path: A netCDF4 or HDF5 file, a Zarr store, or a .npz file.
        group: The group; "" for the root.
        names: Variables that the configuration names; one with a / is looked up in its own group
            and gets the last part of its path as its name.
        remarks: Liberties taken so far, to which another may be added.

    Raises:
        InputError: If it can't be read, lacks a group, or a variable that is named is left out.
    """
    dataset, twice = _open(path, group)
    _check_left_out(twice, [name for name in names if name not in dataset.variables], path)
    if twice:
        remarks.append(f"a dimension stands twice, hence left out: {', '.join(twice)}")
    if not dataset.variables and not any("/" in name for name in names):
        groups = ", ".join(_groups(path)) or "none"
        raise InputError(path, "group", group or None, f"a group with variables: {groups}")
    for name in names:
        if "/" in name and name not in dataset.variables:
            place = PurePosixPath(name.strip("/"))
            other, twice = _open(path, str(PurePosixPath(group) / place.parent))
            _check_left_out(twice, [place.name], path)
            if place.name not in other.variables:
                allowed = f"a variable of the file; its group has {_listed(other)}"
                raise InputError(path, name, None, allowed)
            dataset = dataset.assign({place.name: _fitting(other[place.name].variable, dataset)})
    return dataset


def _check_left_out(twice: dict[str, tuple[Any, ...]], names: Iterable[str], path: Path) -> None:
    """Refuse a variable with a dimension that stands twice, if it is wanted."""
    for name in names:
        found = meant(name, twice)
        if found is not None:
            allowed = "different from each other"
            raise InputError(path, f"dimensions of {found}", twice[found], allowed)


def _fitting(variable: xr.Variable, dataset: xr.Dataset) -> xr.Variable:
    """A variable of another group, whose dimensions have other names, or these by chance."""
    dims = []
    for dim, n in variable.sizes.items():
        same = [each for each, length in dataset.sizes.items() if length == n]
        if dim not in same and len(same) == 1 and same[0] not in variable.dims:
            dim = same[0]
        dims.append(dim if dataset.sizes.get(dim, n) == n else f"{UNNAMED}{n}")
    return xr.Variable(dims, variable.data, variable.attrs)


def last_part(name: str) -> str:
    """Name of a variable without its groups."""
    return PurePosixPath(name).name


def _open(path: Path, group: str) -> tuple[xr.Dataset, dict[str, tuple[Any, ...]]]:
    """A group, and the dimensions of its variables that have one twice, which xarray can't use."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate dimension names", UserWarning)
        dataset = _opened(path, "" if group in (".", "/") else group)
        twice = {
            str(name): variable.dims
            for name, variable in dataset.variables.items()
            if len(set(variable.dims)) < variable.ndim
        }
        return dataset.drop_vars(twice), twice


def _opened(path: Path, group: str) -> xr.Dataset:
    try:
        if path.suffix in ZARR:
            return xr.load_dataset(path, group=group or None, **OPENING_ZARR)
        if path.suffix.lower() == NUMPY and not group:
            return _of_numpy(path)
        check_whole(path)
        return xr.load_dataset(path, group=group or None, **OPENING)
    except InputError:
        raise
    except FAULTS as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        if group and "group" in reason.lower():
            raise InputError(path, "group", group, "a group of the file") from error
        kinds = "a readable netCDF4, HDF5, Zarr or .npz file, or a table of text"
        if path.suffix.lower() in INSTEAD:
            kinds += f"; {INSTEAD[path.suffix.lower()]}"
        raise InputError(path, "content", reason[:500], kinds) from error


def _of_numpy(path: Path) -> xr.Dataset:
    """Arrays of a .npz file, with dimensions by their lengths, as HDF5 without names has them."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    if not arrays:
        raise ValueError("it holds no arrays")
    variables = {}
    for name, values in arrays.items():
        # The second of two dimensions of a length gets a name of its own.
        lengths = values.shape
        dims = [f"{UNNAMED}{n}" + "_" * lengths[:k].count(n) for k, n in enumerate(lengths)]
        variables[name] = (dims, values)
    return xr.Dataset(variables)


def _groups(path: Path) -> list[str]:
    """Names of the groups of a file that hold variables."""
    options = OPENING_ZARR if path.suffix in ZARR else OPENING
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Duplicate dimension names", UserWarning)
        groups = xr.open_groups(path, **options)
    return [name.strip("/") for name, dataset in groups.items() if dataset.variables]


def _listed(dataset: xr.Dataset) -> str:
    return ", ".join(map(str, dataset.variables)) or "none"
