"""Which dimension of a user's spectra is that of the samples, the channels, the grid.

The grid's dimension is known by the grid, or by its length where dimensions have no names, as in
HDF5. Of two others, that of the samples is known by its name, by a grid of each sample, or by the
properties that lie along it. Two or more dimensions with values of their own, such as temperatures
and fields, are those of a scan: each of its points is a sample.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from kondoflow.files.errors import InputError
from kondoflow.files.spectra import CHANNEL_DIMS

SPECTRA, AXIS, UNCERTAINTY = "spectral_function", "omega", "uncertainty"
KNOWN_CHANNELS = (*CHANNEL_DIMS, "part", "component", "polarisation", "polarization")
OWN = (SPECTRA, AXIS, UNCERTAINTY, "split")
LAST = "{} dimensions are as long as the grid, which is taken for the last"  # a remark


def with_dims(dataset: xr.Dataset, source: object, remarks: list[str]) -> xr.Dataset:
    """Spectra and grid with their dimensions in order and under their names.

    Args:
        dataset: `spectral_function` and `omega`, and what else the file holds.
        source: The file, named in errors.
        remarks: Liberties taken so far, to which others are added.

    Raises:
        InputError: If the dimensions are not clear.
    """
    grid = dataset[AXIS]
    spectra = dataset[SPECTRA]
    if AXIS not in spectra.dims:
        dataset = _same_length(dataset, source, remarks)
        spectra = dataset[SPECTRA]
    dataset = _with_points_of_scan(dataset, remarks)
    grid, spectra = dataset[AXIS], dataset[SPECTRA]
    others = [str(dim) for dim in spectra.dims if dim != AXIS]
    if len(others) not in (1, 2):
        allowed = "(sample, omega), or with a dimension of channels; or one with a variable of "
        allowed += "numbers of its own for each quantity of a scan"
        raise InputError(source, f"dimensions of {SPECTRA}", spectra.dims, allowed)
    if grid.ndim > 2 or (grid.ndim == 2 and not set(grid.dims) <= {*others, AXIS}):
        raise InputError(source, f"dimensions of {AXIS}", grid.dims, "(omega) or (sample, omega)")
    channel = _channel_dim(dataset, others, remarks)
    (sample,) = [dim for dim in others if dim != channel]
    names = {sample: "sample"}
    if channel is not None and channel not in CHANNEL_DIMS:
        names[channel] = "channel"
    for old, new in names.items():
        if old != new and new in dataset.dims:
            raise InputError(source, "dimension", new, f"that of the spectra, which is {old}")
    # An index along the samples is a property as any other coordinate.
    indices = [name for name in names if name in dataset.xindexes]
    dataset = dataset.reset_index([name for name in indices if name == sample])
    dataset = dataset.rename({old: new for old, new in names.items() if old != new})
    if sample != "sample" and "sample" in dataset.variables:
        dataset = dataset.rename_vars(sample=sample)
    order = ["sample", *([names.get(channel, channel)] if channel else []), AXIS]
    if channel and order[1] not in dataset.coords:
        dataset = dataset.assign_coords(
            {order[1]: [str(k) for k in range(dataset.sizes[order[1]])]}
        )
    dataset[SPECTRA] = dataset[SPECTRA].transpose(*order)
    if dataset[AXIS].ndim == 2:
        dataset = dataset.assign({AXIS: dataset[AXIS].transpose("sample", AXIS).variable})
    if UNCERTAINTY in dataset:
        own = [dim for dim in order if dim in dataset[UNCERTAINTY].dims]
        if set(own) == set(dataset[UNCERTAINTY].dims):
            dataset[UNCERTAINTY] = dataset[UNCERTAINTY].transpose(*own)
    return dataset


def _with_points_of_scan(dataset: xr.Dataset, remarks: list[str]) -> xr.Dataset:
    """The points of a scan over two or more quantities as samples."""
    dims = [dim for dim in dataset[SPECTRA].dims if dim != AXIS and _is_scanned(dataset, str(dim))]
    if len(dims) < 2 or "sample" in dataset.dims or "sample" in dataset.variables:
        return dataset
    n = math.prod(dataset.sizes[dim] for dim in dims)
    remarks.append(f"each of the {n} points of {' and '.join(map(str, dims))} is a sample")
    return dataset.stack(sample=dims).reset_index("sample")


def _is_scanned(dataset: xr.Dataset, dim: str) -> bool:
    """Whether a dimension has numbers of its own that do not just count."""
    if dim not in dataset.variables or dim.lower() in KNOWN_CHANNELS:
        return False
    values = dataset[dim].to_numpy()
    return values.dtype.kind in "fiu" and not (
        values.dtype.kind in "iu" and (np.diff(values) == 1).all() and set(values[:1]) <= {0, 1}
    )


def _channel_dim(dataset: xr.Dataset, others: list[str], remarks: list[str]) -> str | None:
    """The dimension of the channels: told by names, by properties, else the shorter one."""
    if len(others) == 1:
        return None
    along_grid = [dim for dim in others if dim in dataset[AXIS].dims]
    told = along_grid or [dim for dim in others if dim == "sample"]
    channels = [dim for dim in others if dim.lower() in KNOWN_CHANNELS]
    if not told and not channels:
        told = [dim for dim in others if _has_properties(dataset, dim)]
    if len(told) == 1:
        return next(dim for dim in others if dim != told[0])
    if channels:
        return channels[0]
    first, second = others
    channel = first if dataset.sizes[first] < dataset.sizes[second] else second
    remarks.append(f"the dimension {channel!r} is taken for that of the channels")
    return channel


def _has_properties(dataset: xr.Dataset, dim: str) -> bool:
    """Whether numbers other than its own labels lie along a dimension."""
    return any(
        variable.dims == (dim,) and variable.dtype.kind in "fiub" and name not in (dim, *OWN)
        for name, variable in dataset.variables.items()
    )


def _same_length(dataset: xr.Dataset, source: object, remarks: list[str]) -> xr.Dataset:
    """Match dimensions without names, as HDF5 has them, by their lengths."""
    spectra, n = dataset[SPECTRA], dataset.sizes[AXIS]
    same = [dim for dim in spectra.dims if spectra.sizes[dim] == n]
    if not same:
        allowed = f"one with a dimension of length {n}, that of the grid"
        raise InputError(source, f"shape of {SPECTRA}", spectra.shape, allowed)
    if len(same) > 1:
        remarks.append(LAST.format(len(same)))
    dims = [AXIS if dim == same[-1] else dim for dim in spectra.dims]
    changed = dataset.assign({SPECTRA: (dims, spectra.data, spectra.attrs)})
    others = {
        name: ([AXIS if dim == same[-1] else dim for dim in variable.dims], variable.data)
        for name, variable in dataset.variables.items()
        if same[-1] in variable.dims and name != SPECTRA and len(same) == 1
    }
    return changed.assign(others)
