"""A user's own spectra in the form that the later stages read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.brought.reading import Brought
from kondoflow.files.contract import CONVENTIONS
from kondoflow.files.errors import InputError
from kondoflow.files.outliers import far_from_others
from kondoflow.files.spectra import check_spectra, flat, numeric_variables, sample_variables
from kondoflow.files.splits import SPLIT, SPLITS, assign_distinct, split_attributes

LEAST_SAMPLES = 3  # one for each part of the split
SUSPICIOUS = "suspicious"  # value of `set_apart`
FLAG = "status"
POSITIVE = "above 0 everywhere (uncertainty: none leaves it out)"
SHOWN = 10  # samples that a remark names


def usable_set(
    brought: Brought, ensemble: Mapping[str, Any], seed: int, source: Path
) -> tuple[xr.Dataset, list[str]]:
    """Check a user's set of spectra and keep what later stages can use.

    Args:
        brought: Content of the user's file.
        ensemble: Keys of the configuration: `split`, the share of each part if the file has no
            split; `set_apart`, indices of samples that are left out, or "suspicious".
        seed: Seed of the split.
        source: The file, named in an error.

    Returns:
        Spectra, grid, split, all numeric variables of each sample, and the file's attributes; and
        what was read otherwise than it stood in the file, in words.

    Raises:
        InputError: Names the first violation.
    """
    dataset, remarks = brought.dataset, list(brought.remarks)
    dataset = _without_samples(dataset, ensemble.get("set_apart"), source, remarks)
    check_spectra(dataset, source)
    if dataset.sizes["sample"] < LEAST_SAMPLES:
        allowed = f"at least {LEAST_SAMPLES}"
        raise InputError(source, "number of samples", dataset.sizes["sample"], allowed)
    if not np.ptp(dataset["spectral_function"].to_numpy(), axis=0).any():
        allowed = "spectra that differ from each other"
        raise InputError(source, "spectral_function", "the same in all samples", allowed)
    _check_uncertainty(dataset, source)
    weighing = [name for name in ("uncertainty",) if name in dataset.variables]
    if FLAG in dataset.variables and dataset[FLAG].dims == ("sample",):
        remarks.append(f"{FLAG!r} is left out, as a solver's flags have this name")
    kept = dataset[["spectral_function", *weighing, *numeric_variables(dataset)]]
    kept = kept.assign_attrs(Conventions=CONVENTIONS, source_file=source.name)
    if remarks:
        kept = kept.assign_attrs(remarks="; ".join(remarks))
    kept["split"] = _split(dataset, ensemble["split"], seed, source)
    return kept, remarks


def _check_uncertainty(dataset: xr.Dataset, source: Path) -> None:
    """Check what weighs the points of spectra, if there is any."""
    if "uncertainty" not in dataset.variables:
        return
    given, full = dataset["uncertainty"], dataset["spectral_function"].dims
    shapes = list(dict.fromkeys([full, full[1:], ("omega",)]))
    if given.dims not in shapes:
        allowed = " or ".join(f"({', '.join(map(str, dims))})" for dims in shapes)
        raise InputError(source, "dimensions of uncertainty", given.dims, allowed)
    if given.dtype.kind not in "fiu":
        raise InputError(source, "type of uncertainty", str(given.dtype), "real numbers")
    values = given.to_numpy()
    wrong = ~(values > 0)
    if wrong.any():
        raise InputError(source, "uncertainty", f"{values[wrong][0]:g}", POSITIVE)
    if not np.isfinite(values).any():
        raise InputError(source, "uncertainty", "infinite everywhere", "finite at some points")


def check_labels(dataset: xr.Dataset, labels: Mapping[str, str], key: str, source: Path) -> None:
    """Refuse labels that belong to no quantity of a set of spectra.

    Args:
        dataset: The set.
        labels: Labels by name of the quantity.
        key: Where they stand in the configuration.
        source: The user's file, named in an error.

    Raises:
        InputError: Names the first such label.
    """
    names = {*sample_variables(dataset), *map(str, dataset.variables)}
    for name, text in labels.items():
        if name not in names:
            allowed = f"a label of what {source} has: {', '.join(sorted(names))}"
            raise InputError("config", f"{key}.{name}", text, allowed)


def _without_samples(
    dataset: xr.Dataset, wanted: str | list[int] | None, source: Path, remarks: list[str]
) -> xr.Dataset:
    """Leave samples out on request, or name those that look suspicious."""
    spectra = flat(dataset["spectral_function"].to_numpy())
    numbers = spectra.dtype.kind in "fiu" and len(spectra) > 0
    n_samples = dataset.sizes["sample"]
    if wanted is None or wanted == SUSPICIOUS:
        apart = suspicious(spectra) if numbers else np.zeros(n_samples, bool)
    else:
        for index in wanted:
            if not 0 <= int(index) < n_samples:
                raise InputError(source, "set_apart", index, f"a sample, 0 .. {n_samples - 1}")
        apart = np.isin(np.arange(n_samples), wanted)
    if not apart.any():
        return dataset
    chosen = np.flatnonzero(apart)
    named = ", ".join(map(str, chosen[:SHOWN])) + (" ..." if len(chosen) > SHOWN else "")
    one = len(chosen) == 1
    if wanted is None:
        if np.isfinite(spectra).all():
            words = f"{'is' if one else 'are'} far from all others"
            advice = "set_apart: suspicious in the ensemble leaves them out"
            remarks.append(f"sample{'' if one else 's'} {named} {words} ({advice})")
        return dataset
    remarks.append(f"sample{'' if one else 's'} {named} {'is' if one else 'are'} set apart")
    numbered = dataset.assign(sample_in_file=("sample", np.arange(n_samples)))
    return numbered.isel(sample=~apart).assign_attrs(set_apart=json.dumps(chosen.tolist()))


def suspicious(spectra: np.ndarray) -> np.ndarray:
    """Spectra (sample, point) that are not finite, or far from all others, (sample,)."""
    finite = np.isfinite(spectra).all(axis=1)
    if not finite.any():
        return np.zeros(len(spectra), bool)
    return ~finite | far_from_others(np.where(finite[:, None], spectra, 0.0), finite)


def _split(
    brought: xr.Dataset, fractions: Mapping[str, float], seed: int, source: Path
) -> tuple[tuple[str, ...], np.ndarray, dict[str, Any]]:
    """The split of the file, or a drawn one, in which equal spectra are in one part."""
    if "split" not in brought:
        spectra = flat(brought["spectral_function"].to_numpy())
        return SPLIT.dims, assign_distinct(spectra, fractions, seed), split_attributes()
    split = brought["split"].to_numpy()
    if split.dtype.kind in "UO" and set(split.flat) <= set(SPLITS):
        split = np.vectorize(SPLITS.index)(split)
    if brought["split"].dims != SPLIT.dims or set(split.flat) != set(range(len(SPLITS))):
        allowed = (
            "0 or train, 1 or validation, 2 or test for each sample, each of them present, all as "
            "numbers or all as words"
        )
        raise InputError(source, "split", np.unique(split.astype(str)).tolist(), allowed)
    return SPLIT.dims, split.astype(SPLIT.dtype), split_attributes()
