"""Reading and writing netCDF4 through xarray: one engine, atomic writes, checked content.

Compression is lossless (zlib behind a byte shuffle); NaN marks what is undefined, without a
separate fill value. HDF5's file locks are off unless the environment says otherwise: every file has
one writer, under a name that nobody else opens, and network file systems often refuse locks.

Every file carries a digest of all its variables and attributes, which is compared when it is read:
HDF5's own checksums cover the data alone, and of single bits flipped in a small file three in a
thousand changed numbers behind their back. Files of others have no digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from kondoflow.files.atomic import replacing
from kondoflow.files.contract import Variable, check
from kondoflow.files.errors import InputError
from kondoflow.files.text import plain_text

ENGINE: Literal["netcdf4"] = "netcdf4"
DIGEST = "content_sha256"  # global attribute of files, not of data sets in memory


def write_dataset(path: Path, dataset: xr.Dataset) -> None:
    """Write a data set of any dimensions as netCDF4, whole or not at all."""
    encoding: dict[Hashable, dict[str, Any]] = {
        name: {"zlib": True, "complevel": 4, "shuffle": True, "_FillValue": None}
        for name, variable in dataset.variables.items()
        if variable.ndim > 0 and np.issubdtype(variable.dtype, np.number)
    }
    marked = dataset.assign_attrs({DIGEST: content_digest(dataset)})
    with replacing(path) as temporary:
        marked.to_netcdf(temporary, engine=ENGINE, format="NETCDF4", encoding=encoding)


def read_dataset(path: Path, contract: Mapping[str, Variable] | None = None) -> xr.Dataset:
    """Read a whole data set into memory and close the file.

    Args:
        path: The file.
        contract: What it must hold, see `files.contract`; None for anything.

    Raises:
        InputError: If the file is missing, isn't netCDF4, is damaged, or breaks the contract.
    """
    if not path.is_file():
        raise InputError(path, "file", None, "an existing netCDF file")
    try:
        dataset = _load(path)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        raise InputError(path, "content", str(error), "a readable netCDF4 file") from error
    expected = dataset.attrs.pop(DIGEST, None)
    if expected is not None and expected != content_digest(dataset):
        raise InputError(path, "content", "damaged", "as it was written, by its digest")
    if contract is not None:
        check(dataset, contract, path)
    return dataset


def _load(path: Path) -> xr.Dataset:
    """The content of a file, in which a time is the number that it holds, whatever its unit."""
    return xr.load_dataset(path, engine=ENGINE, decode_times=False, decode_timedelta=False)


def plain_attributes(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Attributes whose texts can be written as UTF-8 and shown; other types become text."""
    plain: dict[str, Any] = {}
    for name, value in attributes.items():
        numeric = np.asarray(value).dtype.kind in "fiu"
        plain[plain_text(str(name))] = value if numeric else plain_text(value)
    return plain


def content_digest(dataset: xr.Dataset) -> str:
    """SHA-256 of names, dimensions, types, values and attributes."""
    digest = hashlib.sha256()
    for part in _parts(dataset):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(dataset: xr.Dataset) -> Iterator[bytes | memoryview]:
    yield from _attribute_parts(dataset.attrs)
    for name in sorted(dataset.variables, key=str):
        variable = dataset.variables[name]
        yield repr((name, variable.dims, variable.shape)).encode()
        yield from _value_parts(variable.to_numpy())
        yield from _attribute_parts(variable.attrs)


def _attribute_parts(attributes: Mapping[Any, Any]) -> Iterator[bytes | memoryview]:
    for name in sorted(attributes, key=str):
        yield str(name).encode()
        yield from _value_parts(np.atleast_1d(attributes[name]))


def _value_parts(values: np.ndarray) -> Iterator[bytes | memoryview]:
    if values.dtype.kind in "OSU":  # text, which the file gives back as objects
        yield "\0".join(str(value) for value in values.ravel()).encode()
    else:
        yield values.dtype.str.encode()
        yield np.ascontiguousarray(values).data.cast("B") if values.size else b""
