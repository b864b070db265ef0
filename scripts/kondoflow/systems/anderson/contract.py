"""Names, dimensions, types and units of what a solution of the Anderson model gives.

Energies and temperatures are in units of the half-bandwidth D with k_B = g mu_B = 1. The tables
need the standard library alone, see `files.contract`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from kondoflow.files.contract import Variable, per_sample

SPINS = ("up", "down")


class Status(IntEnum):
    """Whether a solution can be used, and if not, why."""

    VALID = 0
    FAILED = 1  # a diagonalisation or a division failed; the log says which
    NOT_FINITE = 2
    WEIGHT_OFF = 3
    NEGATIVE = 4


STATUSES = tuple(status.name.lower() for status in Status)

QUANTITIES: Mapping[str, Variable] = {
    "spectral_function": Variable(
        ("sample", "spin", "omega"),
        "float32",
        "1",
        "pi Gamma A_s(omega), averaged over the cell of each omega",
    ),
    "omega": Variable(("omega",), "float64", "D", "frequency relative to the Fermi energy"),
    "occupation": Variable(("sample", "spin"), "float64", "1", "impurity occupation by spin"),
    "double_occupation": per_sample("1", "probability of a doubly occupied impurity"),
    "spin_susceptibility": per_sample("1/D", "static local spin susceptibility at B = 0"),
    "T_chi": per_sample("D", "1/(4 spin_susceptibility)"),
    "T_K_haldane": per_sample("D", "Haldane's Kondo temperature, NaN outside -U < eps_d < 0"),
    "half_width_below": per_sample(
        "D", "omega < 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "half_width_above": per_sample(
        "D", "omega > 0: where A, averaged over spin, falls to half of A(0); NaN if nowhere"
    ),
    "half_width": per_sample("D", "mean of half_width_below and half_width_above"),
    "spectral_weight_error": per_sample("1", "deviation of the raw spectral weight from 1"),
    "causality_cuts": per_sample("1", "number of frequencies at which Im Sigma was set to 0"),
}

PEAKS: Mapping[str, Variable] = {
    "peak_energy": Variable(("bin",), "float64", "D", "centre |omega| of a bin of peaks"),
    "peak_weight": Variable(
        ("sample", "spin", "correlator", "sign", "bin"),
        "float64",
        "1",
        "weight of the peaks of <<d;d+>> and, times D, of <<F;d+>> before broadening",
    ),
    "occupation": QUANTITIES["occupation"],
    "double_occupation": QUANTITIES["double_occupation"],
    "spin_susceptibility": QUANTITIES["spin_susceptibility"],
    "cpu_seconds": per_sample("s", "processor time of the diagonalisations"),
}
PEAK_LABELS: Mapping[str, tuple[object, ...]] = {
    "spin": SPINS,
    "correlator": ("d", "F"),
    "sign": (-1, 1),
}
