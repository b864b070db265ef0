r"""Directions in which formulas change: gradient fields over the samples and angles between them.

Two formulas have the same level sets, and so are monotone maps of each other, where their
gradients are parallel: if f = h(r) with any monotone h, then grad f = h'(r) grad r at every
sample, and the other way round. The angle between the two gradients therefore measures what a
monotone map cannot repair, whatever share of the variance that is.

Gradients are taken in coordinates that make units and ranges irrelevant. A quantity of one sign
enters by its logarithm, any other as it is, and each is divided by its standard deviation s over
the samples,

.. math:: G_k = s_k \, \partial f / \partial \log |x_k| .

Where variables depend on each other by a power law, the gradient along the samples is the
projection of G on the span of the coordinates, which a singular value decomposition finds. Before
an angle is taken, each component is divided by the root mean square w_k of that component in the
reference's unit gradient, so that a weak dependence counts as much as a strong one; w_k is at
least `FLOOR`, so that a dependence which the reference lacks is not blown up without bound.

The idea of comparing level sets through gradients, for neural networks: arXiv:2409.05305.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kondoflow.formulas.derivatives import gradient
from kondoflow.formulas.trees import Expression

FLOOR = 0.1  # smallest weight of a component
INVOLVED = 1e-3  # rms of a component of the unit gradient from which an input takes part
CONSTANT = 1e-9  # relative spread below which a variable does not vary
DEPENDENT = 1e-6  # singular value, relative to the largest, of a direction without samples
QUANTILE = 0.9  # of the angles that decides
PORTION = 1_000_000  # resampled numbers that are held in memory at once


@dataclass(frozen=True)
class Coordinates:
    """Quantities in which gradients are taken, and the samples at which.

    Attributes:
        names: The quantities that vary.
        values: All quantities by name, each (n,).
        logarithmic: Which of them enter by their logarithm, (name,).
        centre: Mean of each coordinate, (name,).
        spread: Standard deviation of each coordinate, (name,).
        span: Projection on the directions in which the samples extend, (name, name).
    """

    names: tuple[str, ...]
    values: Mapping[str, np.ndarray]
    logarithmic: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    span: np.ndarray

    def field(self, expression: Expression) -> np.ndarray:
        """Gradient of a formula in these coordinates, (n, name), non-finite where it has none."""
        slopes = gradient(expression, self.values, self.names)
        x = np.stack([self.values[name] for name in self.names], axis=-1)
        with np.errstate(all="ignore"):
            return slopes * np.where(self.logarithmic, x, 1.0) * self.spread @ self.span

    def standardised(self) -> np.ndarray:
        """The samples in these coordinates, centred and divided by their spread, (n, name)."""
        columns = [
            np.log(np.abs(self.values[name])) if logarithmic else self.values[name]
            for name, logarithmic in zip(self.names, self.logarithmic, strict=True)
        ]
        return (np.stack(columns, axis=-1) - self.centre) / self.spread

    def some(self, most: int) -> Coordinates:
        """At most so many of the samples, evenly chosen, in the same coordinates."""
        n = len(next(iter(self.values.values())))
        if n <= most:
            return self
        chosen = np.linspace(0, n - 1, most).astype(np.intp)
        return replace(self, values={name: x[chosen] for name, x in self.values.items()})

    def dilated(self, factor: float) -> Coordinates:
        """The same samples moved away from their centre by a factor in every coordinate."""
        moved = dict(self.values)
        pairs = zip(self.names, self.logarithmic, self.centre, strict=True)
        for name, logarithmic, centre in pairs:
            x = self.values[name]
            if logarithmic:
                power = np.exp(centre + factor * (np.log(np.abs(x)) - centre))
                moved[name] = np.sign(x) * power
            else:
                moved[name] = centre + factor * (x - centre)
        return Coordinates(self.names, moved, self.logarithmic, self.centre, self.spread, self.span)


def coordinates(values: Mapping[str, np.ndarray], names: Sequence[str]) -> Coordinates:
    """Choose the coordinates for some samples.

    Args:
        values: Quantities by name, each (n,), finite for those in `names`.
        names: With respect to what gradients are taken; constant quantities are left out.
    """
    kept, columns, logarithmic = [], [], []
    for name in names:
        x = values[name]
        one_sign = bool((x > 0).all() or (x < 0).all())
        column = np.log(np.abs(x)) if one_sign else x
        if x.size and np.std(column) > CONSTANT * max(1.0, float(np.abs(column).max())):
            kept.append(name)
            columns.append(column)
            logarithmic.append(one_sign)
    table = np.stack(columns, axis=-1) if columns else np.empty((0, 0))
    centre = table.mean(axis=0) if columns else np.empty(0)
    spread = table.std(axis=0) if columns else np.empty(0)
    return Coordinates(
        names=tuple(kept),
        values=values,
        logarithmic=np.array(logarithmic, dtype=np.bool_),
        centre=centre,
        spread=spread,
        span=_span((table - centre) / spread) if columns else np.empty((0, 0)),
    )


def _span(standardised: np.ndarray) -> np.ndarray:
    """Projection (name, name) on the directions in which points (n, name) extend."""
    _, sizes, directions = np.linalg.svd(standardised, full_matrices=False)
    kept = directions[sizes > DEPENDENT * sizes.max()]
    full = len(kept) == standardised.shape[1]
    return np.eye(standardised.shape[1]) if full else kept.T @ kept


def unit(field: np.ndarray) -> np.ndarray:
    """A field (n, name) divided by its length at each sample; NaN where it vanishes."""
    with np.errstate(all="ignore"):
        return field / np.linalg.norm(field, axis=-1, keepdims=True)


def strengths(field: np.ndarray) -> np.ndarray:
    """How much a field depends on each coordinate, (name,).

    It is the root mean square, over the samples, of that component of the field (n, name) divided
    by its length; 0 for a field that vanishes everywhere.
    """
    directions = unit(field)
    defined = directions[np.isfinite(directions).all(axis=-1)]
    return np.sqrt(np.mean(defined**2, axis=0)) if len(defined) else np.zeros(field.shape[-1])


def n_involved(field: np.ndarray) -> int:
    """How many coordinates a field (n, name) depends on."""
    return int((strengths(field) > INVOLVED).sum())


def angles(field: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Angle between two gradient fields at each sample.

    Args:
        field: That of the equation, (n, name).
        reference: That of the reference, (n, name).

    Returns:
        Degrees, (n,), 0 to 180. The sign of the equation as a whole is chosen for the smaller
        angles; where it turns within the samples, as in a folded map, the angle is near 180. 180
        where the equation has no gradient though the reference has one; NaN where the reference
        has none.
    """
    weight = 1.0 / np.maximum(strengths(reference), FLOOR)
    with np.errstate(all="ignore"):
        cosine = np.sum(unit(field * weight) * unit(reference * weight), axis=-1)
    defined = np.isfinite(unit(reference)).all(axis=-1)
    known = cosine[defined & np.isfinite(cosine)]
    sign = -1.0 if known.size and np.median(known) < 0 else 1.0
    found = np.degrees(np.arccos(np.clip(sign * cosine, -1.0, 1.0)))
    return np.where(defined, np.where(np.isfinite(found), found, 180.0), np.nan)


