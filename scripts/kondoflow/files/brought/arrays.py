"""Data sets from netCDF, HDF5 and Zarr, with groups."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import xarray as xr

from kondoflow.files.brought.classic import check_whole
from kondoflow.files.errors import InputError

ZARR = (".zarr", ".zip")
# Times stay numbers in their own unit; complex numbers are those of h5py and of netCDF.
OPENING: dict[str, Any] = {"engine": "netcdf4", "decode_times": False, "auto_complex": True}
OPENING_ZARR: dict[str, Any] = {"engine": "zarr", "decode_times": False, "consolidated": False}
FAULTS = (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError, IndexError)


def read_arrays(path: Path, group: str, names: list[str]) -> xr.Dataset:
    """Read a group of a file, and variables of other groups.

    Args:
        path: A netCDF4 or HDF5 file, or a Zarr store.
        group: The group; "" for the root.
        names: Variables that the configuration names; one with a / is looked up in its own group
            and gets the last part of its path as its name.

    Raises:
        InputError: If it can't be read, or lacks a group.
    """
    dataset = _open(path, group)
    if not dataset.variables and not any("/" in name for name in names):
        groups = ", ".join(_groups(path)) or "none"
        raise InputError(path, "group", group or None, f"a group with variables: {groups}")
    for name in names:
        if "/" in name and name not in dataset.variables:
            place = PurePosixPath(name.strip("/"))
            other = _open(path, str(PurePosixPath(group) / place.parent))
            if place.name not in other.variables:
                allowed = f"a variable of the file; its group has {_listed(other)}"
                raise InputError(path, name, None, allowed)
            dataset = dataset.assign({place.name: other[place.name].variable})
    return dataset


def last_part(name: str) -> str:
    """Name of a variable without its groups."""
    return PurePosixPath(name).name


def _open(path: Path, group: str) -> xr.Dataset:
    group = "" if group in (".", "/") else group
    try:
        if path.suffix in ZARR:
            return xr.load_dataset(path, group=group or None, **OPENING_ZARR)
        check_whole(path)
        return xr.load_dataset(path, group=group or None, **OPENING)
    except InputError:
        raise
    except FAULTS as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        if group and "group" in reason.lower():
            raise InputError(path, "group", group, "a group of the file") from error
        kinds = "a readable netCDF4, HDF5 or Zarr file"
        raise InputError(path, "content", reason[:500], kinds) from error


def _groups(path: Path) -> list[str]:
    """Names of the groups of a file that hold variables."""
    options = OPENING_ZARR if path.suffix in ZARR else OPENING
    groups = xr.open_groups(path, **options)
    return [name.strip("/") for name, dataset in groups.items() if dataset.variables]


def _listed(dataset: xr.Dataset) -> str:
    return ", ".join(map(str, dataset.variables)) or "none"
