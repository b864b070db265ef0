"""The parameters of the superconductor, and the axes of an ensemble.

Temperature and broadening are drawn in units of the critical temperature and of the gap at T = 0,
so that a box of axes holds superconductors with a visible gap alone. The bounds of the coupling are
those between which the quadrature of `gap_equation` is exact.
"""

from __future__ import annotations

from collections.abc import Mapping

from kondoflow.systems.interface import Bounds, Parameter

PARAMETERS: Mapping[str, Parameter] = {
    "coupling": Parameter(0.15, 1.0, "1", "coupling N(0) V"),
    "omega_D": Parameter(0.1, 1000.0, "meV", "cut-off energy of the attraction"),
    "T": Parameter(1e-6, 1000.0, "meV", "temperature (k_B = 1)"),
    "dynes": Parameter(0.0, 1000.0, "meV", "Dynes parameter, a rate of pair breaking", 0.0),
}

AXES: Mapping[str, Bounds] = {
    "coupling": (0.15, 1.0),
    "omega_D": (0.1, 1000.0),
    "T_over_T_c": (0.001, 0.999),
    "dynes_over_gap_0": (0.0, 1.0),
}
