r"""Laws known up to a monotone map whose level sets are those of a short sum.

Where no unit fixes the map (`engines.gauged`), evolution sees the target through a map that it
first has to find, and may miss a law of a few nodes. Those with the level sets of

.. math:: \cos\theta\, u + \sin\theta\, v ,

u and v from the library of `engines.sums` and the roots :math:`(x^2 + c z^2)^{1/2}` of two inputs,
are few enough to try all of them, with some angles each, by the correlation of ranks with the
target, which no map changes. The best are turned to the angle of the least error up to a map.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations

import numpy as np

from kondoflow.discovery.engines.forms import Term
from kondoflow.discovery.engines.sums import leaves_of, library
from kondoflow.discovery.objectives import Objective, losses
from kondoflow.files.ranks import rank
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity

MOST_INPUTS = 5
LARGEST = 80  # library
LOOKED_AT = 200  # samples that rank all sums
ANGLES = 24  # in half a turn
RATIOS = (1 / 16, 1 / 4, 1.0, 4.0, 16.0)  # of the two squares below a root, tried
TURNED = 40  # sums whose angle is refined
ZOOMS = 5
KEPT = 8  # sums that are refitted
LENGTH_PRICE = 0.1  # by how much one more node must lower the logarithm of the error
SMALLEST = 1e-12  # errors below are rounding


@np.errstate(all="ignore")  # what is not finite is left out
def level_sums(
    names: Sequence[str], X: np.ndarray, y: np.ndarray, symbols: Collection[str]
) -> list[str]:
    """The sums that are nearest to a target up to a monotone map, as texts.

    Args:
        names: Formula of each input.
        X: Inputs, (n, input).
        y: Target, (n,), of which only the order counts.
        symbols: Operations that an equation may use.
    """
    if not {"add", "sub", "mul"} <= set(symbols) or not 2 <= len(names) <= MOST_INPUTS:
        return []
    known = [*_hypotenuses(names, X, symbols), *library(leaves_of(names, X, symbols), symbols)]
    size = {text: float(x.std()) for text, x in known}
    terms = [(text, x / size[text]) for text, x in known if 0 < size[text] < math.inf][:LARGEST]
    if len(terms) < 2 or not np.ptp(y) > 0:
        return []
    measure, priced = losses(Objective.ISOTONIC, rank(y)), []
    for first, second, angle in _nearest(np.array([x for _, x in terms]), y):
        pair = terms[first], terms[second]
        error, angle = _turned(pair[0][1], pair[1][1], angle, measure)
        factors = math.cos(angle), math.sin(angle)
        text = " + ".join(
            f"({factor / size[name]!r})*{name}"
            for factor, (name, _) in zip(factors, pair, strict=True)
        )
        price = math.log(max(error, SMALLEST)) + LENGTH_PRICE * complexity(parse(text, "sum"))
        priced.append((price, text))
    return [text for _, text in sorted(priced)[:KEPT]]


def _hypotenuses(names: Sequence[str], X: np.ndarray, symbols: Collection[str]) -> Iterator[Term]:
    """Roots of the sums of two squares."""
    if "sqrt" not in symbols:
        return
    squares = [(name, x**2) for name, x in zip(names, X.T, strict=True)]
    for (one, x), (other, z) in combinations(squares, 2):
        for ratio in RATIOS:
            factor = float(ratio * x.mean() / z.mean())
            yield f"sqrt({one}**2 + ({factor!r})*{other}**2)", np.sqrt(x + factor * z)


def _nearest(columns: np.ndarray, y: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Pairs of terms, (term, n), with the angle at which their sum has nearly the order of y."""
    drawn = slice(None, None, max(1, y.size // LOOKED_AT))
    ranks = rank(y[drawn])
    target, terms = ranks - ranks.mean(), columns[:, drawn]
    angles = np.arange(ANGLES) * math.pi / ANGLES
    found = []
    for first, u in enumerate(terms[:-1]):
        sums = (
            np.cos(angles)[:, None, None] * u + np.sin(angles)[:, None, None] * terms[first + 1 :]
        )
        along = np.abs(sums.argsort(axis=-1).argsort(axis=-1) @ target)  # (angle, other term)
        for place, at in enumerate(along.argmax(axis=0)):
            found.append((-float(along[at, place]), first, first + 1 + place, float(angles[at])))
    for _, first, second, angle in sorted(found)[:TURNED]:
        yield first, second, angle


def _turned(
    u: np.ndarray, v: np.ndarray, angle: float, measure: Callable[[np.ndarray], float]
) -> tuple[float, float]:
    """The least error of a sum up to a monotone map near an angle, and its angle."""
    width, error = math.pi / ANGLES, measure(math.cos(angle) * u + math.sin(angle) * v)
    for _ in range(ZOOMS):
        for tried in (angle - width / 2, angle + width / 2):
            error, angle = min(
                (error, angle), (measure(math.cos(tried) * u + math.sin(tried) * v), tried)
            )
        width /= 2
    return error, angle
