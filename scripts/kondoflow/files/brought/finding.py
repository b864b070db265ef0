"""Which variables of a user's file are the spectra and the grid.

The configuration names them, or the names are those of the contract. Otherwise they are guessed
where a single variable can be meant, and the guess is told as a remark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import xarray as xr

from kondoflow.files.brought.arrays import UNNAMED, last_part
from kondoflow.files.brought.dimensions import AXIS, LAST, OWN, SPECTRA, UNCERTAINTY
from kondoflow.files.brought.names import listed, meant
from kondoflow.files.errors import InputError

NONE = "none"  # value of the key uncertainty


def find_spectra(
    brought: xr.Dataset, ensemble: Mapping[str, Any], source: object, remarks: list[str]
) -> xr.Dataset:
    """Spectra and grid under their names.

    Args:
        brought: Content of the file.
        ensemble: Keys `spectra`, `axis` and `uncertainty` of the configuration.
        source: The file, named in errors.
        remarks: Liberties taken so far, to which others are added.

    Raises:
        InputError: If spectra, grid or uncertainty are not found.
    """
    given = ensemble.get("spectra")
    if isinstance(given, list | Mapping):
        brought = _joined(brought, given, source)
        spectra = SPECTRA
    else:
        spectra = _spectra_name(brought, given, source, remarks)
    taken = {spectra, find_variable(ensemble.get("axis") or AXIS, brought.variables)}
    brought = _with_uncertainty(brought, ensemble.get(UNCERTAINTY), taken, source)
    axis = _axis_name(brought, spectra, ensemble.get("axis"), source, remarks)
    brought = _unnamed_apart(brought, spectra, axis, remarks)
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
    if SPECTRA in renamed.coords:  # where a file counts them among its coordinates
        renamed = renamed.reset_coords(SPECTRA)
    renamed[SPECTRA].attrs.setdefault("long_name", spectra)
    return renamed.assign({AXIS: (dims, variable.data, variable.attrs)})


def _unnamed_apart(brought: xr.Dataset, spectra: str, axis: str, remarks: list[str]) -> xr.Dataset:
    """Tell equally long dimensions without names apart, as HDF5 has them.

    The library that reads HDF5 gives all lists of a length the same dimension, the first of the
    spectra with this length, be they the grid or a number of each sample.
    """
    dims = brought[spectra].dims
    n = brought[axis].size
    same = [dim for dim in dims if str(dim).startswith(UNNAMED) and brought.sizes[dim] == n]
    if len(same) < 2 or brought[axis].ndim != 1:
        return brought
    remarks.append(LAST.format(len(same)))
    lists = {
        name: (same[-1] if name in (axis, UNCERTAINTY) else same[0], variable.data, variable.attrs)
        for name, variable in brought.variables.items()
        if variable.ndim == 1 and variable.size == n and str(variable.dims[0]).startswith(UNNAMED)
    }
    return brought.assign(lists)


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
    variables, parts = _parts(brought, list(names.values()), "spectra", source)
    channel = xr.DataArray(list(names), dims="channel", name="channel")
    joined = xr.concat(parts, channel, coords="minimal", compat="override", join="override")
    rest = brought.drop_vars(variables)
    return rest.assign({SPECTRA: joined.drop_vars("channel").variable}).assign_coords(
        channel=channel
    )


def _parts(
    brought: xr.Dataset, names: list[str], key: str, source: object
) -> tuple[list[str], list[xr.DataArray]]:
    """Variables of the channels, all of which have the same dimensions."""
    variables = []
    for name in names:
        variable = find_variable(name, brought.data_vars)
        if variable is None:
            raise InputError(source, key, name, f"a variable of the file{_offered(brought)}")
        variables.append(variable)
    parts = [brought[variable] for variable in variables]
    if len({part.dims for part in parts}) > 1:
        dims = [part.dims for part in parts]
        raise InputError(source, f"dimensions of {key}", dims, "the same for all channels")
    return variables, parts


def _with_uncertainty(
    brought: xr.Dataset, given: Any, taken: set[str | None], source: object
) -> xr.Dataset:
    """What the key `uncertainty` names, under this name; `none` leaves out what is called so.

    It is none of `taken`, the spectra and the grid.
    """
    if given is None:
        return brought
    rest = brought.drop_vars(UNCERTAINTY, errors="ignore")
    if given == NONE:
        return rest
    for name in listed(given):
        if find_variable(name, brought.variables) in taken:
            allowed = "another variable than the spectra and the grid"
            raise InputError(source, UNCERTAINTY, name, allowed)
    names, parts = _parts(brought, listed(given), UNCERTAINTY, source)
    rest = rest.drop_vars(names, errors="ignore")
    if len(parts) == 1:
        return rest.assign({UNCERTAINTY: parts[0].variable})
    n = rest.sizes.get("channel")
    if n != len(parts):
        allowed = f"{'a variable' if n is None else f'one or {n}'}, as there are channels"
        raise InputError(source, UNCERTAINTY, names, allowed)
    return rest.assign({UNCERTAINTY: xr.concat(parts, "channel", coords="minimal").variable})


def find_variable(given: str, variables: Iterable[Any]) -> str | None:
    """The variable that the configuration means; its name may be a path, and lack the unit."""
    names = [str(name) for name in variables]
    return meant(given, names) or meant(last_part(given), names)


def _spectra_name(
    brought: xr.Dataset, given: str | None, source: object, remarks: list[str]
) -> str:
    name = find_variable(given or SPECTRA, brought.variables)
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
    name = find_variable(given or AXIS, brought.variables)
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
