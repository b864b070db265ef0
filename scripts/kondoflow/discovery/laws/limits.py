r"""Limits that a user gives: tested on the data, then samples of the search.

`{at: {U: Gamma/100}, value: log(pi*Gamma/2)}` says what the target is where U is Gamma/100 and all
other quantities are those of a sample. The first quantity of `at` leads to the limit: with x this
quantity and x_0 the expression beside it, abs(log(x/x_0)) is the distance of a sample from the
limit. Further entries keep other quantities in their range.

The test: of the training samples, the nearer half is divided into `BINS` of equal number by
distance. In each, r is the root mean square of target - value. If the limit holds, r falls with
the distance, and that like a power of x/x_0 of at least `POWER`, by least squares; a value that is
wrong by a constant leaves r where it is.

Training samples that are moved to a limit that holds, with its value as target, then are training
samples of the law, `SHARE` of them. Validation, test and new points have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.targets import Samples
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.trees import Expression

BINS = 5
FEWEST = 100  # training samples
POWER = 0.5  # of x/x_0 with which the deviation falls, at least
FALLS = 0.5  # largest ratio of the deviation in the nearest bin to that in the farthest
SHARE = 0.1  # samples at a limit for each training sample


@dataclass(frozen=True)
class Limit:
    """A limit as given.

    Attributes:
        name: Its name.
        at: Quantities and the expressions that replace them, the one that leads to it first.
        value: The target there.
    """

    name: str
    at: Mapping[str, Expression]
    value: Expression


@dataclass(frozen=True)
class TestedLimit:
    """A limit on the data.

    Attributes:
        limit: What was tested.
        near: Root mean square of target - value in the bin nearest to the limit.
        far: In the farthest bin of the nearer half.
        power: With which it falls, between them.
        holds: Whether it does; None where too few samples can tell.
    """

    limit: Limit
    near: float
    far: float
    power: float
    holds: bool | None


def read_limits(entry: Mapping[str, Any]) -> list[Limit]:
    """The limits in the `law` of a system."""
    return [
        Limit(
            name,
            {x: parse(text, f"law.limits.{name}.at.{x}") for x, text in given["at"].items()},
            parse(given["value"], f"law.limits.{name}.value"),
        )
        for name, given in entry.get("limits", {}).items()
    ]


def check_limit(limit: Limit, samples: Samples, y: np.ndarray, train: np.ndarray) -> TestedLimit:
    """Test a limit on the data.

    Args:
        limit: The limit.
        samples: The samples.
        y: The target, (sample,).
        train: The samples that test it, a mask (sample,).
    """
    leading, place = next(iter(limit.at.items()))
    with np.errstate(all="ignore"):
        ratio = samples.variables[leading] / evaluate(place, samples.variables)
        distance = np.abs(np.log(np.where(ratio > 0, ratio, np.nan)))
        error = y - np.broadcast_to(evaluate(limit.value, samples.variables), y.shape)
    rows = np.flatnonzero(train & np.isfinite(distance) & np.isfinite(error))
    if rows.size < FEWEST:
        return TestedLimit(limit, np.nan, np.nan, np.nan, None)
    nearer = rows[np.argsort(distance[rows], kind="stable")][: rows.size // 2]
    near, far, power = bins_of(distance[nearer], error[nearer])
    return TestedLimit(limit, near, far, power, bool(power >= POWER and near <= FALLS * far))


def bins_of(distance: np.ndarray, error: np.ndarray) -> tuple[float, float, float]:
    """Deviations by distance from a limit, (n,) each.

    Returns:
        The root mean square of the error in the nearest and in the farthest of `BINS` bins, and the
        slope of its logarithm with the distance.
    """
    bins = np.array_split(np.argsort(distance, kind="stable"), BINS)
    middle = np.array([np.median(distance[each]) for each in bins])
    size = np.array([np.sqrt(np.mean(error[each] ** 2)) for each in bins])
    power = float(np.polyfit(middle, np.log(np.maximum(size, 1e-12)), 1)[0])
    return float(size[0]), float(size[-1]), power


def at_limit(limit: Limit, posed: Posed, samples: Samples, train: np.ndarray, seed: int) -> Posed:
    """The question on training samples that are moved to a limit.

    Args:
        limit: The limit.
        posed: The question on all samples.
        samples: The samples.
        train: Those that may be moved, a mask (sample,).
        seed: Seed of the draw.
    """
    rows = np.flatnonzero(train)
    n = max(1, round(SHARE * rows.size))
    chosen = np.sort(np.random.default_rng(seed).choice(rows, n, replace=False))
    own = {name: column[chosen] for name, column in samples.variables.items()}
    moved = {x: np.broadcast_to(evaluate(text, own), n) for x, text in limit.at.items()}
    own = {**own, **moved}
    values = {
        name: np.broadcast_to(evaluate(posed.folded[name], own), n)
        if name in posed.folded
        else own[name]
        for name in posed.values
    }
    return replace(posed, target=np.broadcast_to(evaluate(limit.value, own), n), values=values)
