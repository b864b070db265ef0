r"""A formula that was recovered in the region, as a limit of the law beyond the samples.

The ranges of the inputs hold combinations that no sample has: in the Anderson model a large
U/Gamma at a symmetric level, where the Kondo scale is smaller than at any sample. There nothing
binds a remainder, and an exponential may outgrow the known part. But in the region the samples
deviate the less from the recovered formula, the smaller it is. If they do, tested as any limit
(`laws.limits`), the law has to go on in this way:

- parameters are drawn from the samples, each from another one;
- kept are combinations inside the region and the ranges of the inputs, at which the formula is
  smaller than at any sample, with the lower half of the small quantity g;
- the formula is the target there, and they are training samples, `SHARE` of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kondoflow.discovery.laws.limits import FALLS, bins_of
from kondoflow.discovery.laws.posed import Posed
from kondoflow.discovery.targets import Samples
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate, evaluate_text
from kondoflow.formulas.trees import Expression

SHARE = 0.03  # samples beyond for each training sample
DRAWN = 40  # combinations that are drawn for each training sample
FEWEST = 100  # training samples in the region
CLOSE = 0.03  # deviation in the nearest bin, at most


def goes_on(posed: Posed, known: Expression, factors: Sequence[float]) -> bool:
    """Whether the samples of the region come closer to a formula as its value gets smaller."""
    if posed.target.size < FEWEST or not posed.logarithmic:
        return False
    first = _values(posed, known, factors)
    if not np.isfinite(first).all():
        return False
    near, far, power = bins_of(first, posed.reduced(factors) - first)
    return bool(power > 0 and near <= FALLS * far and near <= CLOSE)


def beyond(
    posed: Posed,
    known: Expression,
    factors: Sequence[float],
    samples: Samples,
    train: np.ndarray,
    system: Mapping[str, Any],
    seed: int,
) -> Posed | None:
    """The question at combinations beyond the samples; None if there are none.

    Args:
        posed: The question on all samples.
        known: V of the formula, of the numbers.
        factors: Corrections k.
        samples: The samples.
        train: Those that lend their parameters, a mask (sample,).
        system: What is known about them.
        seed: Seed of the draw.
    """
    rows, rng = np.flatnonzero(train), np.random.default_rng(seed)
    n = DRAWN * rows.size
    bare = [name for name in posed.values if name not in posed.folded]
    own = {name: samples.variables[name][rng.choice(rows, n)] for name in bare}
    try:
        inside = evaluate_text(system["region"], "region", own, condition=True)
    except (InputError, KeyError):
        return None  # the region is not a matter of the parameters alone, or there is none
    for name, definition in samples.definitions.items():
        values = np.broadcast_to(evaluate(definition, own), n)
        column = samples.inputs[name][rows]
        inside = inside & (column.min() <= values) & (values <= column.max())
    moved = {name: np.broadcast_to(evaluate(item, own), n) for name, item in posed.folded.items()}
    asked = replace(posed, target=np.zeros(n), values={**own, **moved})
    if asked.small is not None:
        g = np.broadcast_to(evaluate(asked.small, own), n)
        usual = np.broadcast_to(evaluate(asked.small, samples.variables), samples.region.shape)
        inside = inside & (g <= np.median(usual[rows]))
    first = _values(asked, known, factors)
    inside = inside & (first < _values(posed.part(rows), known, factors).min())
    kept = np.flatnonzero(inside)[: round(SHARE * rows.size)]
    if kept.size == 0:
        return None
    found = asked.part(kept)
    shift = found.log_scale() + np.log(found.corrections(factors)[-1])
    return replace(found, target=first[kept] + shift)


def _values(posed: Posed, known: Expression, factors: Sequence[float]) -> np.ndarray:
    """Logarithm of a formula for V, (sample,)."""
    inputs = posed.inputs(factors, posed.numbers)
    with np.errstate(all="ignore"):
        return np.log(np.broadcast_to(evaluate(known, inputs), posed.target.shape))
