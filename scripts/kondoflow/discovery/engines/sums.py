r"""Laws that are a short sum after a simple map, looked for one by one.

Evolution may miss a law of a few nodes whose parts are worth nothing alone. Those that read

.. math:: \tau(y) = \alpha u + \beta v + \gamma , \qquad
          \tau \in \{y,\ 1/y,\ \log y,\ y^2\},

with u and v from a small library (an input, its reciprocal, a function of either, a product of
two), are few enough to try all of them: the best pair follows from the correlations of the library
with tau. Power laws of all inputs are tried beside them. The error counted is that of y itself, to
first order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations_with_replacement

import numpy as np

from kondoflow.formulas.operations import NEVER_NESTED

LARGEST = 400  # library
BARE = 2  # sums and differences without a constant that are kept for each map
BEST = 3  # pairs that are kept for each map
SAME = 1e-12  # 1 - correlation^2, below which one of two terms is left out
ROUNDING = 1e-12  # size of a summand, relative to the largest, below which it is left out
INDEPENDENT = 1e-9  # 1 - correlation^2 of a pair, below which its two are the same

Term = tuple[str, np.ndarray]


def short_sums(
    names: Sequence[str], X: np.ndarray, y: np.ndarray, symbols: Collection[str]
) -> list[str]:
    """The best sums and power law.

    Args:
        names: Formula of each input.
        X: Inputs, (n, input).
        y: Target, (n,).
        symbols: Operations that an equation may use.
    """
    with np.errstate(all="ignore"):
        terms = _library(names, X, symbols)
        found = [text for text in _sums(terms, y, symbols)] if terms else []
        return found + _power_law(names, X, y, symbols)


def _library(names: Sequence[str], X: np.ndarray, symbols: Collection[str]) -> list[Term]:
    leaves = list(zip(names, X.T, strict=True))
    if "div" in symbols:
        leaves += [(f"(1/{name})", 1 / x) for name, x in leaves if not name.startswith("(1/")]
    terms = list(leaves)
    for function in (*NEVER_NESTED, "sqrt"):
        if function in symbols:
            evaluated = getattr(np, function)
            terms += [(f"{function}({name})", evaluated(x)) for name, x in leaves]
            if function == "exp":
                terms += [(f"exp(-{name})", np.exp(-x)) for name, x in leaves]
    if "mul" in symbols:
        terms += [
            (f"{first}*{second}", x * z)
            for (first, x), (second, z) in combinations_with_replacement(leaves, 2)
        ]
    usable = [(text, x) for text, x in terms if np.isfinite(x).all() and np.ptp(x) > 0]
    return _distinct(usable)[:LARGEST]


def _distinct(terms: Sequence[Term]) -> list[Term]:
    """Terms of which none is another one but for a factor and an additive constant."""
    if not terms:
        return []
    columns = np.column_stack([(x - x.mean()) / x.std() for _, x in terms])
    squared = (columns.T @ columns / len(columns)) ** 2
    same = np.triu(squared > 1 - SAME, 1).any(axis=0)
    return [term for term, repeats in zip(terms, same, strict=True) if not repeats]


def _maps(y: np.ndarray, symbols: Collection[str]) -> Iterator[tuple[np.ndarray, np.ndarray, str]]:
    """Values of a map of the target, its slope, and the inverse of the map as text."""
    yield y, np.ones_like(y), "{}"
    if "div" in symbols and y.all():
        yield 1 / y, y**-2, "1/({})"
    if (y > 0).all():
        if "exp" in symbols:
            yield np.log(y), 1 / y, "exp({})"
        if "sqrt" in symbols:
            yield y**2, 2 * y, "sqrt({})"


def _sums(terms: Sequence[Term], y: np.ndarray, symbols: Collection[str]) -> Iterator[str]:
    columns = np.column_stack([x for _, x in terms])
    for tau, slope, form in _maps(y, symbols):
        root = 1 / np.abs(slope)
        root = root / root.max()
        weights = root**2 / np.sum(root**2)
        centred = columns - weights @ columns
        scale = np.sqrt(weights @ centred**2)
        known = np.isfinite(scale) & (scale > 0)
        unit = centred[:, known] / scale[known]
        index = np.flatnonzero(known)
        target = tau - weights @ tau
        target = target / np.sqrt(weights @ target**2)
        gram = unit.T @ (weights[:, None] * unit)
        with_target = unit.T @ (weights * target)
        apart = 1 - gram**2
        gain = np.where(
            apart > INDEPENDENT,
            (
                with_target[:, None] ** 2
                + with_target**2
                - 2 * gram * with_target[:, None] * with_target
            )
            / np.where(apart > INDEPENDENT, apart, 1),
            -1,
        )
        pairs = np.argsort(-np.triu(gain, 1), axis=None)[:BEST]
        chosen = [tuple(index[list(np.unravel_index(pair, gain.shape))]) for pair in pairs]
        chosen.append((index[int(np.argmax(with_target**2))],))
        for pair in chosen:
            yield form.format(_fitted([terms[place] for place in pair], tau, root))
        for text in _bare_sums(terms, tau, root):
            yield form.format(text)


def _bare_sums(terms: Sequence[Term], tau: np.ndarray, root: np.ndarray) -> Iterator[str]:
    """The best multiples of u + v, u - v and u, which have one constant and therefore say more."""
    columns = root[:, None] * np.column_stack([x for _, x in terms])
    target = root * tau
    gram = columns.T @ columns
    with_target = columns.T @ target
    own = np.diag(gram)
    for sign in (1, -1):
        length = own[:, None] + own + 2 * sign * gram
        product = with_target[:, None] + sign * with_target
        known = np.triu(length > INDEPENDENT * (own[:, None] + own), 1)
        gain = np.where(known, product**2 / np.where(known, length, 1), -1)
        for place in np.argsort(-gain, axis=None)[:BARE]:
            u, v = np.unravel_index(place, gain.shape)
            factor = float(product[u, v] / length[u, v])
            joint = "+" if sign == 1 else "-"
            yield f"({factor!r})*({terms[u][0]} {joint} {terms[v][0]})"
    best = int(np.argmax(with_target**2 / own))
    yield f"({float(with_target[best] / own[best])!r})*{terms[best][0]}"


def _fitted(chosen: Sequence[Term], tau: np.ndarray, root: np.ndarray) -> str:
    """The sum with its coefficients, least squares with weights root^2."""
    matrix = np.column_stack([*(x for _, x in chosen), np.ones_like(tau)])
    size = np.sqrt(np.mean(matrix**2, axis=0))
    solved = np.linalg.lstsq(root[:, None] * matrix / size, root * tau)[0] / size
    counts = np.abs(solved) * size > ROUNDING * np.max(np.abs(solved) * size)
    texts = [*(f"*{text}" for text, _ in chosen), ""]
    parts = [
        f"({float(factor)!r}){text}"
        for factor, text, kept in zip(solved, texts, counts, strict=True)
        if kept
    ]
    return " + ".join(parts)


def _power_law(
    names: Sequence[str], X: np.ndarray, y: np.ndarray, symbols: Collection[str]
) -> list[str]:
    plain = [index for index, name in enumerate(names) if not name.startswith("(1/")]
    one_sign = (X[:, plain] > 0).all() and ((y > 0).all() or (y < 0).all())
    if not one_sign or not {"mul", "div"} <= set(symbols):
        return []
    matrix = np.column_stack([np.log(X[:, plain]), np.ones_like(y)])
    solved = np.linalg.lstsq(matrix, np.log(np.abs(y)))[0]
    factor = float(np.sign(y[0]) * np.exp(solved[-1]))
    powers = [
        f"{names[index]}**({float(power)!r})"
        for index, power in zip(plain, solved, strict=False)
        if abs(power) < 20
    ]
    return ["*".join([f"({factor!r})", *powers])]
