r"""The Anderson impurity model.

.. math::
    H = \sum_s \epsilon_s n_s + U n_\uparrow n_\downarrow
        + \sum_{ks} V_k (d_s^\dagger c_{ks} + h.c.) + \sum_{ks} \epsilon_k c_{ks}^\dagger c_{ks},
    \qquad \epsilon_{\uparrow,\downarrow} = \epsilon_d \mp B/2,

with -Im Delta(omega) = pi sum_k V_k^2 delta(omega - eps_k) = Gamma g(omega). The bath is flat, g =
1 on [-1, 1], a pseudogap, g = |omega|^r there, or of a shape that the user gives (`bath`). Energies
and temperatures are in units of the half-bandwidth D, with k_B = g mu_B = 1.

The module needs the standard library alone, because a configuration is checked against its bounds.
"""

from __future__ import annotations

from collections.abc import Mapping

from kondoflow.systems.interface import Bounds, Parameter

# The box in which the solver is accepted; `validation.accuracy` tries a box within it.
PARAMETERS: Mapping[str, Parameter] = {
    "U": Parameter(0.0, 1.0, "D", "Coulomb repulsion on the impurity"),
    "Gamma": Parameter(
        1e-4, 0.2, "D", "hybridisation strength, half-width of the bare level in a flat band"
    ),
    "eps_d": Parameter(-2.0, 2.0, "D", "impurity level relative to the Fermi energy"),
    "B": Parameter(
        -0.5,
        0.5,
        "D",
        "magnetic field on the impurity, Zeeman splitting; B > 0 favours up",
        default=0.0,
    ),
    "T": Parameter(1e-9, 1.0, "D", "temperature"),
}

# What sets of samples have only where they differ in it.
FURTHER: Mapping[str, Parameter] = {
    "r": Parameter(
        0.0,
        2.0,
        "1",
        "exponent of the bath: Im Delta = -Gamma abs(omega/D)**r",
        optional=True,
    ),
}


def bounds_of(name: str) -> Bounds:
    """Bounds of a parameter."""
    return PARAMETERS[name].low, PARAMETERS[name].high


# The order decides which column of a Sobol sequence belongs to which axis.
AXES: Mapping[str, Bounds] = {
    "U": bounds_of("U"),
    "Gamma": bounds_of("Gamma"),
    "eps_d_over_U": (-3.0, 3.0),
    "B": bounds_of("B"),
    "T": bounds_of("T"),
}
