"""Parameter sets from a file: a CSV with a header, or a netCDF of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.systems.interface import Parameter
from kondoflow.systems.table import read_table

MOST_VALUES = 100_000  # of a sweep


def read_points(path: Path, parameters: Mapping[str, Parameter]) -> dict[str, np.ndarray]:
    """Read parameter sets.

    Args:
        path: CSV (see `systems.table`), or a netCDF file with variables of the parameters' names.
        parameters: The parameters by name.

    Returns:
        Arrays (n,), float64, in the order of `parameters`; of optional ones those that are there.

    Raises:
        InputError: Names the first unusable file, column, or line and value.
    """
    if path.suffix != ".nc":
        rows = read_table(path, parameters)
        return {
            name: np.array([row[name] for row in rows]) for name in parameters if name in rows[0]
        }
    dataset = read_dataset(path)
    parameters = {
        name: each for name, each in parameters.items() if not each.optional or name in dataset
    }
    for name in parameters:
        if name not in dataset or dataset[name].dims != ("sample",):
            raise InputError(path, name, None, "a variable with dimensions ('sample',)")
        if not np.issubdtype(dataset[name].dtype, np.number):
            raise InputError(path, f"type of {name}", str(dataset[name].dtype), "a number")
    return {name: dataset[name].to_numpy().astype(np.float64) for name in parameters}


def read_sweep(text: str, parameters: Mapping[str, Parameter]) -> tuple[str, np.ndarray]:
    """A parameter and its values (value,) from `T=1e-6,1e-5`, or `T=start:stop:number`.

    The second form gives values in equal ratios.

    Raises:
        InputError: If the text has another form, the name is not that of a parameter, or a value is
            out of its bounds.
    """
    name, _, numbers = text.partition("=")
    if name not in parameters:
        allowed = f"name=values, such as T=1e-6,1e-5, with a name among {', '.join(parameters)}"
        raise InputError("command line", "--sweep", text, allowed)
    try:
        if "_" in numbers:  # Python reads 1_0 as 10
            raise ValueError
        if ":" not in numbers:
            values = np.array([float(number) for number in numbers.split(",")])
        else:
            start, stop, number = numbers.split(":")
            if not (0 < int(number) <= MOST_VALUES and float(start) * float(stop) > 0):
                raise ValueError
            values = np.geomspace(float(start), float(stop), int(number))
    except (ValueError, OverflowError):
        allowed = (
            f"{name}=a,b,c or, logarithmic and of one sign, {name}=start:stop:number with a number "
            f"up to {MOST_VALUES}"
        )
        raise InputError("command line", "--sweep", text, allowed) from None
    for value in values.tolist():
        parameters[name].check(name, value, "command line, --sweep")
    return name, values


def with_sweep(
    points: Mapping[str, np.ndarray], name: str, values: np.ndarray
) -> dict[str, np.ndarray]:
    """Every point with every value of one parameter, whose own values are replaced.

    Columns (point,) become columns (point * value,), the values of a point side by side.
    """
    n = len(next(iter(points.values())))
    repeated = {each: np.repeat(column, len(values)) for each, column in points.items()}
    return {**repeated, name: np.tile(values, n)}


def names_of(files: Sequence[Path]) -> frozenset[str]:
    """Names of the variables of the first of the pipeline's files of parameter sets."""
    return frozenset(map(str, read_dataset(files[0]).data_vars))


def split_rows(values: Mapping[str, np.ndarray]) -> list[dict[str, float]]:
    """Columns (n,) by parameter as one mapping for each parameter set."""
    return [
        dict(zip(values, map(float, row), strict=True))
        for row in zip(*values.values(), strict=True)
    ]


def check_that_some_differ(values: Mapping[str, np.ndarray], source: object) -> None:
    """Refuse a list of equal parameter sets, from which nothing can be learnt.

    Args:
        values: Values of each parameter, (sample,).
        source: File named in an error.

    Raises:
        InputError: If there are several parameter sets and all are equal.
    """
    columns = list(values.values())
    if len(columns[0]) > 1 and not any(np.ptp(column) for column in columns):
        raise InputError(source, "points", "the same in all lines", "parameter sets that differ")
