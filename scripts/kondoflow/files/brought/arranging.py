"""From the data set of a user's file to spectra with known names and dimensions.

What the configuration names is renamed; dimensions follow from the grid, whatever their names and
order; complex spectra become two channels, the real and the imaginary part; descending grids are
turned; coordinates along the samples and true-or-false values count as properties. Each liberty
that is taken is told as a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.brought.dimensions import AXIS, OWN, SPECTRA, UNCERTAINTY, with_dims
from kondoflow.files.brought.finding import find_spectra, find_variable
from kondoflow.files.brought.names import plain_name
from kondoflow.files.errors import InputError

PARTS = ("real", "imaginary")


def arrange(
    brought: xr.Dataset,
    ensemble: Mapping[str, Any],
    source: object,
    remarks: list[str],
    join: Callable[[xr.Dataset], xr.Dataset] | None = None,
) -> xr.Dataset:
    """Arrange a data set.

    Args:
        brought: Content of the file.
        ensemble: Keys `spectra`, `axis` and `properties` of the configuration.
        source: The file, named in errors.
        remarks: Liberties taken so far, to which others are added.
        join: Adds properties from another file, once it is known which dimension is the samples'.

    Returns:
        `spectral_function` (sample[, channel], omega), `omega` (omega), or (sample, omega) where
        grids differ, and properties (sample).

    Raises:
        InputError: If spectra or grid are not found, or the dimensions are not clear.
    """
    dataset = find_spectra(brought, ensemble, source, remarks)
    if dataset[SPECTRA].dims == (AXIS,):  # a single spectrum
        dataset[SPECTRA] = dataset[SPECTRA].expand_dims("sample")
    dataset = with_dims(dataset, source, remarks)
    dataset = dataset if join is None else join(dataset)
    dataset = _for_all_channels(_by_parts(dataset))
    dataset = _ascending(dataset, remarks)
    return _with_properties(dataset, ensemble.get("properties"), source, remarks)


def _by_parts(dataset: xr.Dataset) -> xr.Dataset:
    """Complex spectra as real and imaginary part."""
    spectra = dataset[SPECTRA]
    if spectra.dtype.kind != "c":
        return dataset
    parts = np.stack([spectra.to_numpy().real, spectra.to_numpy().imag], axis=1)
    labels = list(PARTS)
    if spectra.ndim == 3:
        dim = str(spectra.dims[1])
        labels = [f"{part}_{label}" for part in PARTS for label in spectra[dim].to_numpy()]
        parts = parts.reshape(len(parts), -1, parts.shape[-1])
        dataset = dataset.drop_dims(dim)
    else:
        dataset = dataset.drop_vars(SPECTRA)
    dataset[SPECTRA] = (("sample", "channel", AXIS), parts, spectra.attrs)
    return dataset.assign_coords(channel=labels)


def _for_all_channels(dataset: xr.Dataset) -> xr.Dataset:
    """An uncertainty that is the same for all channels, for each of them."""
    spectra = dataset[SPECTRA]
    if spectra.ndim < 3 or UNCERTAINTY not in dataset:
        return dataset
    if dataset[UNCERTAINTY].dims != ("sample", AXIS):
        return dataset
    channels = {spectra.dims[1]: spectra.sizes[spectra.dims[1]]}
    expanded = dataset[UNCERTAINTY].variable.set_dims(
        {"sample": spectra.sizes["sample"], **channels, AXIS: spectra.sizes[AXIS]}
    )
    return dataset.assign({UNCERTAINTY: expanded.transpose(*spectra.dims)})


def _ascending(dataset: xr.Dataset, remarks: list[str]) -> xr.Dataset:
    """Turn a grid that falls."""
    grid = dataset[AXIS]
    if grid.ndim != 1 or grid.dtype.kind not in "fiu" or grid.size < 2:
        return dataset
    if (np.diff(grid.to_numpy().astype(np.float64)) < 0).all():
        remarks.append("the grid falls and is turned")
        return dataset.isel({AXIS: slice(None, None, -1)})
    return dataset


def _with_properties(
    dataset: xr.Dataset, wanted: Any, source: object, remarks: list[str]
) -> xr.Dataset:
    """Spectra, grid and the properties that are wanted, under plain names."""
    pairs = (
        wanted.items()
        if isinstance(wanted, Mapping)
        else zip(wanted or (), wanted or (), strict=True)
    )
    channel = dataset[SPECTRA].dims[1:-1]
    along = (("sample",), ("sample", *channel))
    found: dict[str, xr.Variable] = {}
    left_out, elsewhere = [], []
    for name, variable in dataset.variables.items():
        if name in (*OWN, "sample") or variable.dims not in along:
            # A grid of each sample is no property, and has been used.
            if variable.ndim and name not in (*OWN, "sample", *channel):
                elsewhere.append(str(name))
            continue
        if variable.dtype.kind in "fiub":
            plain = variable.to_base_variable()
            found[str(name)] = plain.astype(np.int8) if plain.dtype.kind == "b" else plain
        else:
            left_out.append(str(name))
    chosen = {} if wanted else found
    for new, old in pairs:
        name = find_variable(old, found)
        if name is None:
            allowed = f"a number of each sample; there are {', '.join(found) or 'none'}"
            raise InputError(source, "properties", old, allowed)
        chosen[name if new == old else new] = _with_unit(found[name], name)
    if left_out and not wanted:
        remarks.append(f"no numbers, hence left out: {', '.join(sorted(left_out))}")
    if elsewhere and not wanted:
        words = f"not numbers of the samples, hence left out: {', '.join(sorted(elsewhere))}"
        of_points = [name for name in elsewhere if AXIS in dataset[name].dims]
        told = " (the key uncertainty names errors of the points)" if of_points else ""
        remarks.append(f"{words}{told}")
    kept = [name for name in OWN if name in dataset.variables]
    labels = {dim: _labels(dataset[dim].to_numpy()) for dim in channel}
    arranged = dataset[kept].drop_vars([c for c in dataset[kept].coords if c != AXIS])
    arranged = arranged.assign_coords(labels)
    return arranged.assign(_plain(chosen, source, remarks))


def _labels(values: np.ndarray) -> list[str]:
    """Labels of channels; numbers, such as momenta, with no more digits than tell them apart."""
    if values.dtype.kind != "f":
        return [str(value) for value in values]
    short = [f"{value:g}" for value in values]
    return short if len(set(short)) == len(short) else [str(value) for value in values]


def _with_unit(variable: xr.Variable, name: str) -> xr.Variable:
    """A variable with the unit that stands in brackets in its name."""
    unit = plain_name(name).unit
    attributes = {"units": unit, **variable.attrs} if unit else variable.attrs
    return xr.Variable(variable.dims, variable.data, attributes)


def _plain(
    properties: Mapping[str, xr.Variable], source: object, remarks: list[str]
) -> dict[str, xr.Variable]:
    """Properties under names that expressions can hold, with units that stood in brackets."""
    plain: dict[str, xr.Variable] = {}
    for given, variable in properties.items():
        name = plain_name(given).name
        name = f"own_{name}" if name in OWN and name != given else name
        if name in plain or name in OWN:
            allowed = f"a name that differs from {name}; rename it with the key properties"
            raise InputError(source, "property", given, allowed)
        if name != given:
            remarks.append(f"{given!r} is named {name}")
        plain[name] = _with_unit(variable, given)
    return plain
