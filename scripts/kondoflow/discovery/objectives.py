"""When an equation fits a target: the maps up to which the two are compared.

=============== ========================================== ================================
objective       an equation f fits the target y if ...      meant for
=============== ========================================== ================================
isotonic        y = g(f) for some monotone g               latents, known up to such a map
pearson         y = a + b f for some a, b                  quantities known up to units
squared_error   y = f                                      quantities in known units
=============== ========================================== ================================

The loss is the same in all three: 1 - R^2 of y after the best map of that family. The map is
fitted on the samples on which the equation is fitted, and applied to others unchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np

from kondoflow.discovery.monotone import (
    AffineMap,
    fit_affine,
    fit_monotone,
    monotone_values,
    unexplained,
    variance_of,
)

Map = Callable[[np.ndarray], np.ndarray]


class Objective(StrEnum):
    """Family of maps up to which an equation and its target are compared."""

    ISOTONIC = "isotonic"
    PEARSON = "pearson"
    SQUARED_ERROR = "squared_error"


def fit_map(objective: Objective, f: np.ndarray, y: np.ndarray) -> Map:
    """Best map of the objective's family from an equation's values f to its target y, both (n,)."""
    match objective:
        case Objective.ISOTONIC:
            return fit_monotone(f, y)
        case Objective.PEARSON:
            return fit_affine(f, y)
    return AffineMap(0.0, 1.0)


def loss(objective: Objective, f: np.ndarray, y: np.ndarray) -> float:
    """1 - R^2 of y (sample,) after the best map of f (sample,); infinite unless f is finite."""
    return losses(objective, y)(f)


def losses(objective: Objective, y: np.ndarray) -> Callable[[np.ndarray], float]:
    """The loss of any f (sample,) for one y (sample,), as a function of f."""
    variance = variance_of(y)

    def of(f: np.ndarray) -> float:
        if not np.isfinite(f).all():
            return np.inf
        if objective is Objective.ISOTONIC:
            return unexplained(y, monotone_values(f, y), variance)
        return unexplained(y, fit_map(objective, f, y)(f), variance)

    return of
