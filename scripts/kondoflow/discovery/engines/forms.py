r"""Ratios and exponentials of one or two terms, the best of which follow without a search.

.. math:: \tau = \frac{\alpha + \beta u}{1 + \gamma v}
          \qquad\mathrm{and}\qquad \tau = \alpha \exp(\kappa u) + \beta ,

with u and v from a library of terms and tau a target. The first is linear in its constants once it
is multiplied by its denominator. In the second kappa is found on a grid that is refined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

RATES = np.geomspace(0.05, 20.0, 25)  # exponents tried, relative to the spread of u
ZOOMS = 3  # how often the exponents beside the best one are refined
KEPT = 2  # ratios
TRIED = 10  # ratios of which the error itself is calculated
INDEPENDENT = 1e-9  # share of a term outside the others, below which it adds nothing
OVERFLOW = 350.0  # exponent beyond which exp, or its square, has no value
ROUNDING = 1e-12  # size of a summand, relative to the largest, below which it is left out

Term = tuple[str, np.ndarray]


def exponential(leaves: Sequence[Term], tau: np.ndarray, root: np.ndarray) -> str:
    """The best alpha exp(kappa u) + beta, as text.

    Args:
        leaves: Name and values (sample,) of each candidate for u.
        tau: Target, (sample,).
        root: Square roots of the samples' weights, (sample,).
    """
    weights = root**2 / np.sum(root**2)
    target = tau - weights @ tau

    def explained(columns: np.ndarray) -> np.ndarray:
        centred = columns - weights @ columns
        own = weights @ centred**2
        known = np.isfinite(own) & (own > 0)
        along = (weights * target) @ np.where(known, centred, 0)
        return np.where(known, along**2 / np.where(known, own, 1), -1)

    best, term, rate = -1.0, leaves[0], 0.0
    for name, x in leaves:
        scale = 1 / x.std()
        rates = np.concatenate([-RATES[::-1], RATES]) * scale
        for _ in range(ZOOMS + 1):
            gain = explained(np.exp(np.outer(x - x.mean(), rates)))
            gain[np.abs(rates) * np.abs(x).max() > OVERFLOW] = -1  # it has no value as written
            place = int(np.argmax(gain))
            if gain[place] > best:
                best, term, rate = float(gain[place]), (name, x), float(rates[place])
            beside = rates[max(place - 1, 0)], rates[min(place + 1, rates.size - 1)]
            rates = np.linspace(*beside, RATES.size)
    return fitted_sum([(f"exp(({rate!r})*{term[0]})", np.exp(rate * term[1]))], tau, root)


def ratios(terms: Sequence[Term], tau: np.ndarray, root: np.ndarray) -> Iterator[str]:
    """The best (alpha + beta u)/(1 + gamma v), as texts, at most `KEPT`, the best first.

    They follow from tau = alpha + beta u - gamma v tau by least squares.

    Args:
        terms: Name and values (sample,) of each candidate for u and v.
        tau: Target, (sample,).
        root: Square roots of the samples' weights, (sample,).
    """
    columns = root[:, None] * np.column_stack([x for _, x in terms])
    target = root * tau
    tried = []
    for v, (_, divisor) in enumerate(terms):
        basis = np.column_stack([root, divisor * target])
        if not basis.any(axis=0).all():
            continue
        q, _ = np.linalg.qr(basis / np.abs(basis).max(axis=0))
        rest = columns - q @ (q.T @ columns)
        left = target - q @ (q.T @ target)
        own = np.sum(rest**2, axis=0)
        known = own > INDEPENDENT * np.sum(columns**2, axis=0)
        gain = np.where(known, (left @ rest) ** 2 / np.where(known, own, 1), -1)
        u = int(np.argmax(gain))
        tried.append((float(left @ left - gain[u]), u, v))
    fitted = []
    for _, u, v in sorted(tried)[:TRIED]:
        matrix = np.column_stack([np.ones_like(tau), terms[u][1], -terms[v][1] * tau])
        size = np.abs(matrix).max(axis=0)
        solved = np.linalg.lstsq(root[:, None] * matrix / size, target)[0] / size
        alpha, beta, gamma = (float(value) for value in solved)
        error = root * (tau - (alpha + beta * terms[u][1]) / (1 + gamma * terms[v][1]))
        text = f"(({alpha!r}) + ({beta!r})*{terms[u][0]})/(1 + ({gamma!r})*{terms[v][0]})"
        fitted.append((float(error @ error), text))
    for _, text in sorted(fitted)[:KEPT]:
        yield text


def fitted_sum(chosen: Sequence[Term], tau: np.ndarray, root: np.ndarray) -> str:
    """The sum as text, fitted to tau (sample,) by least squares with weights root^2 (sample,)."""
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
