"""Sums that differ from an equation by one or two terms, ranked by their price (`growing`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from kondoflow.discovery.selection import Part
from kondoflow.formulas.measures import complexity, is_nested
from kondoflow.formulas.operations import NEVER_NESTED
from kondoflow.formulas.rewriting import folded
from kondoflow.formulas.symbolic import NotRealError
from kondoflow.formulas.trees import (
    Apply,
    Expression,
    Name,
    Number,
    additive_terms,
    names_in,
    total,
)

RANKED = 40  # trials that are looked at in a step
COEFFICIENT = 4  # what a term costs beside itself: a sum, a product and a constant
INDEPENDENT = 1e-10  # share of a term's variance outside the others, below which it adds nothing


@dataclass(frozen=True)
class Offer:
    """A term that may be added.

    Attributes:
        expression: The term.
        factor: By what a term of the equation is multiplied in it, if it is such a multiple.
        within: Index of that term; None if there is none.
        beside: What it costs if that term is there too.
        alone: What it costs if not.
    """

    expression: Expression
    factor: Expression
    within: int | None
    beside: int
    alone: int


@dataclass(frozen=True)
class Aim:
    """What trials are fitted to, (n,), and the square root of what each sample is worth, (n,)."""

    values: np.ndarray
    root: np.ndarray


@dataclass(frozen=True)
class Trial:
    """A sum with its estimated price: terms of the equation, by index, and what is added."""

    price: float
    kept: tuple[int, ...]
    added: tuple[Offer, ...]


def trials(
    best: Expression,
    terms: Sequence[Expression],
    library: Sequence[Expression],
    train: Part,
    parsimony: float,
    aim: Aim,
) -> Iterator[Trial]:
    """The best sums with one or two terms more, of all terms and of all but one."""
    offers, columns = _offers(best, terms, library, train)
    columns = aim.root[:, None] * columns
    own = [aim.root * train.values(term) for term in terms]
    target = aim.root * aim.values
    lengths = [complexity(term) + COEFFICIENT for term in terms]
    for left_out in (None, *range(len(terms))):
        there = tuple(index for index in range(len(terms)) if index != left_out)
        basis = np.column_stack([aim.root, *(own[index] for index in there)])
        q, _ = np.linalg.qr(basis / np.abs(basis).max(axis=0))
        residual = target - q @ (q.T @ target)
        rest = columns - q @ (q.T @ columns)
        size = np.linalg.norm(rest, axis=0)
        new = np.flatnonzero(size > INDEPENDENT * np.linalg.norm(columns, axis=0))
        rest = rest[:, new] / size[new]
        costs = np.array([_cost(offers[place], there) for place in new])
        already = sum(lengths[index] for index in there)
        for price, chosen in _cheapest(rest, residual, costs, parsimony):
            added = tuple(offers[new[place]] for place in chosen)
            yield Trial(price + parsimony * already, there, added)


def _cheapest(
    rest: np.ndarray, residual: np.ndarray, costs: np.ndarray, parsimony: float
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Prices of the cheapest columns and pairs of columns, by least squares.

    Args:
        rest: Columns of unit length, (n, column).
        residual: What they are fitted to, (n,).
        costs: Length of each, (column,).
        parsimony: Logarithm of the error that one operation must gain.
    """
    total_square = residual @ residual
    smallest = 1e-12 * total_square
    along = residual @ rest
    prices = np.log(np.maximum(total_square - along**2, smallest)) + parsimony * costs
    for place in np.argsort(prices, kind="stable")[:RANKED]:
        yield float(prices[place]), (int(place),)
    gram = rest.T @ rest
    apart = np.triu(1 - gram**2, 1)
    known = apart > INDEPENDENT
    both = along[:, None] ** 2 + along**2 - 2 * gram * along[:, None] * along
    gain = np.where(known, both / np.where(known, apart, 1), -np.inf)
    pair_costs = costs[:, None] + costs
    pair_prices = np.where(
        known,
        np.log(np.maximum(total_square - gain, smallest)) + parsimony * pair_costs,
        np.inf,
    )
    flat = np.argpartition(pair_prices, min(RANKED, pair_prices.size - 1), axis=None)[:RANKED]
    for place in flat:
        first, second = np.unravel_index(place, pair_prices.shape)
        if known[first, second]:
            yield float(pair_prices[first, second]), (int(first), int(second))


