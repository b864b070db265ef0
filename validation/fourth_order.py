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

For the impurity in a wide flat band the Bethe ansatz has a_2 and a_4 in closed form (V. Zlatic and
B. Horvatic, PRB 28, 6904 (1983)). On the Bethe lattice the bath depends on U, too: with G(zeta) of
the semicircle and its derivative G', the propagator of the impurity without interaction changes by
-(h^2/4) G^2 G' Sigma_2, which adds to a_4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from itertools import permutations

import numpy as np
from scipy.interpolate import CubicSpline

Propagator = Callable[[np.ndarray], np.ndarray]  # g(|tau|)
NODES = 44  # of a double-exponential rule
REACH = 4.2
ORDER = 16  # of a Gauss rule
LATE = 100.0  # 1/h, up to which times are resolved for all frequencies


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


def propagator(
    spectrum: Callable[[np.ndarray], np.ndarray],
    energy: Callable[[np.ndarray], np.ndarray] = np.asarray,
) -> Propagator:
    """g(|tau|), the integral of A exp(-energy |tau|) over x > 0, read off a table in tau.

    Args:
        spectrum: A(x), with the derivative of the energy as a factor.
        energy: Of x.
    """
    x, weight = half_line(300)
    tau = np.geomspace(1e-9, 1e9, 800)
    values = np.exp(-tau[:, None] * energy(x)) @ (weight * spectrum(x))
    spline = CubicSpline(np.log(tau), np.log(values))
    return lambda at: np.exp(spline(np.log(np.clip(at, 1e-9, 1e9))))


def coefficients(g: Propagator, n: int = NODES) -> tuple[float, float]:
    """a_2 and a_4 of a bath that does not depend on U."""
    tau, weight = half_line(n)
    second = 2 * np.sum(weight * tau * g(tau) ** 3)
    seen = (tau > 1e-4) & (tau < 1e4)
    values = [fourth(g, each, n) for each in tau[seen]]
    return float(second), float(-2 * np.sum((weight * tau)[seen] * values))


def semicircle(x: np.ndarray) -> np.ndarray:
    """Density of states of the Bethe lattice, with h = 1, on 0 .. infinity by x/(1 + x)."""
    energy = x / (1 + x)
    return 2 / np.pi * np.sqrt(np.maximum(1 - energy**2, 0)) / (1 + x) ** 2


def of_the_bath(g: Propagator) -> float:
    """What the change of the bath with U adds to a_4, with h = 1."""
    early = np.concatenate([[0], np.geomspace(1e-4, 0.25, 20), np.arange(0.5, LATE, 0.25)])
    tau, weight = panels(np.concatenate([early, np.geomspace(LATE, 1e5, 60)]))
    y, of_y = panels(np.concatenate([[0], np.geomspace(1e-5, 0.05, 30), np.arange(0.1, 40, 0.1)]))
    sigma = np.concatenate(
        [-2 * np.sin(part[:, None] * tau) @ (weight * g(tau) ** 3) for part in np.split(y, 16)]
    )
    # G(i y) and Sigma_2(i y)/U^2 without a factor i each, and G'(i y).
    G = -2 * (np.sqrt(y**2 + 1) - y)
    slope = G**2 / (G**2 / 4 + 1)
    change = G**2 / 4 * slope * sigma  # of the propagator, which falls as y**-5
    times, of_time = half_line(160)
    times, of_time = times[times < LATE], of_time[times < LATE]
    in_time = np.sin(times[:, None] * y) @ (of_y * change) / np.pi
    return float(-2 * np.sum(of_time * times * 3 * g(times) ** 2 * in_time))


def panels(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss rules between neighbouring edges."""
    x, weight = np.polynomial.legendre.leggauss(ORDER)
    low, high = edges[:-1, None], edges[1:, None]
    return ((low + high + (high - low) * x) / 2).ravel(), ((high - low) * weight / 2).ravel()


def flat_band(n: int = NODES) -> tuple[float, float]:
    """a_2 and a_4 of the impurity in a wide flat band, with Gamma = 1."""
    return coefficients(propagator(lambda x: 1 / (np.pi * (x**2 + 1))), n)


def bethe_ansatz() -> tuple[float, float]:
    """The same in closed form: even terms of the series in `kondoflow.systems.anderson.exact`."""
    second = 3 - math.pi**2 / 4
    fourth_ = 105 - 45 * math.pi**2 / 4 + math.pi**4 / 16
    return second / math.pi**2, fourth_ / math.pi**4


@cache
def bethe_lattice(n: int = NODES) -> tuple[float, float]:
    """Factors of (U/W)^2 and (U/W)^4 in Z on the Bethe lattice of bandwidth W = 2 h."""
    g = propagator(semicircle, lambda x: x / (1 + x))
    second, fourth_ = coefficients(g, n)
    return -4 * second, 16 * (second**2 - fourth_ - of_the_bath(g))
