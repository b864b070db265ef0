"""The parameters of the superconductor, and the axes of an ensemble.

An ensemble is drawn in the parameters themselves: drawn in units of T_c, the thermal width would
follow the gap. Windows of the gap and of T/T_c keep to superconductors whose gap can be seen (see
`computation.windows_of`). The bounds of the coupling are those between which the quadrature of
`gap_equation` is exact.
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

AXES: Mapping[str, Bounds] = {name: (each.low, each.high) for name, each in PARAMETERS.items()}
