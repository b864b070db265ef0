"""A user's own spectra in the form that the later stages read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from kondoflow.files.contract import CONVENTIONS
from kondoflow.files.errors import InputError
from kondoflow.files.spectra import check_spectra, numeric_variables
from kondoflow.files.splits import SPLIT, SPLITS, assign_split, split_attributes

LEAST_SAMPLES = 3  # one for each part of the split


def usable_set(
    brought: xr.Dataset, fractions: Mapping[str, float], seed: int, source: Path
) -> xr.Dataset:
    """Check a user's set of spectra and keep what later stages can use.

    Args:
        brought: Content of the user's file.
        fractions: Share of each part of the split, if the file has none.
        seed: Seed of the split.
        source: The file, named in an error.

    Returns:
        Spectra, grid, split, all numeric variables of each sample, and the file's attributes.

    Raises:
        InputError: Names the first violation.
    """
    check_spectra(brought, source)
    if brought.sizes["sample"] < LEAST_SAMPLES:
        allowed = f"at least {LEAST_SAMPLES}"
        raise InputError(source, "number of samples", brought.sizes["sample"], allowed)
    if not np.ptp(brought["spectral_function"].to_numpy(), axis=0).any():
        allowed = "spectra that differ from each other"
        raise InputError(source, "spectral_function", "the same in all samples", allowed)
    weighing = [name for name in ("uncertainty",) if name in brought]
    dataset = brought[["spectral_function", *weighing, *numeric_variables(brought)]]
    dataset = dataset.assign_attrs(Conventions=CONVENTIONS, source_file=source.name)
    dataset["split"] = _split(brought, fractions, seed, source)
    return dataset


def _split(
    brought: xr.Dataset, fractions: Mapping[str, float], seed: int, source: Path
) -> tuple[tuple[str, ...], np.ndarray, dict[str, Any]]:
    """The split of the file, or a drawn split if it has none."""
    if "split" not in brought:
        drawn = assign_split(brought.sizes["sample"], fractions, seed)
        return SPLIT.dims, drawn, split_attributes()
    split = brought["split"].to_numpy()
    if brought["split"].dims != SPLIT.dims or set(np.unique(split)) != set(range(len(SPLITS))):
        allowed = "0 (train), 1 (validation) or 2 (test) for each sample, each of them present"
        raise InputError(source, "split", np.unique(split).tolist(), allowed)
    return SPLIT.dims, split.astype(SPLIT.dtype), split_attributes()
