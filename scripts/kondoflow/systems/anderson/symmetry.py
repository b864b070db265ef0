r"""Symmetries of the chain: charge with S_z, or charge with the full spin.

States of a shell are sorted into blocks with labels (Q, x): Q is the number of electrons and x
twice the spin quantum number, 2 S_z where a field is applied ("U(1)") and 2 S without one
("SU(2)", one state for each multiplet).

**Adding a site.** A new block (Q, x) joins four groups of product states, one for each `slot`:

====  =============  =====================  =====================
slot  site           kept states, U(1)      kept states, SU(2)
====  =============  =====================  =====================
0     empty          (Q, x)                 (Q, x)
1     one electron   (Q-1, x-1), spin up    (Q-1, x-1)
2     one electron   (Q-1, x+1), spin down  (Q-1, x+1)
3     two electrons  (Q-2, x)               (Q-2, x)
====  =============  =====================  =====================

so that both symmetries share one code path and differ in factors alone. The site's operators
stand to the left, :math:`|\sigma, k\rangle = \sigma^\dagger k^\dagger |0\rangle` with
:math:`|2\rangle = f_\uparrow^\dagger f_\downarrow^\dagger |0\rangle`: an operator of the older
sites gets a sign -1 where it passes one site electron.

**Operators.** An operator that changes the labels by one of a few steps (its components) is stored
as matrices [row block, column block]. Annihilators have the steps (-1, -1) and (-1, +1): for U(1)
the spin-up and the spin-down operator. For SU(2) both belong to one tensor operator of rank 1/2,
and what is stored is the reduced matrix element of its adjoint, S being the spin of the column
and S' that of the row,

.. math::
    \langle S M | f_m^\dagger | S' M' \rangle
    = \langle S' M'; \tfrac12 m | S M \rangle\, \langle S \| f^\dagger \| S' \rangle.

The impurity's spin is S_z itself for U(1), with the step (0, 0). For SU(2) it is a tensor operator
of rank 1 with the steps (0, 0), (0, +2) and (0, -2); S is the spin of the row and S' that of the
column in

.. math::
    \langle S M | S_z | S' M \rangle
    = \langle S' M; 1 0 | S M \rangle\, \langle S \| \mathbf{S} \| S' \rangle.

**Factors.** Four kinds are needed, each a sum over spin components evaluated for one M (the
Wigner-Eckart theorem makes it independent of M):

`hop`
    of the hopping :math:`\sum_m f^\dagger_{n+1,m} f_{n,m}` between two slots of one block;
`site`
    of the new site's annihilator between two blocks;
`annihilator`, `spin`
    of an older annihilator, and of the impurity's spin, between two blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import sqrt
from typing import NamedTuple

import numpy as np

_HIGHEST_X = 128  # 2 S of the tables, above the number of sites of any chain

SLOT_Q = (0, 1, 1, 2)  # electrons that the site adds in each slot
SLOT_X = (0, 1, -1, 0)  # change of x from kept states to the new block in each slot


class TensorKind(NamedTuple):
    """How one kind of operator moves between blocks and slots.

    `steps` are the changes (Q, x) from column to row block, one for each component. `links` lists,
    for each component between blocks of the new shell, the contributions (slot in the row block,
    slot in the column block, component of the operator in the older shell, -1 if there is none).
    """

    steps: np.ndarray  # (component, 2)
    links: np.ndarray  # (component, link, 3)


ANNIHILATOR = TensorKind(
    steps=np.array([(-1, -1), (-1, 1)]),
    links=np.array(
        [
            [(0, 0, 0), (1, 1, 0), (2, 2, 0), (3, 3, 0), (2, 1, 1)],
            [(0, 0, 1), (1, 1, 1), (2, 2, 1), (3, 3, 1), (1, 2, 0)],
        ]
    ),
)
SPIN = TensorKind(
    steps=np.array([(0, 0), (0, 2), (0, -2)]),
    links=np.array(
        [
            [(0, 0, 0), (1, 1, 0), (2, 2, 0), (3, 3, 0), (1, 2, 2), (2, 1, 1)],
            [(0, 0, 1), (1, 1, 1), (2, 2, 1), (3, 3, 1), (1, 2, 0), (1, 2, -1)],
            [(0, 0, 2), (1, 1, 2), (2, 2, 2), (3, 3, 2), (2, 1, 0), (2, 1, -1)],
        ]
    ),
)
S_Z = TensorKind(
    steps=np.array([(0, 0)]), links=np.array([[(0, 0, 0), (1, 1, 0), (2, 2, 0), (3, 3, 0)]])
)

# (slot with more electrons on the older sites, slot with more on the new site, component)
HOP_LINKS = np.array([(0, 1, 0), (0, 2, 1), (1, 3, 1), (2, 3, 0)])
# for each component: (slot in the row block, slot in the column block)
SITE_LINKS = np.array([[(0, 1), (2, 3)], [(0, 2), (1, 3)]])


class Symmetry(NamedTuple):
    """What distinguishes the two symmetries: the row x + `offset` of a table is for the label x."""

    n_spin: int  # spectra that are told apart: 2, or 1 for their average
    lowest_x: int  # least label x
    offset: int
    degeneracy: np.ndarray  # states that one stored state of a block stands for, (x,)
    hop: np.ndarray  # of the hopping in each block, (x, link)
    site: np.ndarray  # of the new site's annihilator for each column block, (x, component, link)
    annihilator: np.ndarray  # of an older annihilator for each column block, (x, component, link)
    spin_kind: TensorKind  # the impurity's spin
    spin: np.ndarray  # of an older spin operator for each column block, (x, component, link)
    spectral_weight: np.ndarray  # of |matrix element|^2 in a spectrum for each column block, (x,)
    spin_weight: np.ndarray  # of that of the spin for each row block, (x,)


@cache
def charge_sz() -> Symmetry:
    """Charge and S_z: the components of an annihilator are its spin components."""
    n = 2 * _HIGHEST_X + 1
    return Symmetry(
        n_spin=2,
        lowest_x=-_HIGHEST_X,
        offset=_HIGHEST_X,
        degeneracy=np.ones(n),
        hop=np.tile([1.0, 1.0, 1.0, -1.0], (n, 1)),
        site=np.tile([[1.0, 1.0], [1.0, -1.0]], (n, 1, 1)),
        annihilator=np.tile([1.0, -1.0, -1.0, 1.0, 0.0], (n, 2, 1)),
        spin_kind=S_Z,
        spin=np.ones((n, 1, 4)),
        spectral_weight=np.ones(n),
        spin_weight=np.ones(n),
    )


@cache
def charge_spin() -> Symmetry:
    r"""Charge and spin multiplets: one stored state stands for 2 S + 1.

    The share of a reduced element in the spectrum averaged over spin is
    :math:`\tfrac12 \sum_{M M' m} \langle S' M'; \tfrac12 m | S M \rangle^2 = (2S + 1)/2`, S being
    the spin of the column block.
    """
    x = range(_HIGHEST_X + 1)
    return Symmetry(
        n_spin=1,
        lowest_x=0,
        offset=0,
        degeneracy=np.array(x) + 1.0,
        hop=np.array([_hop_factors(each) for each in x]),
        site=np.array([_site_factors(each) for each in x]),
        annihilator=np.array([_annihilator_factors(each) for each in x]),
        spin_kind=SPIN,
        spin=np.array([_spin_factors(each) for each in x]),
        spectral_weight=(np.array(x) + 1.0) / 2,
        spin_weight=(np.array(x) + 1.0) / 3,
    )


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


def _hop_factors(x: int) -> tuple[float, ...]:
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


def _site_factors(x: int) -> tuple[tuple[float, ...], ...]:
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


def _annihilator_factors(x: int) -> tuple[tuple[float, ...], ...]:
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


def _spin_factors(x: int) -> tuple[tuple[float, ...], ...]:
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
