r"""Product states of a new shell, and the operators between them.

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
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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
