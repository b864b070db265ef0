"""Names, dimensions, types and units of what a solution of the superconductor gives.

Energies and temperatures are in meV with k_B = 1. The tables need the standard library alone, see
`files.contract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from kondoflow.files.contract import Variable, per_sample


class Status(IntEnum):
    """Whether a solution can be used, and if not, why."""

    VALID = 0
    FAILED = 1  # a root of the gap equation was not found; the log says which
    NORMAL = 2  # the metal is not superconducting at this temperature


STATUSES = tuple(status.name.lower() for status in Status)

QUANTITIES: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "omega"),
        "float32",
        "1",
        "conductance G(V)/G_N at the temperature of the sample, averaged over the cell of each eV",
    ),
    "omega": Variable(("omega",), "float64", "meV", "voltage as an energy, eV"),
    "gap": per_sample("meV", "energy gap Delta at the temperature of the sample"),
    "gap_0": per_sample("meV", "energy gap Delta at T = 0"),
    "T_c": per_sample("meV", "critical temperature (k_B = 1)"),
    "gap_ratio": per_sample("1", "2 gap_0/T_c"),
    "zero_bias": per_sample("1", "conductance G(0)/G_N"),
}
