"""From the data set of a user's file to spectra with known names and dimensions.

What the configuration names is renamed; dimensions follow from the grid, whatever their names and
order; complex spectra become two channels, the real and the imaginary part; descending grids are
turned; coordinates along the samples and true-or-false values count as properties. Each liberty
that is taken is told as a remark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.brought.arrays import last_part
from kondoflow.files.brought.dimensions import AXIS, OWN, SPECTRA, with_dims
from kondoflow.files.brought.names import meant, plain_name
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
    dataset = _named(brought, ensemble, source, remarks)
    if dataset[SPECTRA].dims == (AXIS,):  # a single spectrum
        dataset[SPECTRA] = dataset[SPECTRA].expand_dims("sample")
    dataset = with_dims(dataset, source, remarks)
    dataset = dataset if join is None else join(dataset)
    dataset = _by_parts(dataset)
    dataset = _ascending(dataset, remarks)
    return _with_properties(dataset, ensemble.get("properties"), source, remarks)


def _named(
    brought: xr.Dataset, ensemble: Mapping[str, Any], source: object, remarks: list[str]
) -> xr.Dataset:
    """Spectra and grid under their names."""
    given = ensemble.get("spectra")
    if isinstance(given, list | Mapping):
        brought = _joined(brought, given, source)
        spectra = SPECTRA
    else:
        spectra = _spectra_name(brought, given, source, remarks)
    axis = _axis_name(brought, spectra, ensemble.get("axis"), source, remarks)
    variable = brought[axis].variable.to_base_variable()
    variable.attrs.setdefault("long_name", axis)
    kept = {axis} if brought[axis].dims == (axis,) else set()
    rest = brought.reset_index(list(kept)) if kept else brought
    dim = brought[axis].dims[-1]
    rest = _with_own_names(rest.drop_vars(axis, errors="ignore"), spectra, dim, remarks)
    renamed = rest.rename_vars({spectra: SPECTRA} if spectra != SPECTRA else {})
    if dim != AXIS and dim in renamed.dims:
        if AXIS in renamed.dims:
            allowed = "another name for a dimension that is not the grid's"
            raise InputError(source, "dimension", AXIS, allowed)
        renamed = renamed.rename_dims({dim: AXIS})
    dims = tuple(AXIS if each == dim else each for each in variable.dims)
    renamed[SPECTRA].attrs.setdefault("long_name", spectra)
    return renamed.assign({AXIS: (dims, variable.data, variable.attrs)})


def _with_own_names(rest: xr.Dataset, spectra: str, dim: object, remarks: list[str]) -> xr.Dataset:
    """Free the names of spectra and grid: a number of each sample gets another, others are left."""
    for name in sorted({AXIS, SPECTRA} - {spectra}):
        variable = rest.variables.get(name)
        if variable is None:
            continue
        if variable.ndim == 1 and variable.dims[0] not in (dim, name):
            remarks.append(f"{name!r} is named own_{name}")
            rest = rest.rename_vars({name: f"own_{name}"})
        else:
            rest = rest.drop_vars(name)
    return rest


def _joined(
    brought: xr.Dataset, given: Sequence[str] | Mapping[str, str], source: object
) -> xr.Dataset:
    """Several variables as the channels of one."""
    names = dict(given) if isinstance(given, Mapping) else {last_part(name): name for name in given}
    variables = []
    for name in names.values():
        variable = _variable(name, brought.data_vars)
        if variable is None:
            raise InputError(source, "spectra", name, f"a variable of the file{_offered(brought)}")
        variables.append(variable)
    parts = [brought[variable] for variable in variables]
    if len({part.dims for part in parts}) > 1:
        dims = [part.dims for part in parts]
        raise InputError(source, "dimensions of spectra", dims, "the same for all channels")
    channel = xr.DataArray(list(names), dims="channel", name="channel")
    joined = xr.concat(parts, channel, coords="minimal", compat="override", join="override")
    rest = brought.drop_vars(variables)
    return rest.assign({SPECTRA: joined.drop_vars("channel").variable}).assign_coords(
        channel=channel
    )


def _variable(given: str, variables: Iterable[Any]) -> str | None:
    """The variable that the configuration means; its name may be a path, and lack the unit."""
    names = [str(name) for name in variables]
    return meant(given, names) or meant(last_part(given), names)


def _spectra_name(
    brought: xr.Dataset, given: str | None, source: object, remarks: list[str]
) -> str:
    name = _variable(given or SPECTRA, brought.variables)
    if name is not None:
        return name
    candidates = _candidates(brought)
    if given is None and len(candidates) == 1:
        remarks.append(f"{candidates[0]!r} is taken for the spectra")
        return candidates[0]
    key = "spectra" if given else SPECTRA
    raise InputError(source, key, given, f"a variable of the file{_offered(brought)}")


def _candidates(brought: xr.Dataset) -> list[str]:
    """Variables that may be spectra; a single spectrum where there is nothing else."""
    numeric = {
        str(name): variable
        for name, variable in brought.variables.items()
        if variable.dtype.kind in "fiuc" and name not in OWN
    }
    several = [name for name, variable in numeric.items() if variable.ndim in (2, 3)]
    single = [
        name
        for name, variable in numeric.items()
        if variable.ndim == 1 and name not in brought.coords and variable.dims[0] in brought.coords
    ]
    return several or single


def _offered(brought: xr.Dataset) -> str:
    names = _candidates(brought)
    return f"; the key spectra may name {', '.join(names)}" if names else ""


def _axis_name(
    brought: xr.Dataset, spectra: str, given: str | None, source: object, remarks: list[str]
) -> str:
    name = _variable(given or AXIS, brought.variables)
    dims = brought[spectra].dims
    if name is not None:
        return name
    candidates = [
        str(other)
        for other, variable in brought.variables.items()
        if variable.ndim == 1 and variable.dims[0] in dims and variable.dtype.kind in "fiu"
    ]
    # A dimension that is called sample has no grid, and the grid's dimension stands last.
    last = next((dim for dim in reversed(dims) if dim != "sample"), dims[-1])
    of_last = [other for other in candidates if brought[other].dims[0] == last]
    own = [other for other in of_last if other == last] or of_last
    indices = [other for other in candidates if other in dims and other != "sample"]
    if "sample" not in dims and any(other in dims[:-1] for other in candidates):
        # Along the other dimension, the samples, there is not a single variable that may be a grid.
        own = indices if len(indices) == 1 and len(candidates) != 2 else []
    candidates.sort(key=lambda other: other not in indices)
    if given is None and len(own) == 1:
        remarks.append(f"{own[0]!r} is taken for the grid")
        return own[0]
    if given is None:
        words = f"; the key axis may name {', '.join(candidates)}" if candidates else ""
        raise InputError(source, AXIS, None, f"a variable of the file{words}")
    listed = ", ".join(candidates) or "none"
    allowed = f"a variable of the file along the spectra, such as {listed}"
    raise InputError(source, "axis", given, allowed)


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
    left_out = []
    for name, variable in dataset.variables.items():
        if name in (*OWN, "sample") or variable.dims not in along:
            continue
        if variable.dtype.kind in "fiub":
            plain = variable.to_base_variable()
            found[str(name)] = plain.astype(np.int8) if plain.dtype.kind == "b" else plain
        else:
            left_out.append(str(name))
    chosen = {} if wanted else found
    for new, old in pairs:
        name = _variable(old, found)
        if name is None:
            allowed = f"a number of each sample; there are {', '.join(found) or 'none'}"
            raise InputError(source, "properties", old, allowed)
        chosen[name if new == old else new] = _with_unit(found[name], name)
    if left_out and not wanted:
        remarks.append(f"no numbers, hence left out: {', '.join(sorted(left_out))}")
    kept = [name for name in OWN if name in dataset.variables]
    labels = {dim: dataset[dim] for dim in channel}
    arranged = dataset[kept].drop_vars([c for c in dataset[kept].coords if c != AXIS])
    arranged = arranged.assign_coords(labels)
    return arranged.assign(_plain(chosen, source, remarks))


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
        if name in plain or name in OWN:
            allowed = f"a name that differs from {name}; rename it with the key properties"
            raise InputError(source, "property", given, allowed)
        if name != given:
            remarks.append(f"{given!r} is named {name}")
        plain[name] = _with_unit(variable, given)
    return plain
