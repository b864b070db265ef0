"""Whether a solution can be used.

The method conserves the spectral weight to rounding, and Dyson's equation with Im Sigma <= 0 can't
give a negative spectrum. The direct estimator can, if the broadening is narrow: the density matrix
of kept states is not diagonal, so that a peak between a kept and a discarded state may have a small
negative weight. A solution that breaks either must not reach a training set, whatever the cause.
"""

from __future__ import annotations

import numpy as np

from kondoflow.systems.anderson.contract import Status

LARGEST_WEIGHT_ERROR = 1e-6
LOWEST_VALUE = -1e-6  # of pi Gamma A, whose largest is 1


def assess_solution(
    spectra: np.ndarray, occupation: tuple[float, float], weight_error: float
) -> Status:
    """Say whether a solution can be used.

    Args:
        spectra: pi Gamma A, (spin, omega).
        occupation: Occupations (n_up, n_down).
        weight_error: Deviation of the spectral weight from 1.
    """
    if not (np.isfinite(spectra).all() and np.isfinite([*occupation, weight_error]).all()):
        return Status.NOT_FINITE
    if weight_error > LARGEST_WEIGHT_ERROR:
        return Status.WEIGHT_OFF
    if spectra.min() < LOWEST_VALUE:
        return Status.NEGATIVE
    return Status.VALID
