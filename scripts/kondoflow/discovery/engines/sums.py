r"""Laws that are a short sum after a simple map, looked for one by one.

Evolution may miss a law of a few nodes whose parts are worth nothing alone. Those that read

.. math:: \tau(y) = \alpha u + \beta v + \gamma , \qquad
          \tau \in \{y,\ 1/y,\ \log y,\ y^2,\ 1/y^2\},

with u and v from a small library (an input, its reciprocal, a function of either, a product of
two), are few enough to try all of them: the best pair follows from the correlations of the library
with tau. Power laws of all inputs, ratios and exponentials with a rate (`engines.forms`) are tried
beside them. The error counted is that of y itself, to first order.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement

import numpy as np

from kondoflow.discovery.engines.forms import Term, exponential, fitted_sum, ratios
from kondoflow.discovery.monotone import unexplained
from kondoflow.files.errors import InputError
from kondoflow.formulas.evaluation import evaluate
from kondoflow.formulas.grammar import parse
from kondoflow.formulas.measures import complexity
from kondoflow.formulas.operations import NEVER_NESTED
from kondoflow.formulas.trees import names_in

LARGEST = 400  # library
KEPT = 16  # forms that are refitted
LENGTH_PRICE = 0.1  # by how much one more node must lower the logarithm of the error
SMALLEST = 1e-12  # errors below are rounding
BARE = 2  # sums and differences without a constant that are kept for each map
BEST = 3  # pairs that are kept for each map
SAME = 1e-12  # 1 - correlation^2, below which one of two terms is left out
INDEPENDENT = 1e-9  # 1 - correlation^2 of a pair, below which its two are the same


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
        leaves = leaves_of(names, X, symbols)
        terms = library(leaves, symbols)
        found = list(_sums(leaves, terms, y, symbols)) if terms else []
        return found + _power_law(names, X, y, symbols)


def cheapest(
    texts: Sequence[str], inputs: Mapping[str, np.ndarray], y: np.ndarray, kept: int = KEPT
) -> list[str]:
    """The forms that are worth refitting, by their error in y, (n,), and their length."""
    priced = []
    for index, text in enumerate(texts):
        try:
            form = parse(text, "equation", "short sums")
        except InputError:  # such as a constant that is infinite
            continue
        if not names_in(form) <= inputs.keys():  # a constant that is no number reads as a name
            continue
        f = np.broadcast_to(evaluate(form, inputs), y.shape)
        if np.isfinite(f).all():
            error = max(unexplained(y, f), SMALLEST)
            priced.append((math.log(error) + LENGTH_PRICE * complexity(form), index))
    return [texts[index] for _, index in sorted(priced)[:kept]]


def leaves_of(names: Sequence[str], X: np.ndarray, symbols: Collection[str]) -> list[Term]:
    """Inputs and their reciprocals, as formula and values (n,) each."""
    leaves: list[Term] = list(zip(names, X.T, strict=True))
    if "div" in symbols:
        leaves += [(f"(1/{name})", 1 / x) for name, x in leaves if not name.startswith("(1/")]
    return leaves


def library(leaves: Sequence[Term], symbols: Collection[str]) -> list[Term]:
    """Terms of short sums: the leaves, functions of them, and products of two."""
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
            if "div" in symbols:
                yield y**-2, 2 * y**-3, "1/sqrt({})"


def _sums(
    leaves: Sequence[Term], terms: Sequence[Term], y: np.ndarray, symbols: Collection[str]
) -> Iterator[str]:
    columns = np.column_stack([x for _, x in terms])
    for tau, slope, form in _maps(y, symbols):
        root = 1 / np.abs(slope)
        if not (np.isfinite(tau).all() and np.isfinite(root).all() and np.ptp(tau)):
            continue
        root = root / root.max()
        chosen = best_pairs(columns, tau, root**2 / np.sum(root**2))
        if not chosen:
            continue
        for places in chosen:
            yield form.format(fitted_sum([terms[place] for place in places], tau, root))
        for text in _bare_sums(terms, tau, root):
            yield form.format(text)
        if "exp" in symbols:
            yield form.format(exponential(leaves, tau, root))
        if "div" in symbols:
            for text in ratios(terms, tau, root):
                yield form.format(text)


def best_pairs(columns: np.ndarray, tau: np.ndarray, weights: np.ndarray) -> list[tuple[int, ...]]:
    r"""Columns whose best linear combination with a constant explains the most of tau.

    For two columns with correlations r_1 and r_2 with tau, and r with each other, the share of the
    variance that is explained is :math:`(r_1^2 + r_2^2 - 2 r r_1 r_2)/(1 - r^2)`.

    Args:
        columns: Values of the library, (n, term).
        tau: Values of the map of the target, (n,).
        weights: Weights of the samples, which add up to 1, (n,).

    Returns:
        The best pairs, and the best single column; nothing if no column varies.
    """
    centred = columns - weights @ columns
    scale = np.sqrt(weights @ centred**2)
    known = np.isfinite(scale) & (scale > 0)
    unit = centred[:, known] / scale[known]
    index = np.flatnonzero(known)
    if not index.size:
        return []
    target = tau - weights @ tau
    target = target / np.sqrt(weights @ target**2)
    gram = unit.T @ (weights[:, None] * unit)
    with_target = unit.T @ (weights * target)
    apart = 1 - gram**2
    explained = (
        with_target[:, None] ** 2 + with_target**2 - 2 * gram * with_target[:, None] * with_target
    )
    gain = np.where(apart > INDEPENDENT, explained / np.where(apart > INDEPENDENT, apart, 1), -1)
    best = np.argsort(-np.triu(gain, 1), axis=None)[:BEST]
    pairs = [tuple(index[list(np.unravel_index(place, gain.shape))]) for place in best]
    return [*pairs, (index[int(np.argmax(with_target**2))],)]


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
