r"""What the data say beyond the equation: a smooth correction and the law that it points to.

An equation that happens to be a reference proves nothing if the data deviate from both. The
deviation is estimated without knowing its form. With z the coordinates of
`discovery.judgement.fields`, the corrected equation is

.. math:: C = f + P(z) ,

P a polynomial of low degree fitted on training samples to what the equation leaves of the target.
Where the objective leaves a map open, the target is first carried to the equation's scale, by the
best affine or monotone map of the target, and what is left is freed of its part that depends on
f alone (a line or a cubic), which a map would take up. If C describes samples outside training
better than f does by more than the factor `GAIN`, the correction is real, and the gradient of C,
which is that of f plus that of P, is compared with the reference's in the place of the equation's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from kondoflow.discovery.judgement.fields import Coordinates
from kondoflow.discovery.monotone import fit_affine, fit_monotone
from kondoflow.discovery.objectives import Objective
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.trees import Expression

DEGREE = 2  # of the correction
SAMPLES = 8  # training samples that each of its terms needs
GAIN = 1.15  # ratio of squared errors from which a correction is real
DECADE = 10.0  # range of a positive equation from which its logarithm is corrected


@dataclass(frozen=True)
class Correction:
    """A smooth correction of an equation.

    Attributes:
        gain: Ratio of the squared errors of the equation and of the corrected one, outside
            training.
        field: Gradient of the corrected equation, (n, name).
    """

    gain: float
    field: np.ndarray

    @property
    def is_real(self) -> bool:
        """Whether it describes samples outside training better."""
        return self.gain > GAIN


def correct(
    equation: Expression,
    space: Coordinates,
    y: np.ndarray,
    train: np.ndarray,
    objective: Objective,
) -> Correction | None:
    """Correct an equation by what it leaves of the target.

    Args:
        equation: The equation.
        space: Coordinates of all quantities that vary, on samples where the equation is finite.
        y: The target, (n,), finite.
        train: Mask (n,) of the training samples.
        objective: Up to which maps equation and target are compared.

    Returns:
        None if there are too few samples for a correction.
    """
    f = np.broadcast_to(evaluate(equation, space.values), y.shape).astype(np.float64)
    field = space.field(equation)
    if objective is Objective.ISOTONIC and (f > 0).all() and np.ptp(np.log(f)) > np.log(DECADE):
        field, f = field / f[:, None], np.log(f)
    aim = y
    if objective is Objective.PEARSON:
        aim = fit_affine(y[train], f[train])(y)
    elif objective is Objective.ISOTONIC:
        aim = fit_monotone(y[train], f[train])(y)
    z = space.standardised()
    powers = _powers(z.shape[1], int(train.sum()) // SAMPLES)
    if len(powers) < 2 or (~train).sum() < SAMPLES:
        return None
    columns = np.column_stack([np.prod(z[:, list(item)], axis=1) for item in powers])
    left = aim - f
    if objective is not Objective.SQUARED_ERROR:
        along = (f - f[train].mean()) / (f[train].std() or 1.0)
        order = np.arange(2 if objective is Objective.PEARSON else 4)
        own = along[:, None] ** order
        left = left - own @ np.linalg.lstsq(own[train], left[train], rcond=1e-9)[0]
    found = np.linalg.lstsq(columns[train], left[train], rcond=1e-9)[0]
    before = float(np.mean(left[~train] ** 2))
    after = float(np.mean((left - columns @ found)[~train] ** 2))
    smallest = (1e-7 * float(np.std(f))) ** 2
    correction = sum(
        value * _slopes(z, item) for value, item in zip(found, powers, strict=True) if item
    )
    gain = max(before, smallest) / max(after, smallest)
    return Correction(gain, field + correction @ space.span)


def _powers(n_names: int, most: int) -> list[tuple[int, ...]]:
    """Monomials of the highest degree that has at most so many terms, as indices of factors."""
    found: list[tuple[int, ...]] = []
    for degree in range(DEGREE + 1):
        added = list(combinations_with_replacement(range(n_names), degree))
        if len(found) + len(added) > most:
            break
        found += added
    return found


def _slopes(z: np.ndarray, factors: tuple[int, ...]) -> np.ndarray:
    """Gradient of a monomial in the coordinates z, both (n, name)."""
    slopes = np.zeros_like(z)
    for position, name in enumerate(factors):
        others = [factor for index, factor in enumerate(factors) if index != position]
        slopes[:, name] += np.prod(z[:, others], axis=1)
    return slopes
