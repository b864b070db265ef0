r"""Occupations and rates that compete, which follow without a search.

The laws of Fermi and Bose, and the yield of what decays in two ways, of which one is activated,

.. math:: y = \frac{1}{e^{s} \pm 1} , \qquad s = \alpha u + \beta v + \gamma ,

become sums by the map s = log(1/y -+ 1), with u and v an input, its logarithm, its reciprocal or a
product of two of these. One of the inputs, and a number, may be factors of y. Logarithms come out
of the exponential as powers. Noise may take y out of the range of the law; there, and near its
ends, a sample has next to no weight, as the map is steep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations_with_replacement

import numpy as np

from kondoflow.discovery.engines.forms import Term
from kondoflow.discovery.engines.sums import best_pairs

END = 1e-9  # distance from the ends of the range at which values are cut
PLATEAUS = (1.003, 1.03, 1.1, 1.3, 2.0)  # of Fermi's law, in units of the largest value
DECADES = (0.01, 0.1, 1.0, 10.0, 100.0)  # factors of Bose's law, in units of the typical value


@np.errstate(all="ignore")  # what is not finite is left out
def occupations(
    names: Sequence[str], X: np.ndarray, y: np.ndarray, symbols: Collection[str]
) -> list[str]:
    """The best laws of both signs, as texts.

    The arguments are those of `sums.short_sums`.
    """
    if not {"exp", "div", "mul", "add", "sub"} <= set(symbols) or not np.ptp(y) > 0:
        return []
    leaves = [(name, x) for name, x in zip(names, X.T, strict=True)]
    leaves += [(f"(1/{name})", 1 / x) for name, x in leaves]
    terms = [(f"{a}*{b}", u * v) for (a, u), (b, v) in combinations_with_replacement(leaves, 2)]
    logarithms = [(name, np.log(x)) for name, x in zip(names, X.T, strict=True)]
    terms = [(f"exp(({{!r}})*{text})", x) for text, x in [*leaves, *terms]]
    terms += [(f"{name}**({{!r}})", x) for name, x in logarithms]
    terms = [(text, x) for text, x in terms if np.isfinite(x).all() and np.ptp(x) > 0]
    if not terms:
        return []
    columns, found = np.column_stack([x for _, x in terms]), []
    for name, amplitude in [("1", np.ones_like(y)), *zip(names, X.T, strict=True)]:
        if not (np.abs(amplitude) > 0).all():
            continue
        turned = np.median(y / amplitude) < 0
        ratio = -y / amplitude if turned else y / amplitude
        for sign, side, highest in (("+", 1.0, 1 - END), ("-", -1.0, np.inf)):
            for level in _levels(ratio, sign):
                v = np.clip(ratio / level, END, highest)
                s, root = np.log(1 / v - side), v * (1 - side * v) * np.abs(amplitude)
                root = root / root.max()
                if not (np.isfinite(s).all() and np.ptp(s) > 0 and np.isfinite(root).all()):
                    continue
                top = name if level == 1 else f"({level!r})*{name}"
                found += [
                    f"{'-' if turned else ''}{top}/({text} {sign} 1)"
                    for text in _exponents(terms, columns, s, root)
                ]
    return found


def _levels(ratio: np.ndarray, sign: str) -> list[float]:
    """What an amplitude may be multiplied by, for the target over the amplitude, (n,).

    One, and in other units than those of the law, or with another prefactor, what is near to the
    plateau. Bose's law has none; there the orders of magnitude are tried.
    """
    size = float(np.max(ratio)) if sign == "+" else float(np.median(ratio))
    if not 0 < size < np.inf:
        return [1.0]
    return [1.0, *(factor * size for factor in (PLATEAUS if sign == "+" else DECADES))]


def _exponents(
    terms: Sequence[Term], columns: np.ndarray, s: np.ndarray, root: np.ndarray
) -> Iterator[str]:
    """Exponentials of the best sums of two terms, fitted to s (n,) with weights root^2 (n,)."""
    for places in best_pairs(columns, s, root**2 / np.sum(root**2)):
        table = np.column_stack([columns[:, list(places)], np.ones_like(s)])
        size = np.abs(table).max(axis=0)
        solved = np.linalg.lstsq(root[:, None] * table / size, root * s)[0] / size
        factors = [terms[k][0].format(float(c)) for k, c in zip(places, solved, strict=False)]
        factor = float(np.exp(np.clip(solved[-1], -300.0, 300.0)))
        yield f"({factor!r})*{'*'.join(factors)}"
