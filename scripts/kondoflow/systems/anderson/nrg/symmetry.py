r"""Symmetries of the chain: charge with S_z, or charge with the full spin.

Both sort the states of a shell into blocks with labels (Q, x) and share one code path, see
`tensor_operators`. They differ in factors alone: signs of fermions for S_z, and for the full spin
what the Wigner-Eckart theorem gives (`spin_factors`).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from kondoflow.systems.anderson.nrg.spin_factors import (
    annihilator_factors,
    hop_factors,
    site_factors,
    spin_factors,
)
from kondoflow.systems.anderson.nrg.tensor_operators import S_Z, SPIN, TensorKind

_HIGHEST_X = 128  # 2 S of the tables, above the number of sites of any chain


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
        hop=np.array([hop_factors(each) for each in x]),
        site=np.array([site_factors(each) for each in x]),
        annihilator=np.array([annihilator_factors(each) for each in x]),
        spin_kind=SPIN,
        spin=np.array([spin_factors(each) for each in x]),
        spectral_weight=(np.array(x) + 1.0) / 2,
        spin_weight=(np.array(x) + 1.0) / 3,
    )
