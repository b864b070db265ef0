r"""The gap and the critical temperature, from the gap equation.

With energies in units of the cut-off omega_D, so that delta = Delta/omega_D and t = T/omega_D, the
equation (Bardeen, Cooper and Schrieffer 1957, eq. 3.27) is

.. math::
    \frac{1}{\lambda} = F(\delta, t) = \int_0^1 \frac{dy}{E} \tanh\frac{E}{2t}, \qquad
    E = \sqrt{y^2 + \delta^2}.

F falls in delta and in t. Hence there is one gap at each t below t_c, and t_c solves
F(0, t_c) = 1/lambda. As F < 1/delta and F(0, t) < 1/(2t), the roots lie below 1/(1/lambda), that
is delta < lambda, and t_c < lambda/2.

All singularities of the integrand, the branch points :math:`\pm i\delta` and the poles where
:math:`E = i\pi t (2n + 1)`, lie on the imaginary axis of y. On a panel [h, 2h] the Gauss-Legendre
rule of n points therefore errs by 5.8^{-2n} at most. Panels that halve towards 0 end where the
integrand is flat: at coupling 0.15, the smallest, the gap is 2.5e-3 at T = 0, ten times the first
panel, and close to T_c the poles lie at 4.5e-3 and beyond.

Neither the closed form of the gap at T = 0 nor a formula of T_c is used; the tests compare with
them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import elementwise

N_PANELS = 12  # the first ends at 2^-12
N_NODES = 12  # in each panel
BLOCK = 4096  # rows that are solved together, which bounds the memory
SMALLEST = 1e-4  # lower end of the bracket of gap and T_c, in units of the cut-off


def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on 0 .. 1, (N_PANELS + 1 times N_NODES,)."""
    x, w = np.polynomial.legendre.leggauss(N_NODES)
    edges = np.concatenate([[0.0], 2.0 ** np.arange(-N_PANELS, 1)])
    halves = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + halves * (1 + x)).ravel(), (halves * w).ravel()


_NODES, _WEIGHTS = _quadrature()


def pairing_integral(delta: np.ndarray, t: np.ndarray) -> np.ndarray:
    """F of the module's docstring, (n,).

    Args:
        delta: Gap over cut-off, (n,), >= 0.
        t: Temperature over cut-off, (n,), >= 0; at 0 the factor tanh is 1.
    """
    energy = np.hypot(_NODES, np.asarray(delta)[..., None])
    with np.errstate(divide="ignore"):
        occupied = np.tanh(energy / (2 * np.asarray(t)[..., None]))
    return (occupied / energy) @ _WEIGHTS


def critical_temperature(coupling: np.ndarray, omega_D: np.ndarray) -> np.ndarray:
    """T_c in the unit of omega_D, (n,).

    Args:
        coupling: N(0) V, (n,), 0.15 .. 1.
        omega_D: Cut-off, (n,).

    Raises:
        ArithmeticError: If a root is not found.
    """
    coupling = np.asarray(coupling, dtype=float)

    def excess(t: np.ndarray, coupling: np.ndarray) -> np.ndarray:
        return pairing_integral(np.zeros_like(t), t) - 1 / coupling

    return omega_D * _roots(excess, np.full_like(coupling, SMALLEST), coupling / 2, coupling)


def gap_at_zero(coupling: np.ndarray, omega_D: np.ndarray) -> np.ndarray:
    """Delta at T = 0 in the unit of omega_D, (n,); see `critical_temperature`."""
    return energy_gap(coupling, omega_D, np.zeros_like(np.asarray(coupling, dtype=float)))


def energy_gap(coupling: np.ndarray, omega_D: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Delta(T) in the unit of omega_D, (n,); 0 from T_c on.

    Args:
        coupling: N(0) V, (n,), 0.15 .. 1.
        omega_D: Cut-off, (n,).
        T: Temperature in the unit of omega_D, (n,), >= 0.

    Raises:
        ArithmeticError: If a root is not found.
    """
    coupling, t = np.asarray(coupling, dtype=float), np.asarray(T, dtype=float) / omega_D

    def excess(square: np.ndarray, coupling: np.ndarray, t: np.ndarray) -> np.ndarray:
        return pairing_integral(np.sqrt(square), t) - 1 / coupling

    low = np.where(t > 0, 0.0, SMALLEST**2)
    superconducting = excess(low, coupling, t) > 0
    squares = np.zeros_like(t)
    chosen = (low[superconducting], coupling[superconducting], t[superconducting])
    squares[superconducting] = _roots(excess, chosen[0], chosen[1] ** 2, *chosen[1:])
    return omega_D * np.sqrt(squares)


def _roots(
    f: Callable[..., np.ndarray], low: np.ndarray, high: np.ndarray, *arguments: np.ndarray
) -> np.ndarray:
    """Where f(x, *arguments) is 0, (n,), for f of opposite sign at `low` and `high`, each (n,)."""
    roots = np.empty_like(low)
    for first in range(0, len(low), BLOCK):
        rows = slice(first, first + BLOCK)
        own = tuple(each[rows] for each in arguments)
        found = elementwise.find_root(f, (low[rows], high[rows]), args=own)
        if not np.all(found.success):
            raise ArithmeticError("a root of the gap equation was not found")
        roots[rows] = found.x
    return roots
