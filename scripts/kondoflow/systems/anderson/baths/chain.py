r"""The Wilson chain of a discretised bath.

The levels E_j of the discretised bath (`discretisation`) couple to the impurity with the weights
w_j, which add up to 1. Lanczos tridiagonalisation that starts from the orbital the impurity couples
to gives the chain: with v_n(j) the amplitude of site n on level j,

.. math::
    t_n v_{n+1}(j) = (E_j - \epsilon_n)\, v_n(j) - t_{n-1} v_{n-1}(j), \qquad
    \epsilon_n = \sum_j E_j v_n(j)^2, \qquad v_0(j) = \sqrt{w_j}.

If the bath is symmetric, all eps_n vanish and the vectors are alternately even and odd under E ->
-E, so that the levels of one sign are enough.

The three-term recurrence loses orthogonality as Lambda^(n^2/4), so that it is run with 50 +
n^2 log10(Lambda)/4 decimal digits; an asymmetric bath can have levels twice as dense, and n^2/2.

The levels of a bath with a gap at the Fermi energy end there, and the chain ends with as many
sites. Chains of tables are kept on disk too (`bath_store`).
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np

from kondoflow.systems.anderson.baths.bath import Bath
from kondoflow.systems.anderson.baths.bath_store import kept
from kondoflow.systems.anderson.baths.discretisation import bath_levels, star
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.baths.tabulated import Tabulated

_ROUND_TO = 16  # chain lengths share their calculation in steps of this many sites


def chain_length(T: float, Lambda: float) -> int:
    """Number of chain sites such that the last energy scale lies near T/10."""
    return max(4, math.ceil(2 * math.log(10 / T) / math.log(Lambda)) + 1)


def twist_parameters(n_z: int) -> np.ndarray:
    """The interleaving parameters z = 1/n_z, 2/n_z, ..., 1, (n_z,)."""
    return np.arange(1, n_z + 1) / n_z


def wilson_chain(
    bath: Bath, Lambda: float, z: float, n_sites: int
) -> tuple[np.ndarray, np.ndarray]:
    """The Wilson chain of a bath, in units of D.

    Args:
        bath: The bath.
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_sites: Number of sites wanted.

    Returns:
        On-site energies (n,) and hopping amplitudes (n - 1,); n is n_sites, or less where the bath
        has a gap at the Fermi energy.

    Raises:
        ArithmeticError: If the hopping amplitudes of a power law don't decay as they must.
    """
    if isinstance(bath, PowerLaw):
        return np.zeros(n_sites), hoppings(Lambda, z, n_sites, bath.r)
    onsite, amplitudes = _of_table(bath, float(Lambda), float(z), _rounded(n_sites))
    return onsite[:n_sites], amplitudes[: n_sites - 1]


def hoppings(Lambda: float, z: float, n_sites: int, r: float = 0.0) -> np.ndarray:
    """Hopping amplitudes t_0 .. t_{n_sites-2} for a power law, (n_sites - 1,), units of D.

    Args:
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_sites: Number of sites, at least 2.
        r: Exponent; 0 is the flat band.

    Raises:
        ArithmeticError: If the amplitudes don't approach t_{n+2}/t_n = 1/Lambda.
    """
    amplitudes = _of_power_law(float(Lambda), float(z), _rounded(n_sites), float(r))
    return amplitudes[: n_sites - 1]


def _rounded(n_sites: int) -> int:
    return -(-n_sites // _ROUND_TO) * _ROUND_TO


@lru_cache(maxsize=256)
def _of_power_law(Lambda: float, z: float, n_sites: int, r: float) -> np.ndarray:
    digits = 50 + math.ceil(n_sites**2 * math.log10(Lambda) / 4)
    positive = star(Lambda, z, 2 * n_sites, digits, r)
    t_n = _lanczos(*positive, n_sites, digits, symmetric=True)[1]
    decay = t_n[-1] / t_n[-2] if r == 0 else math.sqrt(t_n[-1] / t_n[-3])
    # The exact ratio has a correction of this size, which short chains of a small Lambda see.
    tolerance = 1e-3 + Lambda ** -(n_sites - 2)
    if abs(decay * math.sqrt(Lambda) - 1) > tolerance:
        raise ArithmeticError(f"Wilson chain lost its decay: t ratio {decay} at Lambda {Lambda}")
    t_n.setflags(write=False)
    return t_n


@lru_cache(maxsize=256)
def _of_table(
    bath: Tabulated, Lambda: float, z: float, n_sites: int
) -> tuple[np.ndarray, np.ndarray]:
    key = f"chain of {bath.digest}, {Lambda!r}, {z!r}, {n_sites}"
    return kept(key, lambda: tridiagonalise(bath, Lambda, z, n_sites))


def tridiagonalise(
    bath: Bath, Lambda: float, z: float, n_sites: int, digits: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Lanczos tridiagonalisation of the levels of both signs.

    Args:
        bath: The bath.
        Lambda: Discretisation parameter, above 1.
        z: Interleaving parameter, in (0, 1].
        n_sites: Largest number of sites.
        digits: Decimal digits, as many as it takes by default.

    Returns:
        On-site energies (n,) and hopping amplitudes (n - 1,).
    """
    digits = digits or 50 + math.ceil(n_sites**2 * math.log10(Lambda) / 2)
    energies, weights = bath_levels(bath, Lambda, z, 2 * n_sites, digits)
    return _lanczos(energies, weights, min(n_sites, len(energies)), digits)


def _lanczos(
    energies: list[Decimal],
    weights: list[Decimal],
    n_sites: int,
    digits: int,
    *,
    symmetric: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """The recurrence of the module.

    Args:
        energies: Levels; the positive ones alone if the bath is symmetric.
        weights: Their weights.
        n_sites: Number of sites.
        digits: Decimal digits.
        symmetric: Whether all on-site energies vanish.

    Returns:
        On-site energies (n,) and hopping amplitudes (n - 1,).
    """
    onsite, amplitudes = [], []
    with localcontext() as context:
        context.prec = digits
        previous = [Decimal(0)] * len(weights)
        current = [weight.sqrt() for weight in weights]
        eps = t = Decimal(0)
        for n in range(n_sites):
            if not symmetric:
                eps = sum(
                    (energy * v * v for energy, v in zip(energies, current, strict=True)),
                    Decimal(0),
                )
            onsite.append(float(eps))
            if n == n_sites - 1:
                break
            following = [
                (energy - eps) * v - t * u
                for energy, v, u in zip(energies, current, previous, strict=True)
            ]
            t = sum((v * v for v in following), Decimal(0)).sqrt()
            previous, current = current, [v / t for v in following]
            amplitudes.append(float(t))
    return np.array(onsite), np.array(amplitudes)