def bend(reference: np.ndarray) -> float:
    """How far a reference is from a power law on the samples.

    A power law has the same direction everywhere. The bend is the quantile of the angle between a
    field, (n, name), and its own mean direction, in degrees.
    """
    directions = unit(reference)
    defined = directions[np.isfinite(directions).all(axis=-1)]
    if not len(defined):
        return 0.0
    mean = np.broadcast_to(defined.mean(axis=0), reference.shape)
    return quantile(angles(mean, reference))


def quantile(values: np.ndarray, share: float = QUANTILE) -> float:
    """Quantile of the finite values of an array, (n,); NaN if there are none."""
    known = values[np.isfinite(values)]
    return float(np.quantile(known, share)) if known.size else float("nan")


def interval(
    values: np.ndarray, seed: int, resamples: int = 200, share: float = QUANTILE
) -> tuple[float, float]:
    """Interval of 95 % of a quantile over bootstrap resamples of the samples, values (n,)."""
    known = values[np.isfinite(values)]
    if not known.size:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    rows = max(1, PORTION // known.size)
    found = [
        np.quantile(known[rng.integers(known.size, size=(drawn, known.size))], share, axis=1)
        for drawn in np.diff([*range(0, resamples, rows), resamples])
    ]
    low, high = np.quantile(np.concatenate(found), [0.025, 0.975])
    return float(low), float(high)
