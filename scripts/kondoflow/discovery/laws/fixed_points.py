r"""Samples at the fixed points of a symmetry, where its |s| vanishes.

A target that is even and smooth in s has a value at s = 0, and y(s) - y(0) is of order s^2. No
sample that is drawn at random lies there. So log|s| or 1/|s| may stand in a law that is exact on
every sample, and has no value at the point that everybody tries first.

With S a smooth model of the target in s^2 and the other numbers (`collapse.Surface`), the samples
with the smallest

.. math:: \delta = S(0) - S(s)

are moved to s = 0, each with the target y + delta, and are training samples, `SHARE` of all. Only
the small difference is the model's. A target may be even in s and have a cusp at s = 0. So the
model in s^2 is first compared with one in |s|: both are fitted to half of the samples and predict
the other half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kondoflow.discovery.laws.collapse import fit_surface
from kondoflow.discovery.laws.posed import Posed

SHARE = 0.04  # samples at a fixed point for each training sample
FEWEST = 100  # training samples
CLOSE = 0.1  # largest abs(delta), over the standard deviation of the target


def at_fixed_point(posed: Posed, name: str, factors: Sequence[float]) -> Posed | None:
    """The question at a fixed point, next to training samples; None if there is none near it.

    Args:
        posed: The question on the training samples.
        name: Name of the |s| that vanishes.
        factors: Corrections k.
    """
    size = posed.target.size
    moved = replace(posed, values={**posed.values, name: np.zeros(size)})
    view = posed.views[-1]
    here, there = (np.column_stack(list(p.inputs(factors, view).values())) for p in (posed, moved))
    if size < FEWEST or not (np.isfinite(here).all() and np.isfinite(there).all()):
        return None
    vanishing, plain = (there == 0).all(axis=0), here
    here, there = (np.where(vanishing, numbers**2, numbers) for numbers in (here, there))
    y = posed.reduced(factors)
    if not _smooth(plain, here, y):
        return None
    surface = fit_surface(here, y)
    change = surface(there) - surface(here)
    nearest = np.argsort(np.abs(change), kind="stable")[: round(SHARE * size)]
    kept = np.sort(nearest[np.abs(change[nearest]) <= CLOSE * np.std(y)])
    if kept.size == 0:
        return None
    if not posed.logarithmic:
        change = change * posed.corrections(factors)[-1]
    return replace(moved.part(kept), target=posed.target[kept] + change[kept])


def _smooth(plain: np.ndarray, squared: np.ndarray, y: np.ndarray) -> bool:
    """Whether a model in the squares, (n, number), predicts y, (n,), better than a plain one."""
    rows = np.random.default_rng(0).permutation(y.size)
    fitted, held = rows[: y.size // 2], rows[y.size // 2 :]
    plainly, squarely = (
        np.mean((y[held] - fit_surface(x[fitted], y[fitted], extent=x)(x[held])) ** 2)
        for x in (plain, squared)
    )
    return bool(squarely <= plainly)