def _cost(offer: Offer, there: Sequence[int]) -> int:
    return offer.beside if offer.within in there else offer.alone


def _offers(
    best: Expression, terms: Sequence[Expression], library: Sequence[Expression], train: Part
) -> tuple[list[Offer], np.ndarray]:
    """Terms that may be added and their values, (n, term), each with the largest value 1."""
    offers = [
        Offer(item, item, None, complexity(item) + COEFFICIENT, complexity(item) + COEFFICIENT)
        for item in library
    ]
    factors = [item for item in library if len(names_in(item)) == 1]
    for index, term in [*enumerate(terms), (None, best)]:
        for factor in factors:
            product = Apply("mul", (term, factor))
            alone = complexity(product) + COEFFICIENT
            beside = alone if index is None else complexity(factor) + COEFFICIENT
            offers.append(Offer(product, factor, index, beside, alone))
    with np.errstate(all="ignore"):
        columns = np.array([train.values(offer.expression) for offer in offers]).T
        varies = np.isfinite(columns).all(axis=0) & (np.ptp(columns, axis=0) > 0)
    columns = columns[:, varies]
    offers = [offer for offer, kept in zip(offers, varies, strict=True) if kept]
    return offers, columns / np.abs(columns).max(axis=0)


def fitted_sum(trial: Trial, terms: Sequence[Expression], train: Part, aim: Aim) -> Expression:
    """The sum closest to the aim, with multiples of one term in one product."""
    summed = [*(terms[index] for index in trial.kept), *(o.expression for o in trial.added)]
    matrix = np.column_stack([*(train.values(term) for term in summed), np.ones_like(aim.root)])
    size = np.abs(matrix).max(axis=0)
    solved = np.linalg.lstsq(aim.root[:, None] * matrix / size, aim.root * aim.values)[0]
    *factors, constant = (float(value) for value in solved / size)
    own: dict[int, list[Expression]] = {
        index: [Number(value)] for index, value in zip(trial.kept, factors, strict=False)
    }
    found: list[Expression] = []
    for offer, value in zip(trial.added, factors[len(trial.kept) :], strict=True):
        summand = Apply("mul", (Number(value), offer.factor))
        if offer.within is not None and offer.within in own:
            own[offer.within].append(summand)
        else:
            found.append(Apply("mul", (Number(value), offer.expression)))
    products = [Apply("mul", (total(inner), terms[index])) for index, inner in own.items()]
    return total([*products, *found, Number(constant)])


def library(train: Part, symbols: Collection[str]) -> list[Expression]:
    """Inputs, functions of them, and products of two."""
    leaves: list[Expression] = [Name(name) for name in train.inputs]
    found = list(leaves)
    if "mul" in symbols:
        found += [Apply("mul", pair) for pair in combinations_with_replacement(leaves, 2)]
    if "div" in symbols:
        found += [Apply("div", (Number(1), leaf)) for leaf in leaves]
        found += [Apply("div", (x, y)) for x in leaves for y in leaves if x != y]
    for function in (*NEVER_NESTED, "sqrt"):
        if function in symbols:
            for leaf in leaves:
                found.append(Apply(function, (leaf,)))
                if function in ("log", "sqrt") and (train.values(leaf) < 0).all():
                    found[-1] = Apply(function, (Apply("neg", (leaf,)),))
    return found


def grown_sums(
    best: Expression,
    offered: Sequence[Expression],
    train: Part,
    parsimony: float,
    aim: Aim,
    allowed: Callable[[Expression], bool] = lambda _: True,
) -> Iterator[Expression]:
    """An equation with a term more, fitted to an aim, the cheapest by the estimate first.

    Args:
        best: The equation.
        offered: Terms that may be added.
        train: Training samples.
        parsimony: Price of a unit of length.
        aim: What the coefficients are fitted to.
        allowed: Whether an equation may be given at all.
    """
    terms = [term for term in additive_terms(best) if np.ptp(train.values(term)) > 0]
    tried = trials(best, terms, offered, train, parsimony, aim)
    for trial in sorted(tried, key=lambda trial: trial.price)[:RANKED]:
        expression = fitted_sum(trial, terms, train, aim)
        if is_nested(expression) or not allowed(expression):
            continue
        with suppress(NotRealError):
            yield folded(expression)
