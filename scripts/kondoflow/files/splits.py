"""The division of a set of spectra into train, validation and test.

The counts need the standard library alone: a configuration is checked with them, possibly in an
environment without numerical libraries.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from kondoflow.files.contract import Variable
from kondoflow.files.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

SPLITS = ("train", "validation", "test")
SPLIT = Variable(("sample",), "int8", "1", "part of the data set the sample belongs to")


def split_counts(n_samples: int, fractions: Mapping[str, float]) -> dict[str, int]:
    """Number of samples in each part of a split.

    Validation and test have at least one sample each, and train has the rest, which may be none.
    """
    held_out = {part: max(1, round(fractions[part] * n_samples)) for part in SPLITS[1:]}
    return {SPLITS[0]: n_samples - sum(held_out.values()), **held_out}


def split_mask(dataset: xr.Dataset, part: str) -> np.ndarray:
    """Boolean mask (sample,) of one part: train, validation or test."""
    return dataset["split"].to_numpy() == SPLITS.index(part)


def assign_split(n_samples: int, fractions: Mapping[str, float], seed: int) -> np.ndarray:
    """Divide samples at random into train, validation and test.

    Args:
        n_samples: Number of samples.
        fractions: Share of each part, summing to 1.
        seed: Seed of the permutation.

    Returns:
        Index into `SPLITS`, (sample,), int8. Validation and test have at least one sample each,
        and train has the rest.

    Raises:
        InputError: If nothing is left for training.
    """
    import numpy as np

    counts = split_counts(n_samples, fractions)
    if min(counts.values()) < 1:
        raise InputError(
            "spectra", "distinct samples", n_samples, "at least one for each part of the split"
        )
    split = np.empty(n_samples, dtype=np.int8)
    order = np.random.default_rng(seed).permutation(n_samples)
    split[order] = np.repeat(np.arange(len(SPLITS)), [counts[part] for part in SPLITS])
    return split


def assign_distinct(rows: np.ndarray, fractions: Mapping[str, float], seed: int) -> np.ndarray:
    """Divide samples at random into train, validation and test, equal ones into the same part.

    A sample that is given several times would otherwise be trained on and tested. The shares are
    those of the distinct samples.

    Args:
        rows: What makes a sample, numbers (sample, n).
        fractions: Share of each part, summing to 1.
        seed: Seed of the permutation.

    Raises:
        InputError: If there are too few distinct samples.
    """
    import numpy as np

    numbers: dict[bytes, int] = {}
    own = [
        numbers.setdefault(blake2b(row, digest_size=16).digest(), len(numbers))
        for row in np.ascontiguousarray(rows + 0.0)  # -0 equals 0
    ]
    return assign_split(len(numbers), fractions, seed)[own]


def split_attributes() -> dict[str, Any]:
    """CF attributes of the variable `split`."""
    import numpy as np

    return {
        **SPLIT.attributes,
        "flag_values": np.arange(len(SPLITS), dtype=np.int8),
        "flag_meanings": " ".join(SPLITS),
    }
