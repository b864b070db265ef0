"""Sets of spectra: the file that every stage after the solver reads.

A set is either computed (all variables of its system's contract) or brought by the user: then
`spectral_function` has dimensions (sample, omega), (sample, spin, omega) or (sample, channel,
omega), and any per-sample variables stand beside it. A channel is one of several spectra of the
same sample on the same grid: the two spins, or the real and the imaginary part.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from kondoflow.files.channels import (
    ALL,
    MEAN,
    channels_allowed,
    channels_exist,
    chosen_parts,
    listed,
)
from kondoflow.files.errors import InputError
from kondoflow.files.netcdf import read_dataset
from kondoflow.files.parts import parts_of

CHANNEL_DIMS = ("spin", "channel")
DIMS = (("sample", "omega"), *(("sample", dim, "omega") for dim in CHANNEL_DIMS))
LEAST_FREQUENCIES = 2
FINITE = (
    "finite everywhere. For a file that you bring, missing: interpolate fills gaps within a "
    "spectrum, and set_apart: suspicious leaves such samples out"
)
# Of a spectrum, and of the largest of all: networks calculate in single precision.
LARGEST, SMALLEST = 1e30, 1e-35


def read_spectra(path: Path) -> xr.Dataset:
    """Read a set of spectra and check everything that the later stages rely on.

    Returns:
        A data set with at least `spectral_function`, `omega` and `split`.

    Raises:
        InputError: Names the first violation: a missing variable, wrong dimensions or type, a grid
            that does not increase, spectra that are not finite or too large.
    """
    dataset = read_dataset(path)
    check_spectra(dataset, path)
    if "split" not in dataset:
        raise InputError(path, "split", None, "a variable with dimensions ('sample',)")
    return dataset


def check_spectra(dataset: xr.Dataset, source: object) -> None:
    """Check spectra and grid (see `read_spectra`), with or without a split.

    Args:
        dataset: `spectral_function` (sample, omega) or (sample, channel, omega), and `omega`.
        source: The file, named in errors.

    Raises:
        InputError: Names the first violation.
    """
    for name in ("spectral_function", "omega"):
        if name not in dataset.variables:
            raise InputError(source, name, None, "a variable of the file")
    dims = dataset["spectral_function"].dims
    if dims not in DIMS:
        allowed = "(sample, omega), (sample, spin, omega) or (sample, channel, omega)"
        raise InputError(source, "dimensions of spectral_function", dims, allowed)
    if dataset["spectral_function"].size == 0:
        raise InputError(source, "size of spectral_function", 0, "at least one spectrum")
    for name in ("spectral_function", "omega"):
        if dataset[name].dtype.kind not in "fiu":
            raise InputError(source, f"type of {name}", str(dataset[name].dtype), "real numbers")
    labels = channel_labels(dataset)
    if len(set(labels)) < len(labels):
        raise InputError(source, f"labels of {dims[1]}", labels, "different from each other")
    _check_grid(dataset["omega"].to_numpy(), source)
    _check_values(dataset["spectral_function"].to_numpy(), source)


def _check_grid(omega: np.ndarray, source: object) -> None:
    if omega.ndim != 1 or len(omega) < LEAST_FREQUENCIES:
        allowed = f"a list of at least {LEAST_FREQUENCIES} frequencies"
        raise InputError(source, "shape of omega", omega.shape, allowed)
    with np.errstate(invalid="ignore"):
        wrong = ~np.isfinite(omega) | (np.diff(omega, prepend=-np.inf) <= 0)
    if wrong.any():
        point = int(np.argmax(wrong))
        before = f" after {omega[point - 1]:g}" if point and np.isfinite(omega[point]) else ""
        allowed = "finite and strictly increasing"
        raise InputError(source, f"omega at point {point}", f"{omega[point]:g}{before}", allowed)


def _check_values(spectra: np.ndarray, source: object) -> None:
    """Check spectra, (sample, ..., omega); the first sample at fault is named."""
    rows = spectra.reshape(-1, spectra.shape[-1])
    per_sample = len(rows) // len(spectra)
    largest = np.abs(rows).max(axis=1)
    for wrong, value, allowed in (
        (~np.isfinite(largest), "NaN or infinity", FINITE),
        (largest > LARGEST, largest, f"at most {LARGEST:g} in magnitude (choose another unit)"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            found = value if isinstance(value, str) else float(value[row])
            key = f"spectral_function of sample {row // per_sample}"
            raise InputError(source, key, found, allowed)
    highest = float(largest.max(initial=0.0))
    if 0 < highest < SMALLEST:
        allowed = f"{SMALLEST:g} or more where it is largest in magnitude (choose another unit)"
        raise InputError(source, "spectral_function", highest, allowed)


def channel_labels(dataset: xr.Dataset) -> list[str]:
    """Labels of the channels of spectra (sample, channel, omega); none without that dimension."""
    dims = dataset["spectral_function"].dims
    return [str(label) for label in dataset[dims[1]].to_numpy()] if len(dims) == 3 else []


def channel_positions(dataset: xr.Dataset, channel: str | Sequence[str]) -> list[int]:
    """Positions of the channels of an input; none if each sample has one spectrum.

    Args:
        dataset: A set of spectra.
        channel: A label, a list of labels, "all" for all channels as one input, or "mean" over all,
            of no effect where each sample has one spectrum; or parts of all, see `files.parts`.

    Raises:
        InputError: If the set lacks a channel.
    """
    labels = channel_labels(dataset)
    wanted = listed(channel)
    if wanted in ([ALL], [MEAN]) or not labels or chosen_parts(channel, labels):
        return list(range(len(labels)))
    if not channels_exist(wanted, labels):
        raise InputError("autoencoder", "channel", channel, channels_allowed(labels))
    return [labels.index(label) for label in wanted]


def chosen_channels(dataset: xr.Dataset, channel: str | Sequence[str]) -> list[str]:
    """Labels of the channels or parts that together are one input; none for a single spectrum.

    Arguments and errors are those of `channel_positions`.
    """
    labels, positions = channel_labels(dataset), channel_positions(dataset, channel)
    parts = chosen_parts(channel, labels)
    if parts:
        return parts if len(parts) > 1 else []
    several = len(positions) > 1 and not is_mean(channel)
    return [labels[position] for position in positions] if several else []


def is_mean(channel: str | Sequence[str]) -> bool:
    """Whether an input is the mean over channels."""
    return channel in (MEAN, [MEAN])


def channel_spectra(dataset: xr.Dataset, channel: str | Sequence[str]) -> np.ndarray:
    """Take the network's input from a set of spectra, see `channel_positions`.

    Returns:
        Spectra, (sample, omega), or (sample, channel, omega) for several channels, float32.

    Raises:
        InputError: If the set lacks a channel, or its spectra have no such parts.
    """
    spectra, positions = dataset["spectral_function"], channel_positions(dataset, channel)
    parts = chosen_parts(channel, channel_labels(dataset))
    if parts:
        values, omega = spectra.to_numpy(), dataset["omega"].to_numpy()
        found = parts_of(values.reshape(len(values), -1, len(omega)), omega, parts)
        return found if len(parts) > 1 else found[:, 0]
    if positions:
        dim = str(spectra.dims[1])
        spectra = spectra.isel({dim: positions})
        if is_mean(channel):
            spectra = spectra.mean(dim)
        elif len(positions) == 1:
            spectra = spectra.isel({dim: 0})
    return np.ascontiguousarray(spectra.to_numpy(), dtype=np.float32)


def flat(spectra: np.ndarray) -> np.ndarray:
    """Spectra (sample, omega), or (sample, channel, omega) in a row, (sample, n)."""
    return spectra.reshape(len(spectra), int(np.prod(spectra.shape[1:])))


def sample_variables(dataset: xr.Dataset) -> dict[str, np.ndarray]:
    """Every per-sample number of a data set under a flat name.

    Returns:
        Arrays (sample,), float64. A variable with dimensions (sample, spin) or (sample, channel)
        gives one entry for each channel, such as `occupation_up`.
    """
    variables: dict[str, np.ndarray] = {}
    for name in numeric_variables(dataset):
        variable = dataset[name].astype(np.float64)
        if variable.dims == ("sample",):
            variables[name] = variable.to_numpy()
            continue
        dim = variable.dims[1]
        for index, label in enumerate(variable[dim].to_numpy()):
            variables[f"{name}_{label}"] = variable.isel({dim: index}).to_numpy()
    return variables


def numeric_variables(dataset: xr.Dataset) -> list[str]:
    """Names of the numeric variables (sample,) or (sample, channel) that are no flags."""
    return [
        str(name)
        for name, variable in dataset.data_vars.items()
        if variable.dims in (("sample",), *(("sample", dim) for dim in CHANNEL_DIMS))
        and np.issubdtype(variable.dtype, np.number)
        and name not in ("split", "status")
    ]
