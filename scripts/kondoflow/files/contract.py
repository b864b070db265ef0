"""What the pipeline's netCDF files must hold: variables with dimensions, types and units.

Each kind of file has one table of `Variable`s, which stands in the package that writes the file:
`files.spectra` (what every set of spectra has), `systems.<name>.contract` (what a computed system
adds), `autoencoder.contract` (latents and training history). This module holds what the tables
share: the description of a variable, the check of a data set against a table, and the construction
of a data set from arrays.

The files follow the CF conventions where they apply: each variable carries `units` ("1" if
dimensionless) and `long_name`. A number in units of the model itself, such as an energy in units of
the half-bandwidth D, is dimensionless to a library that reads units (UDUNITS takes D for the
debye). Such a variable has `units` "1", the unit's symbol in `unit_symbol` and its name in
`comment`; see `unit_of`.

Only the standard library is needed to read the tables. A configuration is checked against them,
possibly in an environment without numerical libraries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kondoflow import __version__
from kondoflow.files.errors import InputError
from kondoflow.files.text import plain_text

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

CONVENTIONS = "CF-1.11"
OF_THE_MODEL = {  # units by symbol, which libraries do not know or take for others: in words
    "D": "half-bandwidth of the conduction band",
    "1/D": "inverse half-bandwidth of the conduction band",
    "k_B": "Boltzmann constant",
    "nat": "natural unit of information",
    "e^2/h": "conductance quantum of a spin, e^2/h",
}


@dataclass(frozen=True)
class Variable:
    """What the contract says of one variable.

    Attributes:
        dims: Dimensions.
        dtype: Type of its values.
        units: Unit, "1" for none.
        long_name: What it is.
        optional: Whether a file may lack it.
        flags: Meanings of the values 0, 1 ...
        by_channel: Whether a dimension `channel` may stand before the last dimension, for spectra
            of several channels.
    """

    dims: tuple[str, ...]
    dtype: str
    units: str
    long_name: str
    optional: bool = False
    flags: tuple[str, ...] = ()
    by_channel: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        """The CF attributes."""
        if self.units not in OF_THE_MODEL:
            return {"units": self.units, "long_name": self.long_name}
        comment = f"in units of the {OF_THE_MODEL[self.units]}"
        own = {"unit_symbol": self.units, "comment": comment}
        return {"units": "1", "long_name": self.long_name, **own}

    @property
    def with_channels(self) -> tuple[str, ...]:
        """The dimensions of several channels."""
        return (*self.dims[:-1], "channel", self.dims[-1])

    def allows(self, dims: tuple[Any, ...]) -> bool:
        """Whether a variable may have these dimensions."""
        return dims == self.dims or (self.by_channel and dims == self.with_channels)


def unit_of(attributes: Mapping[str, Any]) -> str:
    """Symbol of a variable's unit; "" for a number without one."""
    unit = plain_text(attributes.get("unit_symbol", attributes.get("units", "1")))
    return "" if unit == "1" else unit


def per_sample(units: str, long_name: str, *, optional: bool = False) -> Variable:
    """A float64 number for each sample."""
    return Variable(("sample",), "float64", units, long_name, optional)


def check(dataset: xr.Dataset, variables: Mapping[str, Variable], source: object) -> None:
    """Check a data set against a table of the contract.

    Args:
        dataset: What was read or is about to be written.
        variables: The table.
        source: File named in an error.

    Raises:
        InputError: Names the first variable that is missing or has other dimensions.
    """
    for name, variable in variables.items():
        if name not in dataset.variables:
            if not variable.optional:
                raise InputError(source, name, None, f"a variable with dimensions {variable.dims}")
            continue
        if not variable.allows(dataset[name].dims):
            allowed = f"a variable with dimensions {variable.dims}"
            raise InputError(source, name, dataset[name].dims, allowed)


def assemble(
    values: Mapping[str, np.ndarray],
    variables: Mapping[str, Variable],
    attributes: Mapping[str, Any],
    coordinates: Mapping[str, np.ndarray] | None = None,
) -> xr.Dataset:
    """Build a data set that keeps the contract from plain arrays.

    Args:
        values: Arrays by variable name; each must stand in `variables`.
        variables: The table of the contract.
        attributes: Global attributes (title, source, references, settings ...).
        coordinates: Labels of dimensions without a variable of their own, such as `spin`.

    Returns:
        The data set, each variable with its contract's dimensions, type and attributes.
    """
    import numpy as np
    import xarray as xr

    made = {"Conventions": CONVENTIONS, "history": f"written by KondoFlow {__version__}"}
    dataset = xr.Dataset(attrs={**made, **attributes})
    for name, labels in (coordinates or {}).items():
        dataset = dataset.assign_coords({name: (name, labels, {"long_name": name})})
        if np.asarray(labels).dtype.kind in "iuf":
            dataset[name].attrs["units"] = "1"
    for name, value in values.items():
        variable = variables[name]
        array = np.asarray(value).astype(variable.dtype)
        own: dict[str, object] = dict(variable.attributes)
        if variable.flags:
            own["flag_values"] = np.arange(len(variable.flags), dtype=variable.dtype)
            own["flag_meanings"] = " ".join(variable.flags)
        several = variable.by_channel and array.ndim == len(variable.dims) + 1
        dataset[name] = (variable.with_channels if several else variable.dims, array, own)
    check(dataset, {name: variables[name] for name in values}, "data set")
    return dataset
