r"""The Wilson chain of a flat band, with interleaved discretisation grids.

The band is cut into intervals [eps(x+1), eps(x)] with x = j + z, j = 1, 2, ..., and their mirror
images, where eps(x) = 1 for x <= 2 and Lambda^(2 - x) above. Each interval is replaced by one level
whose energy is chosen such that the average over z in (0, 1] reproduces the density of states
exactly: R. Zitko and T. Pruschke, PRB 79, 085106 (2009). For this the weight that z sweeps must be
the band's, w(x) dx = -dE with w(x) = eps(x) - eps(x + 1) and E = 0 at infinity; for the flat band
that differential equation has the closed solution

.. math::
    E(x) = 2 - x + \frac{1 - \Lambda^{1 - x}}{\ln \Lambda} \quad (x \le 2), \qquad
    E(x) = \Lambda^{2 - x}\, \frac{1 - 1/\Lambda}{\ln \Lambda} \quad (x > 2).

Both levels +-E_j couple to the impurity with weight w_j = eps(x_j) - eps(x_{j+1}), shared equally
(the weights add up to 1). Lanczos tridiagonalisation that starts from the orbital the impurity
couples to gives the chain. The spectrum is symmetric, hence all on-site energies vanish and the
Lanczos vectors are alternately even and odd under E -> -E: with v_n(j) the amplitude on the even
or odd combination of +-E_j,

.. math::
    t_n v_{n+1}(j) = E_j v_n(j) - t_{n-1} v_{n-1}(j), \qquad v_0(j) = \sqrt{w_j}.

The three-term recurrence loses orthogonality as Lambda^(n^2/4), so that it is run with 50 +
n^2 log10(Lambda)/4 decimal digits.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import lru_cache
from itertools import pairwise

import numpy as np

_ROUND_TO = 16  # chain lengths share their calculation in steps of this many sites


def chain_length(T: float, Lambda: float) -> int:
    """Number of chain sites such that the last energy scale lies near T/10."""
    return max(4, math.ceil(2 * math.log(10 / T) / math.log(Lambda)) + 1)


def twist_parameters(n_z: int) -> np.ndarray:
    """The n_z interleaving parameters z = 1/n_z, 2/n_z, ..., 1."""
    return np.arange(1, n_z + 1) / n_z


def hoppings(Lambda: float, z: float, n_sites: int) -> np.ndarray:
    """Hopping amplitudes t_0 .. t_{n_sites-2} of the Wilson chain, (n_sites - 1,), units of D.

    Args:
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_sites: Number of sites, at least 2.

    Raises:
        ArithmeticError: If the amplitudes don't approach t_{n+1}/t_n = Lambda^(-1/2).
    """
    longest = -(-n_sites // _ROUND_TO) * _ROUND_TO
    return _tridiagonalise(float(Lambda), float(z), longest)[: n_sites - 1]


def star(Lambda: float, z: float, n_levels: int, digits: int) -> tuple[list, list]:
    """Positive levels of the discretised band.

    Args:
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_levels: Number of positive levels; the last one takes the remaining weight.
        digits: Decimal digits of the result.

    Returns:
        Energies and weights as `Decimal`s; the weights sum to 1 over both signs of the energy.
    """
    with localcontext() as context:
        context.prec = digits
        base, log_base = Decimal(Lambda), Decimal(Lambda).ln()

        def edge(x: Decimal) -> Decimal:
            return Decimal(1) if x <= 2 else (log_base * (2 - x)).exp()

        def energy(x: Decimal) -> Decimal:
            if x <= 2:
                return 2 - x + (1 - (log_base * (1 - x)).exp()) / log_base
            return edge(x) * (1 - 1 / base) / log_base

        points = [Decimal(z) + j for j in range(1, n_levels + 1)]
        edges = [edge(x) for x in points] + [Decimal(0)]
        weights = [upper - lower for upper, lower in pairwise(edges)]
        return [energy(x) for x in points], weights


@lru_cache(maxsize=256)
def _tridiagonalise(Lambda: float, z: float, n_sites: int) -> np.ndarray:
    digits = 50 + math.ceil(n_sites**2 * math.log10(Lambda) / 4)
    energies, weights = star(Lambda, z, 2 * n_sites, digits)
    amplitudes = []
    with localcontext() as context:
        context.prec = digits
        previous = [Decimal(0)] * len(weights)
        current = [weight.sqrt() for weight in weights]
        t = Decimal(0)
        for _ in range(n_sites - 1):
            following = [
                energy * v - t * u for energy, v, u in zip(energies, current, previous, strict=True)
            ]
            t = sum(v * v for v in following).sqrt()
            previous, current = current, [v / t for v in following]
            amplitudes.append(float(t))
    t_n = np.array(amplitudes)
    ratio = t_n[-1] / t_n[-2]
    # The exact ratio has a correction of this size, which short chains of a small Lambda see.
    tolerance = 1e-3 + Lambda ** -(n_sites - 2)
    if abs(ratio * math.sqrt(Lambda) - 1) > tolerance:
        raise ArithmeticError(f"Wilson chain lost its decay: t ratio {ratio} at Lambda {Lambda}")
    t_n.setflags(write=False)
    return t_n
