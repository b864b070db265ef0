r"""Coefficients of a reference's terms in an equation, from gradients.

Let the reference be a sum of terms t_k. Which sum of c_k t_k has the level sets of an equation f?
With u the unit gradient of f at a sample, the part of the sum's gradient that is not parallel to
u is (1 - u u^T) sum_k c_k grad t_k. The coefficients that make it smallest over the samples,
relative to the whole, are the lowest eigenvector of

.. math:: \sum_i T_i^T (1 - u_i u_i^T) T_i \, c = \lambda \sum_i T_i^T T_i \, c ,

where T_i holds the gradients of the terms at sample i in columns. No monotone map is fitted, so
that none can hide a wrong coefficient. For a target with a scale the slopes themselves are
fitted, by linear least squares relative to the length of the gradient at each sample. Either way
the additive constant plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.linalg

from kondoflow.discovery.judgement.fields import Coordinates, unit
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.trees import Expression

SINGULAR = 1e-9  # relative size of an eigenvalue below which terms cannot be told apart


def coefficients_by_slope(
    equation: Expression, terms: Sequence[Expression], space: Coordinates, objective: Objective
) -> list[float] | None:
    """Coefficients of terms whose sum changes as an equation does.

    Args:
        equation: The equation.
        terms: The reference's terms that are not constant.
        space: Samples and coordinates.
        objective: Up to which maps they are compared.

    Returns:
        As many as terms, relative to the first unless the objective is `squared_error`; None where
        they are not determined.
    """
    field = space.field(equation)
    slopes = np.stack([space.field(term) for term in terms], axis=-1)  # sample, coordinate, term
    known = np.isfinite(field).all(axis=-1) & np.isfinite(slopes).all(axis=(-1, -2))
    known &= np.linalg.norm(field, axis=-1) > 0
    if known.sum() < 10:
        return None
    field, slopes = field[known], slopes[known]
    if objective is Objective.SQUARED_ERROR or (objective is Objective.PEARSON and len(terms) > 1):
        size = np.linalg.norm(field, axis=-1)
        columns = (slopes / size[:, None, None]).reshape(-1, len(terms))
        found, _, rank, _ = np.linalg.lstsq(columns, (field / size[:, None]).ravel(), rcond=1e-9)
        return _relative(found, objective) if rank == len(terms) else None
    if len(terms) == 1:
        return [1.0]
    size = np.linalg.norm(slopes.sum(axis=-1), axis=-1)
    slopes = slopes / np.where(size > 0, size, 1.0)[:, None, None]
    along = np.einsum("id,idk->ik", unit(field), slopes)
    whole = np.einsum("idk,idl->kl", slopes, slopes)
    across = whole - along.T @ along
    if np.linalg.eigvalsh(whole)[0] <= SINGULAR * np.trace(whole):
        return None
    _, vectors = scipy.linalg.eigh(across, whole)
    return _relative(vectors[:, 0], objective)


def _relative(coefficients: np.ndarray, objective: Objective) -> list[float] | None:
    if objective is Objective.SQUARED_ERROR:
        return coefficients.tolist()
    if not abs(coefficients[0]) > 0:
        return None
    return (coefficients / coefficients[0]).tolist()
