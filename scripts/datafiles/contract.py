"""Names, dimensions, types and units of every variable in the pipeline's netCDF files.

The files follow the CF conventions where they apply: each variable carries `units` ("1" if
dimensionless) and `long_name`; energies and temperatures are in units of the half-bandwidth D
with k_B = g mu_B = 1.

The tables need the standard library alone: they are also read where a configuration is checked,
which may be in an environment without numerical libraries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from datafiles.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

CONVENTIONS = "CF-1.11"
SPLITS = ("train", "validation", "test")
SPINS = ("up", "down")
PARAMETERS = ("U", "Gamma", "eps_d", "B", "T")
STATUSES = ("valid", "failed", "not_finite", "weight_off", "negative")


@dataclass(frozen=True)
class Variable:
    """What the contract says of one variable."""

    dims: tuple[str, ...]
    dtype: str
    units: str
    long_name: str
    optional: bool = False
    flags: tuple[str, ...] = ()  # meanings of the values 0, 1 ...

    @property
    def attributes(self) -> dict[str, str]:
        """The CF attributes."""
        return {"units": self.units, "long_name": self.long_name}


def _per_sample(units: str, long_name: str, *, optional: bool = False) -> Variable:
    return Variable(("sample",), "float64", units, long_name, optional)


ANDERSON_PARAMETERS: Mapping[str, Variable] = {
    "U": _per_sample("D", "Coulomb repulsion on the impurity"),
    "Gamma": _per_sample("D", "hybridisation strength, half-width of the bare level"),
    "eps_d": _per_sample("D", "impurity level relative to the Fermi energy"),
    "B": _per_sample("D", "magnetic field on the impurity, Zeeman splitting"),
    "T": _per_sample("D", "temperature"),
}

SPLIT = Variable(("sample",), "int8", "1", "part of the data set the sample belongs to")
STATUS = Variable(
    ("sample",), "int8", "1", "whether the solution can be used", optional=True, flags=STATUSES
)

SPECTRA: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "spin", "omega"),
        "float32",
        "1",
        "pi Gamma A_s(omega), averaged over the cell of each omega",
    ),
    "omega": Variable(("omega",), "float64", "D", "frequency relative to the Fermi energy"),
    **ANDERSON_PARAMETERS,
    "occupation": Variable(("sample", "spin"), "float64", "1", "impurity occupation by spin"),
    "double_occupation": _per_sample("1", "probability of a doubly occupied impurity"),
    "spin_susceptibility": _per_sample("1/D", "static local spin susceptibility at B = 0"),
    "T_chi": _per_sample("D", "1/(4 spin_susceptibility)"),
    "T_K_haldane": _per_sample("D", "Haldane's Kondo temperature, NaN outside -U < eps_d < 0"),
    "half_width_below": _per_sample(
        "D", "omega < 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "half_width_above": _per_sample(
        "D", "omega > 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "half_width": _per_sample("D", "mean of half_width_below and half_width_above"),
    "spectral_weight_error": _per_sample("1", "deviation of the raw spectral weight from 1"),
    "causality_cuts": _per_sample("1", "number of frequencies at which Im Sigma was set to 0"),
    "cpu_seconds": _per_sample("s", "processor time of the solution"),
    "split": SPLIT,
    "status": STATUS,
}

# What a data set keeps of the samples that can't be used, if there are any.
REJECTED: Mapping[str, Variable] = {
    f"rejected_{name}": replace(variable, dims=("rejected",), optional=True)
    for name, variable in {**ANDERSON_PARAMETERS, "status": STATUS}.items()
}

RAW: Mapping[str, Variable] = {
    **ANDERSON_PARAMETERS,
    "peak_energy": Variable(("bin",), "float64", "D", "centre |omega| of a bin of peaks"),
    "peak_weight": Variable(
        ("sample", "spin", "correlator", "sign", "bin"),
        "float64",
        "1",
        "weight of the peaks of <<d;d+>> and, times D, of <<F;d+>> before broadening",
    ),
    **{
        name: SPECTRA[name]
        for name in ("occupation", "double_occupation", "spin_susceptibility", "cpu_seconds")
    },
}

LATENTS: Mapping[str, Variable] = {
    "mean": Variable(("sample", "latent"), "float32", "1", "mean of q(z|A)"),
    "log_variance": Variable(("sample", "latent"), "float32", "1", "log variance of q(z|A)"),
    "kl": Variable(
        ("latent",), "float64", "nat", "Kullback-Leibler divergence from the prior, training mean"
    ),
    "active": Variable(("latent",), "int8", "1", "1 where the latent carries information"),
    "reconstruction_error": Variable(
        ("sample",), "float64", "1", "sum over omega of the squared error of the decoded mean"
    ),
    "absolute_error": Variable(
        ("sample",), "float64", "1", "mean over omega of the absolute error of the decoded mean"
    ),
    "split": SPLIT,
    "omega": Variable(("omega",), "float64", "D", "frequency relative to the Fermi energy"),
    "step": Variable(("step",), "float64", "1", "value of the traversed latent"),
    "traversal": Variable(
        ("latent", "step", "omega"),
        "float32",
        "1",
        "decoded spectrum with one latent set to `step`, the others at their training median",
    ),
    "example": Variable(
        ("example",), "int64", "1", "sample shown as best, median and worst test reconstruction"
    ),
    "example_input": Variable(("example", "omega"), "float32", "1", "spectrum of the example"),
    "example_reconstruction": Variable(
        ("example", "omega"), "float32", "1", "decoded spectrum of the example"
    ),
}

HISTORY: Mapping[str, Variable] = {
    "learning_rate": Variable(("epoch",), "float64", "1", "learning rate of the epoch"),
    "beta": Variable(("epoch",), "float64", "1", "weight of the KL term in the epoch"),
    "reconstruction": Variable(
        ("epoch", "part"), "float64", "1", "mean sum of squared errors, decoding the mean"
    ),
    "kl": Variable(("epoch", "part", "latent"), "float64", "nat", "mean KL of each latent"),
    "loss": Variable(
        ("epoch", "part"), "float64", "1", "reconstruction + nominal beta * KL, z at its mean"
    ),
}


def split_counts(n_samples: int, fractions: Mapping[str, float]) -> dict[str, int]:
    """Number of samples in each part of a split.

    Validation and test have at least one sample each, and train has the rest, which may be none.
    """
    held_out = {part: max(1, round(fractions[part] * n_samples)) for part in SPLITS[1:]}
    return {SPLITS[0]: n_samples - sum(held_out.values()), **held_out}


def check(dataset: xr.Dataset, variables: Mapping[str, Variable], source: object) -> None:
    """Hold a data set against a table of the contract.

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
        if dataset[name].dims != variable.dims:
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

    dataset = xr.Dataset(attrs={"Conventions": CONVENTIONS, **attributes})
    for name, labels in (coordinates or {}).items():
        dataset = dataset.assign_coords({name: labels})
    for name, value in values.items():
        variable = variables[name]
        array = np.asarray(value).astype(variable.dtype)
        own: dict[str, object] = dict(variable.attributes)
        if variable.flags:
            own["flag_values"] = np.arange(len(variable.flags), dtype=variable.dtype)
            own["flag_meanings"] = " ".join(variable.flags)
        dataset[name] = (variable.dims, array, own)
    check(dataset, {name: variables[name] for name in values}, "data set")
    return dataset
