"""One impurity problem: the parameters of the Hamiltonian."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

from kondoflow.systems.anderson.hamiltonian import FURTHER, PARAMETERS


@dataclass(frozen=True)
class Impurity:
    """Parameters of one impurity problem, in units of the half-bandwidth.

    `r` is the exponent of its own bath; with 0 the bath is that of the solver's settings.
    """

    U: float
    Gamma: float
    eps_d: float
    B: float
    T: float
    r: float = 0.0

    def check(self, source: object = "parameters") -> None:
        """Raise an `InputError` that names the first parameter outside the solver's box."""
        for field, value in zip(fields(self), astuple(self), strict=True):
            {**PARAMETERS, **FURTHER}[field.name].check(field.name, value, source)

    @property
    def levels(self) -> tuple[float, float]:
        """Level energies (eps_up, eps_down)."""
        return self.eps_d - self.B / 2, self.eps_d + self.B / 2
