"""Which samples and spectra a page holds.

A page holds all samples and all spectra up to a size. Beyond, it holds a part of them, drawn
evenly with a fixed seed, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAX_SAMPLES = 60_000
MAX_VALUES = 4_000_000  # stored values of spectra, samples times values of each
SEED = 1


@dataclass(frozen=True)
class Part:
    """What a page holds of a set.

    Attributes:
        samples: Indices of its samples in the set, increasing, (sample,).
        spectra: Indices into `samples` of those with their spectra, increasing, (spectrum,).
        n_total: Number of samples in the set.
    """

    samples: np.ndarray
    spectra: np.ndarray
    n_total: int


def choose_part(n_samples: int, n_values: int) -> Part:
    """Choose samples and spectra of a set, each sample of which has `n_values` values."""
    order = np.random.default_rng(SEED).permutation(n_samples)
    samples = np.sort(order[:MAX_SAMPLES])
    n_spectra = min(len(samples), max(1, MAX_VALUES // n_values))
    with_spectra = np.sort(order[:n_spectra])
    return Part(samples, np.searchsorted(samples, with_spectra), n_samples)
