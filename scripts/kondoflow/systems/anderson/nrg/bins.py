"""The bins of histograms in which peaks are collected, logarithmic in |omega|.

An octave [2^e, 2^(e + 1)] is divided into `BINS_PER_OCTAVE` bins of equal width. Exponent and
leading bits of the mantissa of a floating-point number, read as an integer, count such bins.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from kondoflow.systems.anderson.compiled import part

BINS_PER_OCTAVE = 64  # a power of two: bins are read off the bits of a number
LOWEST_EXPONENT = -44  # the first octave of the histogram begins at 2^LOWEST_EXPONENT
N_BINS = 48 * BINS_PER_OCTAVE  # up to 2^4

_MANTISSA_BITS = 52 - int(math.log2(BINS_PER_OCTAVE))  # those below the resolution of a bin
_LOWEST_BIN = (1023 + LOWEST_EXPONENT) * BINS_PER_OCTAVE


@lru_cache(maxsize=1)
def bin_centres() -> np.ndarray:
    """Centres |omega| of the histogram's bins, ascending, (N_BINS,), read-only."""
    octave, part = np.divmod(np.arange(N_BINS), BINS_PER_OCTAVE)
    centres = 2.0 ** (LOWEST_EXPONENT + octave) * (1 + (part + 0.5) / BINS_PER_OCTAVE)
    centres.setflags(write=False)
    return centres


@lru_cache(maxsize=1)
def bin_widths() -> np.ndarray:
    """Widths of the histogram's bins, (N_BINS,), read-only."""
    widths = 2.0 ** (LOWEST_EXPONENT + np.arange(N_BINS) // BINS_PER_OCTAVE) / BINS_PER_OCTAVE
    widths.setflags(write=False)
    return widths


@part
def bin_index(magnitude):
    """Histogram bin of a frequency that is not negative.

    Frequencies below the first octave are in the first bin, those above the last in the last.
    """
    index = (np.float64(magnitude).view(np.int64) >> _MANTISSA_BITS) - _LOWEST_BIN
    return min(max(index, 0), N_BINS - 1)
