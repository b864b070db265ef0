"""Reading and writing netCDF4 through xarray: one engine, atomic writes.

Compression is lossless (zlib behind a byte shuffle); NaN marks what is undefined, without a
separate fill value. HDF5's file locks are off unless the environment says otherwise: every file has
one writer, under a name that nobody else opens, and network file systems often refuse locks.
"""

from __future__ import annotations

import os
from collections.abc import Hashable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from datafiles.atomic import replacing
from datafiles.errors import InputError

os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")  # read when a file is first opened

ENGINE: Literal["netcdf4"] = "netcdf4"


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Write a data set atomically."""
    encoding: dict[Hashable, dict[str, Any]] = {
        name: {"zlib": True, "complevel": 4, "shuffle": True, "_FillValue": None}
        for name, variable in dataset.variables.items()
        if variable.ndim > 0 and np.issubdtype(variable.dtype, np.number)
    }
    with replacing(path) as temporary:
        dataset.to_netcdf(temporary, engine=ENGINE, format="NETCDF4", encoding=encoding)


def read_dataset(path: Path) -> xr.Dataset:
    """Read a whole data set into memory and close the file.

    Raises:
        InputError: If the file is missing or isn't netCDF4.
    """
    if not path.is_file():
        raise InputError(path, "file", None, "an existing netCDF file")
    try:
        return xr.load_dataset(path, engine=ENGINE)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(path, "content", str(error), "a readable netCDF4 file") from error
