"""What is calculated once for a tabulated bath, on disk: its chains and its hybridisation function.

A file is named by a digest of all that its content depends on: the table, the discretisation and
the code. It stands in the folder that KONDOFLOW_CACHE_DIR names, by default in the user's cache.
Without such a folder, or with a damaged file, the content is calculated again.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from kondoflow.files.digests import code_digest
from kondoflow.files.errors import InputError, StorageError
from kondoflow.files.netcdf import read_dataset, write_dataset

logger = logging.getLogger("kondoflow")

Pair = tuple[np.ndarray, np.ndarray]

HERE = Path(__file__).parent


def kept(key: str, calculate: Callable[[], Pair]) -> Pair:
    """Two arrays from the store, or calculated and put there.

    Args:
        key: What they are and what they depend on beside the code.
        calculate: Gives the arrays, (n,) and (m,).
    """
    name = hashlib.sha256(f"{key}, {_code()}".encode()).hexdigest()
    path = store() / f"{name[:32]}.nc"
    try:
        if path.is_file():
            found = read_dataset(path)
            return found["first"].to_numpy(), found["second"].to_numpy()
    except (InputError, KeyError):
        logger.warning("%s is damaged; what it held is calculated again", path)
    first, second = calculate()
    try:
        variables = {"first": ("i", first), "second": ("k", second)}
        write_dataset(path, xr.Dataset(variables, attrs={"title": key}))
    except (OSError, StorageError) as error:
        logger.info("chains are not kept: %s", error)
    return first, second


def store() -> Path:
    """The folder of the files."""
    if "KONDOFLOW_CACHE_DIR" in os.environ:
        return Path(os.environ["KONDOFLOW_CACHE_DIR"])
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "kondoflow"


@cache
def _code() -> str:
    return code_digest(HERE, HERE.parent / "grid.py")
