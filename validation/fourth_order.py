r"""The quasi-particle weight to fourth order in U, from the diagrams themselves.

At half filling and T = 0 the free propagator in imaginary time is odd, G = -sgn(tau) g(|tau|). Then
tadpoles vanish, and the second order of the self-energy is U^2 G^3. A diagram of fourth order has
vertices at 0, where the electron enters, at tau, where it leaves, at s and at t. Lines of its own
spin lead from 0, s, t to s, t, tau, a bijection; lines of the other spin are a permutation of the
four vertices without fixed points. The sum is over all pairs whose graph is connected and stays so
when a line of the path from 0 to tau is cut,

.. math::
    \Sigma_4(\tau) = U^4 \int_{s < t} ds\, dt \sum (-1)^{\mathrm{loops}} \prod G, \qquad
    \frac{1}{Z} = 1 - 2 \int_0^\infty \tau\, \Sigma(\tau)\, d\tau = 1 + a_2 U^2 + a_4 U^4 .

For the impurity in a wide flat band the Bethe ansatz has a_2 and a_4 in closed form
(`kondoflow.systems.anderson.exact`). On the Bethe lattice the bath depends on U, too: with the
semicircle's G(i omega) and G' its derivative, the propagator of the impurity without interaction
changes by -(h^2/4) G^2 G' Sigma_2, which adds to a_4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np
from scipy.interpolate import CubicSpline

Propagator = Callable[[np.ndarray], np.ndarray]  # g(|tau|)
NODES = 44  # of a double-exponential rule
REACH = 4.2
ORDER = 16  # of a Gauss rule
LATE = 30.0  # 1/h, up to which times are resolved for all frequencies


def half_line(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on 0 .. infinity: x = exp(y - exp(-y))."""
    y, step = np.linspace(-REACH, 2.6 * REACH, n, retstep=True)
    x = np.exp(y - np.exp(-y))
    return x, step * x * (1 + np.exp(-y))


def interval(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on 0 .. 1, dense at both ends: x = (1 + tanh(sinh(y)))/2."""
    y, step = np.linspace(-2.6, 2.6, n, retstep=True)
    return 1 / (1 + np.exp(-2 * np.sinh(y))), step * np.cosh(y) / np.cosh(np.sinh(y)) ** 2 / 2


def diagrams() -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Sign and lines (from, to) of each irreducible diagram; vertices 0, s = 1, t = 2, tau = 3."""
    for into in permutations((1, 2, 3)):
        own = list(enumerate(into))
        if any(a == b for a, b in own):
            continue
        path = [(0, into[0])]
        while path[-1][1] != 3:
            path.append((path[-1][1], into[path[-1][1]]))
        loops = int(len(path) == 1)
        for images in permutations(range(4)):
            other = list(enumerate(images))
            if any(a == b for a, b in other):
                continue
            lines = own + other
            cuts = [[line for line in lines if line is not cut] for cut in own if cut in path]
            if all(connected(rest) for rest in (lines, *cuts)):
                # Without fixed points a permutation of four has one cycle or two.
                two = all(images[images[k]] == k for k in range(4))
                yield (-1) ** (loops + (2 if two else 1)), lines


def connected(lines: list[tuple[int, int]]) -> bool:
    """Whether lines join all four vertices."""
    reached = {0}
    for _ in range(4):
        reached |= {k for line in lines for k in line if reached & set(line)}
    return len(reached) == 4


def orders(tau: float, n: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Times s < t and weights, (n, n) each, for each order of s, t, 0 and tau."""
    (far, far_weight), (near, near_weight) = half_line(n), interval(n)
    a, b = far[:, None], far[None, :]
    outer = far_weight[:, None] * far_weight
    mixed = far_weight[:, None] * near_weight * tau
    inner = near * tau
    yield -a - b, -b + 0 * a, outer
    yield -a + 0 * b, tau + b + 0 * a, outer
    yield tau + a + 0 * b, tau + a + b, outer
    yield -a + 0 * inner, inner + 0 * a, mixed
    yield inner + 0 * a, tau + a + 0 * inner, mixed
    first, second = inner[:, None] * near, inner[:, None] + 0 * near
    yield first, second, near_weight[:, None] * near_weight * tau * inner[:, None]


def fourth(g: Propagator, tau: float, n: int = NODES) -> float:
    """Sigma_4(tau)/U^4 for tau > 0."""
    known = list(diagrams())
    total = 0.0
    for s, t, weight in orders(tau, n):
        times = (np.zeros_like(s), s, t, np.full_like(s, tau))
        gaps = {(i, j): times[j] - times[i] for i in range(4) for j in range(i + 1, 4)}
        G = {pair: -np.sign(gap) * g(np.abs(gap)) for pair, gap in gaps.items()}
        G |= {(j, i): -value for (i, j), value in G.items()}
        for sign, lines in known:
            total += sign * float(np.sum(weight * math.prod(G[line] for line in lines)))
    return total


def propagator(spectrum: Callable[[np.ndarray], np.ndarray], n: int = 300) -> Propagator:
    """g(|tau|) = the integral of A(x) exp(-x |tau|) over x > 0, read off a table in tau."""
    x, weight = half_line(n)
    tau = np.geomspace(1e-9, 1e9, 800)
    values = np.exp(-tau[:, None] * x) @ (weight * spectrum(x))
    spline = CubicSpline(np.log(tau), np.log(values))
    return lambda at: np.exp(spline(np.log(np.clip(at, 1e-9, 1e9))))


def coefficients(g: Propagator, n: int = NODES) -> tuple[float, float]:
    """a_2 and a_4 of a bath that does not depend on U."""
    tau, weight = half_line(n)
    second = 2 * np.sum(weight * tau * g(tau) ** 3)
    early = (tau > 1e-4) & (tau < 1e4)
    values = [fourth(g, each, n) for each in tau[early]]
    return float(second), float(-2 * np.sum((weight * tau)[early] * values))
