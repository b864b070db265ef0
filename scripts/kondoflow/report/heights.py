"""Axes of the heights of spectra: logarithmic where the network sees logarithms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from kondoflow.report.axes import log_heights
from kondoflow.report.results import Results, in_decades


def scale_heights(axes: Sequence[Axes], results: Results, curves: np.ndarray) -> bool:
    """Draw spectra on logarithmic axes where the network sees their logarithm.

    Such a network tells spectra apart decades below the largest values, where a linear axis shows
    nothing. The axes stay linear where some value is not above 0, as may be outside of the window,
    or where all lie within a decade.

    Args:
        axes: Panels that show spectra of one channel.
        results: The run.
        curves: These spectra, (..., omega).

    Returns:
        Whether the axes are logarithmic.
    """
    if results.settings.get("transform") != "log" or not in_decades(curves):
        return False
    log_heights(axes, curves)
    return True
