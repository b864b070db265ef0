"""Sets of spectra: the file that every stage after the solver reads.

A set is either computed (all variables of its system's contract) or brought by the user: then
`spectral_function` has dimensions (sample, omega) or (sample, spin, omega), and any per-sample
variables stand beside it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset

CHANNELS = ("up", "down", "mean")
LEAST_FREQUENCIES = 2
LARGEST = 1e30  # of a spectrum: networks calculate in single precision
ROUNDING = 1e-6  # of a spectrum's largest value: how far below 0 it may fall


def read_spectra(path: Path) -> xr.Dataset:
    """Read a set of spectra and check everything that the later stages rely on.

    Returns:
        A data set with at least `spectral_function`, `omega` and `split`.

    Raises:
        InputError: Names the first violation: a missing variable, wrong dimensions or type, a grid
            that does not increase, spectra that are not finite, negative, zero or too large.
    """
    dataset = read_dataset(path)
    check_spectra(dataset, path)
    if "split" not in dataset:
        raise InputError(path, "split", None, "a variable with dimensions ('sample',)")
    return dataset


def check_spectra(dataset: xr.Dataset, source: object) -> None:
    """Check spectra and grid (see `read_spectra`), with or without a split.

    Raises:
        InputError: Names the first violation.
    """
    for name in ("spectral_function", "omega"):
        if name not in dataset.variables:
            raise InputError(source, name, None, "a variable of the file")
    dims = dataset["spectral_function"].dims
    if dims not in (("sample", "omega"), ("sample", "spin", "omega")):
        allowed = "(sample, omega) or (sample, spin, omega)"
        raise InputError(source, "dimensions of spectral_function", dims, allowed)
    if dataset["spectral_function"].size == 0:
        raise InputError(source, "size of spectral_function", 0, "at least one spectrum")
    for name in ("spectral_function", "omega"):
        if dataset[name].dtype.kind not in "fiu":
            raise InputError(source, f"type of {name}", str(dataset[name].dtype), "real numbers")
    _check_grid(dataset["omega"].to_numpy(), source)
    _check_values(dataset["spectral_function"].to_numpy(), source)


def _check_grid(omega: np.ndarray, source: object) -> None:
    if omega.ndim != 1 or len(omega) < LEAST_FREQUENCIES:
        allowed = f"a list of at least {LEAST_FREQUENCIES} frequencies"
        raise InputError(source, "shape of omega", omega.shape, allowed)
    if not (np.isfinite(omega).all() and (np.diff(omega) > 0).all()):
        raise InputError(source, "omega", "a grid that does not", "finite and strictly increasing")


def _check_values(spectra: np.ndarray, source: object) -> None:
    """Check spectra, (sample, ..., omega); the first sample at fault is named."""
    rows = spectra.reshape(-1, spectra.shape[-1])
    per_sample = len(rows) // len(spectra)
    smallest, largest = rows.min(axis=1), rows.max(axis=1)
    for wrong, value, allowed in (
        (~(np.isfinite(smallest) & np.isfinite(largest)), "NaN or infinity", "finite everywhere"),
        (largest > LARGEST, largest, f"at most {LARGEST:g} (choose another unit)"),
        (smallest < -ROUNDING * largest, smallest, "not negative (cut noise off at 0)"),
        (largest == 0, largest, "above 0 somewhere"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            found = value if isinstance(value, str) else float(value[row])
            key = f"spectral_function of sample {row // per_sample}"
            raise InputError(source, key, found, allowed)


def channel_spectra(dataset: xr.Dataset, channel: str) -> np.ndarray:
    """Take the network's input from a set of spectra.

    Args:
        dataset: A set of spectra.
        channel: "up", "down" or "mean" over spin; of no effect where there is no spin dimension.

    Returns:
        Spectra, (sample, omega), float32.

    Raises:
        InputError: If `channel` is unknown or the file lacks that spin.
    """
    if channel not in CHANNELS:
        raise InputError("autoencoder", "channel", channel, f"one of {', '.join(CHANNELS)}")
    spectra = dataset["spectral_function"]
    if "spin" in spectra.dims:
        if channel != "mean" and channel not in list(dataset["spin"].to_numpy()):
            raise InputError("autoencoder", "channel", channel, "a spin of the data set, or mean")
        spectra = spectra.mean("spin") if channel == "mean" else spectra.sel(spin=channel)
    return np.ascontiguousarray(spectra.to_numpy(), dtype=np.float32)


def sample_variables(dataset: xr.Dataset) -> dict[str, np.ndarray]:
    """Every per-sample number of a data set under a flat name.

    Returns:
        Arrays (sample,), float64. A variable with dimensions (sample, spin) gives one entry a
        spin, such as `occupation_up`.
    """
    variables: dict[str, np.ndarray] = {}
    for name in numeric_variables(dataset):
        variable = dataset[name].astype(np.float64)
        if variable.dims == ("sample",):
            variables[name] = variable.to_numpy()
            continue
        for spin in variable["spin"].to_numpy():
            variables[f"{name}_{spin}"] = variable.sel(spin=spin).to_numpy()
    return variables


def numeric_variables(dataset: xr.Dataset) -> list[str]:
    """Names of the numeric variables with dimensions (sample,) or (sample, spin), but flags."""
    return [
        str(name)
        for name, variable in dataset.data_vars.items()
        if variable.dims in (("sample",), ("sample", "spin"))
        and np.issubdtype(variable.dtype, np.number)
        and name not in ("split", "status")
    ]
