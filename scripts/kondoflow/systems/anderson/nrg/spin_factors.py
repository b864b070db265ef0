r"""Factors of the full spin symmetry, by the Wigner-Eckart theorem.

Where one stored state stands for a multiplet, the matrix elements between product states are those
of the older sites times factors that depend on spins alone. Four kinds are needed, each a sum over
spin components evaluated for one M (the theorem makes it independent of M):

`hop`
    of the hopping :math:`\sum_m f^\dagger_{n+1,m} f_{n,m}` between two slots of one block;
`site`
    of the new site's annihilator between two blocks;
`annihilator`, `spin`
    of an older annihilator, and of the impurity's spin, between two blocks.

Links, slots and reduced matrix elements are those of `tensor_operators`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

from kondoflow.systems.anderson.nrg.tensor_operators import ANNIHILATOR, SLOT_X, SPIN, TensorKind


def clebsch_gordan(x1: int, m1: int, m2: int, x: int) -> float:
    r"""Coefficient :math:`\langle j_1 m_1; \tfrac12 m_2 | J M \rangle`, all arguments doubled.

    Args:
        x1: 2 j_1.
        m1: 2 m_1.
        m2: +1 or -1.
        x: 2 J.

    Returns:
        The coefficient in the Condon-Shortley convention, 0 where a selection rule is violated.
    """
    m = m1 + m2
    if x1 < 0 or x < 0 or abs(m1) > x1 or abs(m) > x or abs(x - x1) != 1 or (x1 - m1) % 2:
        return 0.0
    rising = sqrt((x1 + m + 1) / (2 * (x1 + 1)))
    falling = sqrt((x1 - m + 1) / (2 * (x1 + 1)))
    if x > x1:
        return rising if m2 > 0 else falling
    return -falling if m2 > 0 else rising


def clebsch_gordan_vector(x1: int, m: int, x: int) -> float:
    r"""Coefficient :math:`\langle j_1 M; 1 0 | J M \rangle`, all arguments doubled.

    Returns:
        The coefficient in the Condon-Shortley convention, 0 where a selection rule is violated.
    """
    if x1 < 0 or x < 0 or abs(m) > min(x1, x) or (x1 - m) % 2:
        return 0.0
    j, M = x1 / 2, m / 2
    if x == x1:
        return M / sqrt(j * (j + 1)) if j > 0 else 0.0
    if x == x1 + 2:
        return sqrt((j - M + 1) * (j + M + 1) / ((2 * j + 1) * (j + 1)))
    if x == x1 - 2:
        return -sqrt((j - M) * (j + M) / (j * (2 * j + 1)))
    return 0.0


def hop_factors(x: int) -> tuple[float, ...]:
    """Factors for the links of `HOP_LINKS` in a block of spin x/2, taken at its highest M.

    An electron that hops onto the empty site gives sum_m <k' M-m; 1/2 m | S M>^2 = 1. Onto a
    site that holds m' = -m it passes that electron (sign -1) and meets it in the order
    f_m^+ f_{-m}^+ |0> = m |2>.
    """

    def onto_electron(x_kept: int) -> float:
        return sum(
            -m * clebsch_gordan(x_kept, x + m, -m, x) * clebsch_gordan(x, x, m, x_kept)
            for m in (1, -1)
        )

    return 1.0, 1.0, onto_electron(x - 1), onto_electron(x + 1)


def site_factors(x: int) -> tuple[tuple[float, ...], ...]:
    """Reduced elements of the site's creator, for the links of `SITE_LINKS`, upper spin x/2."""

    def onto_electron(x_lower: int) -> float:
        m_lower, m = _extremal(x_lower, x)
        if x_lower < 0:
            return 0.0
        element = m * clebsch_gordan(x, m_lower + m, -m, x_lower)
        return element / clebsch_gordan(x_lower, m_lower, m, x)

    return (1.0, onto_electron(x - 1)), (1.0, onto_electron(x + 1))


def _factor_table(
    kind: TensorKind, x: int, past_electron: Callable[[int, int, int], float]
) -> tuple[tuple[float, ...], ...]:
    """Factors of all links of a tensor operator for a column block of spin x/2.

    Next to an empty or doubly occupied site the operator acts as on the older sites alone;
    `past_electron(x_row, kept_row, kept_column)` gives the factor next to a single electron.
    """

    def factor(x_row: int, slot_row: int, slot_column: int, component: int) -> float:
        if component < 0 or x_row < 0:
            return 0.0
        if slot_row in (0, 3):
            return 1.0
        kept_row, kept_column = x_row - SLOT_X[slot_row], x - SLOT_X[slot_column]
        if min(kept_row, kept_column) < 0:
            return 0.0
        return past_electron(x_row, kept_row, kept_column)

    return tuple(
        tuple(factor(x + step, *link) for link in links)
        for (_, step), links in zip(kind.steps.tolist(), kind.links.tolist(), strict=True)
    )


def annihilator_factors(x: int) -> tuple[tuple[float, ...], ...]:
    """Reduced elements of an older creator, for the links of `ANNIHILATOR`, column spin x/2."""

    def past_electron(x_row: int, kept_row: int, kept_column: int) -> float:
        m_row, m = _extremal(x_row, x)
        element = -sum(
            clebsch_gordan(kept_column, m_row + m - site, site, x)
            * clebsch_gordan(kept_row, m_row - site, site, x_row)
            * clebsch_gordan(kept_row, m_row - site, m, kept_column)
            for site in (1, -1)
        )
        return element / clebsch_gordan(x_row, m_row, m, x)

    return _factor_table(ANNIHILATOR, x, past_electron)


def spin_factors(x: int) -> tuple[tuple[float, ...], ...]:
    """Reduced elements of an older spin operator, for the links of `SPIN`, column spin x/2."""

    def past_electron(x_row: int, kept_row: int, kept_column: int) -> float:
        m = min(x, x_row)
        norm = clebsch_gordan_vector(x, m, x_row)
        if norm == 0.0:
            return 0.0
        element = sum(
            clebsch_gordan(kept_row, m - site, site, x_row)
            * clebsch_gordan(kept_column, m - site, site, x)
            * clebsch_gordan_vector(kept_column, m - site, kept_row)
            for site in (1, -1)
        )
        return element / norm

    return _factor_table(SPIN, x, past_electron)


def _extremal(x_row: int, x: int) -> tuple[int, int]:
    """Doubled (M', m) for which <S' M'; 1/2 m | S M> does not vanish: M' = S'."""
    return x_row, x - x_row
