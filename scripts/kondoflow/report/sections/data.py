"""The data: how many spectra on which grid, what varies among them, where they come from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.splits import SPLITS
from kondoflow.files.text import plain_text
from kondoflow.report.results import Results, finite
from kondoflow.report.typeset import rich_text

SHOWN_APART = ("title", "Conventions")  # attributes that are not settings


def facts(results: Results) -> dict[str, Any]:
    """What `topics/data.html` tells."""
    spectra, labels = results.spectra, results.labels
    omega, split = spectra["omega"].to_numpy(), spectra["split"].to_numpy()
    return {
        "title": plain_text(spectra.attrs.get("title", "")),
        "name": results.ensemble,
        "n": spectra.sizes["sample"],
        "symbol": rich_text(labels.symbol("spectral_function")),
        "n_omega": omega.size,
        "axis": rich_text(labels.symbol("omega")),
        "low": omega[0],
        "high": omega[-1],
        "unit": labels.unit("omega"),
        "parts": {name: np.count_nonzero(split == k) for k, name in enumerate(SPLITS)},
        "rejected": rejected(results),
        "cost": finite(results.variables.get("cpu_seconds", np.empty(0))),
        "quantities": quantities(results),
        "constants": constants(results),
        "source": source(results),
    }


def rejected(results: Results) -> list[tuple[int, str]]:
    """How many samples could not be used, by the reason that the data set gives."""
    status = results.spectra.get("rejected_status")
    if status is None or status.dims != ("rejected",):  # a user's own may have this name
        return []
    reasons = str(status.attrs.get("flag_meanings", "")).split()
    flags = np.atleast_1d(status.attrs.get("flag_values", np.arange(len(reasons))))
    names = dict(zip(flags.tolist(), reasons, strict=False))
    values, counts = np.unique(status.to_numpy(), return_counts=True)
    return [
        (int(n), str(names.get(int(value), f"status {value}")).replace("_", " "))
        for value, n in zip(values, counts, strict=True)
    ]


def quantities(results: Results) -> list[dict[str, Any]]:
    """Range of the parameters, of what else varies and has a name, and of the scale."""
    rows = [
        row_of(results, name, results.variables[name])
        for name in names_of_variables(results)
        if name in results.system["parameters"] or varies(results.variables[name])
    ]
    scale = results.scale
    if scale is not None and scale not in results.variables:
        rows.append(row_of(results, scale, results.descriptors[scale]))
    return rows


def constants(results: Results) -> list[dict[str, Any]]:
    """Parameters of the data set that are the same for every sample."""
    return [
        row_of(results, name, results.variables[name])
        for name in own_parameters(results)
        if name not in results.system["parameters"] and not varies(results.variables[name])
    ]


def names_of_variables(results: Results) -> list[str]:
    """Per-sample variables: the system's parameters, the data set's own, those in expressions."""
    system = results.system
    expressions = [*system.get("inputs", {}).values(), *system.get("descriptors", {}).values()]
    used = [re.findall(r"[A-Za-z_]\w*", text) for text in expressions]
    wanted = [
        *system["parameters"],
        *own_parameters(results),
        *(name for names in used for name in names),
    ]
    return [name for name in dict.fromkeys(wanted) if name in results.variables]


def own_parameters(results: Results) -> list[str]:
    """Parameters that the data set names itself.

    These are the names in its attribute `parameters`, the keys of its attribute `ensemble` and of
    the `axes` therein, and the variables that it keeps of rejected samples.
    """
    attributes = results.spectra.attrs
    names = str(attributes.get("parameters", "")).replace(",", " ").split()
    settings = decoded(attributes.get("ensemble"))
    if isinstance(settings, Mapping):
        axes = settings.get("axes")
        names += [*settings, *(axes if isinstance(axes, Mapping) else ())]
    kept = [str(name).removeprefix("rejected_") for name in results.spectra.data_vars]
    names += [name for name in kept if f"rejected_{name}" in results.spectra.data_vars]
    return [name for name in dict.fromkeys(names) if name in results.variables]


def varies(values: np.ndarray) -> bool:
    """Whether a quantity (sample,) has more than one finite value."""
    known = finite(values)
    return bool(known.size and np.ptp(known) > 0)


def row_of(results: Results, name: str, values: np.ndarray) -> dict[str, Any]:
    """Label, unit, range and meaning of a quantity, given as values (sample,)."""
    known = finite(values)
    spread: Sequence[float | None] = [None] * 3
    if known.size:
        spread = [float(known.min()), float(np.median(known)), float(known.max())]
    return {
        "symbol": rich_text(results.labels.symbol(name)),
        "label": rich_text(results.labels.axis(name)),
        "unit": results.labels.unit(name),
        "spread": spread,
        "meaning": meaning_of(results, name),
    }


def meaning_of(results: Results, name: str) -> str:
    """Long name of a variable; of `occupation_up`, that of `occupation`."""
    spectra = results.spectra
    whole, _, part = name.rpartition("_")
    for variable, known in ((name, True), (whole, _is_part(spectra, whole, part))):
        if known and variable in spectra.variables:
            return plain_text(spectra[variable].attrs.get("long_name", ""))
    return ""


def _is_part(spectra: xr.Dataset, whole: str, part: str) -> bool:
    """Whether `part` is a label of the variable, such as `up` of the occupation."""
    if whole not in spectra.variables:
        return False
    labels = (dim for dim in spectra[whole].dims if dim != "sample" and dim in spectra.coords)
    return any(part in map(str, spectra[dim].to_numpy()) for dim in labels)


def source(results: Results) -> list[tuple[str, str]]:
    """Attributes of the data set: source, references, settings, versions."""
    attributes = results.spectra.attrs.items()
    return [
        (plain_text(name), in_words(value)) for name, value in attributes if name not in SHOWN_APART
    ]


def in_words(value: Any) -> str:
    """An attribute as text; a JSON object as `key = value` pairs."""
    content = decoded(value)
    if isinstance(content, Mapping):
        return plain_text(", ".join(f"{key} = {item}" for key, item in content.items()))
    return plain_text(value)


def decoded(value: Any) -> Any:
    """An attribute, read as JSON where it is; a user's own may hold anything."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):  # of brackets within brackets
        return value
