r"""Symmetries that a user gives: tested on the data before they are used.

`even in eps_d + U/2` says that the target does not change if the sign of s = eps_d + U/2 does and
all other quantities stay. The first name of the expression is the quantity that s replaces; every
input that holds it is then built from |s|.

The test needs no mirrored pairs. A smooth model of the target in the inputs built from |s|
(`collapse.Surface`) is fitted to half of the training samples with s > 0. It predicts the other
half, and all training samples with s < 0. If the symmetry holds, the two errors agree. The test is
repeated with the sides exchanged, and the larger ratio of errors counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kondoflow.discovery.laws.collapse import fit_surface
from kondoflow.formulas.grammar import check_names
from kondoflow.formulas.symmetries import read_even
from kondoflow.formulas.trees import Apply, Expression

AGREES = 1.5  # ratio of the mirrored error to the own error, up to which a symmetry holds
FEWEST = 40  # samples on each side


@dataclass(frozen=True)
class Symmetry:
    """A symmetry as given.

    Attributes:
        text: In the configuration.
        odd: The expression s that changes its sign.
        replaced: The quantity that s replaces.
    """

    text: str
    odd: Expression
    replaced: str

    @property
    def folded(self) -> Expression:
        """|s|."""
        return Apply("abs", (self.odd,))


@dataclass(frozen=True)
class Tested:
    """A symmetry on the data.

    Attributes:
        symmetry: What was tested.
        own: Error on samples of the side that the model was fitted to.
        mirrored: Error on the other side.
        holds: Whether the two agree; None where too few samples can tell.
    """

    symmetry: Symmetry
    own: float
    mirrored: float
    holds: bool | None


def read_symmetry(text: str, names: Mapping[str, object], key: str) -> Symmetry:
    """Read a symmetry of the configuration.

    Raises:
        InputError: If it is none, or names what the data do not have.
    """
    odd, replaced = read_even(text, key)
    check_names(odd, text, key, names)
    return Symmetry(text, odd, replaced)


def check_symmetry(
    symmetry: Symmetry, s: np.ndarray, numbers: np.ndarray, y: np.ndarray, seed: int
) -> Tested:
    """Test a symmetry on the data.

    Args:
        symmetry: The symmetry.
        s: The expression that changes its sign, (n,).
        numbers: Dimensionless inputs built from |s|, (n, number).
        y: Target in units of the scale, (n,).
        seed: Seed of the halves.
    """
    rng = np.random.default_rng(seed)
    found = []
    for sign in (1, -1):
        side, other = np.flatnonzero(sign * s > 0), np.flatnonzero(sign * s < 0)
        if min(side.size, other.size) < FEWEST:
            return Tested(symmetry, np.nan, np.nan, None)
        half = rng.permutation(side)
        fitted, held = half[: half.size // 2], half[half.size // 2 :]
        surface = fit_surface(numbers[fitted], y[fitted], extent=numbers)
        errors = [_size(y[rows] - surface(numbers[rows])) for rows in (held, other)]
        found.append(errors)
    own, mirrored = max(found, key=lambda pair: pair[1] / pair[0])
    return Tested(symmetry, own, mirrored, bool(mirrored <= AGREES * own))


def _size(errors: np.ndarray) -> float:
    """Typical size of errors, (n,), whatever a few outliers at the edges are."""
    return float(np.sqrt(np.mean(np.minimum(errors**2, np.quantile(errors**2, 0.95))))) or 1e-300
