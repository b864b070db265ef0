"""Parameter sets that the user brings: a CSV with a header, or a netCDF of the pipeline."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.systems.anderson.contract import PARAMETERS
from kondoflow.systems.table import read_table


def read_points(path: Path) -> dict[str, np.ndarray]:
    """Read parameter sets.

    Args:
        path: CSV (see `systems.table`), or a netCDF file with variables of these names.

    Returns:
        Arrays (n,), float64, in the order of `PARAMETERS`.

    Raises:
        InputError: Names the first unusable file, column, or line and value.
    """
    if path.suffix != ".nc":
        rows = read_table(path)
        return {name: np.array([row[name] for row in rows]) for name in PARAMETERS}
    dataset = read_dataset(path)
    for name in PARAMETERS:
        if name not in dataset or dataset[name].dims != ("sample",):
            raise InputError(path, name, None, "a variable with dimensions ('sample',)")
        if not np.issubdtype(dataset[name].dtype, np.number):
            raise InputError(path, f"type of {name}", str(dataset[name].dtype), "a number")
    return {name: dataset[name].to_numpy().astype(np.float64) for name in PARAMETERS}
