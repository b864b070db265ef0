r"""Fewer inputs by symmetries that the samples show.

A law may depend on its inputs x through fewer quantities q than there are inputs. Two kinds of
quantities are looked for, products of powers and sums with simple factors,

.. math:: y = \prod_i x_i^{p_i}\; g(q), \quad q_k = \prod_i x_i^{V_{ki}}
          \qquad\mathrm{and}\qquad  y = g(q), \quad q_k = \sum_i V_{ki} x_i .

Both say that tau = p u + g(V u): with tau = log y and u = log x in the first case, with a map tau
of y, p = 0 and u = x in the second. The gradient of tau, less p, lies in the span of the rows of V.
A polynomial of u fitted to tau has gradients; the leading eigenvectors of their covariance,
brought to echelon form and rounded to simple fractions, are V. They are kept if a polynomial of
V u alone predicts tau as well as that of u by generalised cross-validation (Craven & Wahba 1979),
and the fewest that do are taken. A symmetry that holds only nearly does no harm but for the time:
every equation is judged on the samples themselves.

Dimensional analysis is the case in which units give V. Here no unit is needed. Udrescu & Tegmark
(2020) test such symmetries one after another, with a network in the place of the polynomial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from kondoflow.discovery.engines.interface import SearchProblem
from kondoflow.discovery.engines.polynomial import fit_polynomial

FEWEST = 60  # samples
MOST_INPUTS = 6
SMOOTH = 2e-3  # share of the variance that the polynomial of all inputs may leave
WORSE = 3.0  # ratio of errors up to which fewer quantities predict as well as all inputs
ALIKE = 1.2  # ratio of errors up to which a power law predicts as well as a polynomial
NEAR = 0.2  # distance from a simple fraction within which a number is taken for it
DEGENERATE = 1e-4  # determinant or eigenvalue below which directions are not independent
TRIED = 3  # matrices of each rank
FRACTIONS = np.array(sorted({p / q for q in (1, 2) for p in range(-4 * q, 4 * q + 1)}))


@dataclass(frozen=True)
class Symmetric:
    """A search over fewer inputs.

    Attributes:
        problem: The search for g.
        factor: What g is multiplied by, as text.
    """

    problem: SearchProblem
    factor: str = "1"

    def restored(self, equations: Sequence[str]) -> list[str]:
        """Equations for the target itself."""
        if self.factor == "1":
            return list(equations)
        return [f"{self.factor}*({text})" for text in equations]


def symmetric(problem: SearchProblem) -> list[Symmetric]:
    """Pose a search by least squares over fewer inputs.

    Returns:
        The same search in equivalent quantities, the simplest first; none if no symmetry shows.
    """
    n, d = problem.X.shape
    if n < FEWEST or not 2 <= d <= MOST_INPUTS or not np.ptp(problem.y):
        return []
    with np.errstate(all="ignore"):
        if not _independent(problem.X):
            return []
        found = _scaled(problem) or _factored(problem)
        if not found:
            shifted = _shifted(problem)
            found = shifted and (_scaled(shifted[0].problem) or shifted)
    return [posed for posed in found if _is_finite(posed.problem)]


def squared(problem: SearchProblem) -> SearchProblem | None:
    """The same search over the squares of its inputs; None if none of them changes sign.

    Resonances such as g^2/((x - y)^2 + g^2) depend on a difference through its square alone, and
    are short sums of squares after a map.
    """
    both_signs = (problem.X > 0).any(axis=0) & (problem.X < 0).any(axis=0)
    if not both_signs.any():
        return None
    names = tuple(f"{name}**2" for name in problem.names)
    return replace(problem, names=names, X=problem.X**2, dimensions=())


def _shifted(problem: SearchProblem) -> list[Symmetric]:
    """The same search over sums of inputs."""
    X, y = problem.X, problem.y
    maps = [y, y**2]
    if _one_sign(y):
        maps += [1 / y, np.log(np.abs(y))]
    maps = [tau / tau.std() for tau in maps if 0 < tau.std() < np.inf]
    fits = [fit_polynomial(X, tau) for tau in maps]
    tau, fit = min(zip(maps, fits, strict=True), key=lambda pair: pair[1].error)
    if fit.error > SMOOTH:
        return []
    for V, _ in _directions(fit.gradient):
        if fit_polynomial(X @ V.T, tau, largest=fit.degree).error <= WORSE * fit.error:
            names = tuple(f"({_sum(problem.names, row)})" for row in V)
            return [Symmetric(replace(problem, names=names, X=X @ V.T, dimensions=()))]
    return []


def _scaled(problem: SearchProblem) -> list[Symmetric]:
    """The same search over products of powers, one of which is a factor of the target."""
    X, y = problem.X, problem.y
    if X.shape[1] < 2 or not (X > 0).all() or not _one_sign(y):
        return []
    u, tau = np.log(X), np.log(np.abs(y))
    fit = fit_polynomial(u, tau)
    straight = fit_polynomial(u, tau, largest=1)
    if not _independent(u) or fit.error > SMOOTH * tau.var() or straight.error < ALIKE * fit.error:
        return []  # nothing shows, or a power law
    found: list[Symmetric] = []
    for V, pivots in _directions(fit.gradient - fit.gradient.mean(axis=0)):
        if found and len(V) > found[0].problem.X.shape[1]:
            break
        free = [index for index in range(u.shape[1]) if index not in pivots]
        beside = fit_polynomial(u @ V.T, tau, beside=u[:, free], largest=fit.degree)
        powers = np.zeros(u.shape[1])
        powers[free] = _simple(beside.linear)
        left = fit_polynomial(u @ V.T, tau - u @ powers, largest=fit.degree)
        if left.error <= WORSE * fit.error:
            posed = replace(
                problem,
                names=tuple(f"({_product(problem.names, row)})" for row in V),
                X=np.exp(u @ V.T),
                y=y / np.exp(u @ powers),
                dimensions=(),
            )
            found.append(Symmetric(posed, _product(problem.names, powers)))
    return found


def _factored(problem: SearchProblem) -> list[Symmetric]:
    """The same search without inputs whose powers are factors, for a target that changes sign.

    With y = x^p g of the others, x dy/dx = p y.
    """
    y, kept, powers = problem.y, list(range(problem.X.shape[1])), np.zeros(problem.X.shape[1])
    if _one_sign(y):
        return []
    fit = fit_polynomial(problem.X, y)
    for index in range(len(powers)):
        x = problem.X[:, index]
        others = [other for other in kept if other != index]
        place = kept.index(index)
        power = _simple(fit.gradient[:, place] * x @ y / (y @ y))
        if not others or not (x > 0).all() or power == 0:
            continue
        rest = y / x**power
        reduced = fit_polynomial(problem.X[:, others], rest)
        before, after = fit.error / y.var(), reduced.error / rest.var()
        if after < SMOOTH and after < WORSE * before:
            y, kept, fit, powers[index] = rest, others, reduced, power
    if not powers.any():
        return []
    names = tuple(problem.names[index] for index in kept)
    posed = replace(problem, names=names, X=problem.X[:, kept], y=y, dimensions=())
    return [Symmetric(posed, _product(problem.names, powers))]


def _directions(gradient: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[int, ...]]]:
    """Matrices V of simple fractions, and the input that each row has alone, the smallest first."""
    d = gradient.shape[1]
    leading = np.linalg.eigh(gradient.T @ gradient)[1].T[::-1]
    for rank in range(1, d):
        found = []
        for pivots in combinations(range(d), rank):
            square = leading[:rank, pivots]
            if abs(np.linalg.det(square)) > DEGENERATE:
                exact = np.linalg.solve(square, leading[:rank])
                V = _simple(exact)
                if np.abs(V - exact).max() < NEAR:
                    found.append((np.abs(V).sum(), pivots, V))
        for _, pivots, V in sorted(found, key=lambda item: item[:2])[:TRIED]:
            yield V, pivots


def _independent(columns: np.ndarray) -> bool:
    """Whether no column is constant or a sum of others."""
    spread = columns.std(axis=0)
    if not spread.all():
        return False
    x = (columns - columns.mean(axis=0)) / spread
    return bool(np.linalg.eigvalsh(x.T @ x / len(x))[0] > DEGENERATE)


def _is_finite(problem: SearchProblem) -> bool:
    return bool(np.isfinite(problem.X).all() and np.isfinite(problem.y).all())


def _one_sign(y: np.ndarray) -> bool:
    return bool((y > 0).all() or (y < 0).all())


def _simple(values: np.ndarray) -> np.ndarray:
    """The nearest simple fraction of each."""
    return FRACTIONS[np.abs(values[..., None] - FRACTIONS).argmin(axis=-1)]


def _product(names: Sequence[str], powers: np.ndarray) -> str:
    factors = [_power(name, power) for name, power in zip(names, powers, strict=True) if power]
    return "*".join(factors) or "1"


def _power(name: str, power: float) -> str:
    exponent = int(power) if power == int(power) else float(power)
    return name if power == 1 else f"{name}**({exponent!r})"


def _sum(names: Sequence[str], factors: np.ndarray) -> str:
    terms = [
        f"({float(factor)!r})*{name}" for name, factor in zip(names, factors, strict=True) if factor
    ]
    return " + ".join(terms)
