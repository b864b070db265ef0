"""Everything beside the physical parameters that a solution depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kondoflow.systems.anderson.baths.bath import FLAT, Bath, bath_of
from kondoflow.systems.anderson.baths.power_law import PowerLaw
from kondoflow.systems.anderson.grid import stored_grid
from kondoflow.systems.anderson.impurity import Impurity
from kondoflow.systems.anderson.spectral.broadening import Broadening


@dataclass(frozen=True)
class Settings:
    """Settings of the solver and of the stored grid.

    Attributes:
        Lambda: Discretisation parameter.
        n_z: Number of interleaved chains.
        n_keep: Least number of states kept in an iteration; `truncation.WINDOW` times as many
            at most.
        broadening: Widths of the two broadening steps.
        estimator: "self_energy", "ratio" or "direct", see `spectra.continuous`.
        susceptibility: Whether the spin susceptibility is computed.
        omega: Stored frequencies, (n,).
        keep_raw: Whether solutions carry what comes before broadening.
        store: Names of `contract.STORE`: what solutions carry beside the spectra.
        bath: The bath of impurities that have no exponent of their own.
        weigh_by_bath: Whether stored spectra are pi Gamma g A in place of pi Gamma A, g being the
            shape of the bath.
    """

    Lambda: float
    n_z: int
    n_keep: int
    broadening: Broadening
    estimator: str
    susceptibility: bool
    omega: np.ndarray
    keep_raw: bool = False
    store: tuple[str, ...] = ()
    bath: Bath = FLAT
    weigh_by_bath: bool = False

    @property
    def follows_spin(self) -> bool:
        """Whether what is stored needs the spin at the sample's own field."""
        return not {"thermodynamics", "spin_spectrum"}.isdisjoint(self.store)

    @classmethod
    def from_config(cls, solver: Mapping[str, Any], omega: Mapping[str, Any]) -> Settings:
        """Settings from the sections `solver` and `omega` of the configuration."""
        return cls(
            Lambda=float(solver["Lambda"]),
            n_z=int(solver["n_z"]),
            n_keep=int(solver["n_keep"]),
            broadening=Broadening(float(solver["alpha"]), float(solver["thermal_width"])),
            estimator=solver["estimator"],
            susceptibility=bool(solver["susceptibility"]),
            omega=stored_grid(int(omega["n_side"]), float(omega["min"]), float(omega["max"])),
            keep_raw=bool(solver["keep_raw"]),
            store=tuple(solver.get("store", ())),
            bath=bath_of(solver.get("bath", "flat")),
            weigh_by_bath=bool(solver.get("weigh_by_bath", False)),
        )

    def bath_of(self, impurity: Impurity) -> Bath:
        """The bath of an impurity."""
        return self.bath if impurity.r == 0 else PowerLaw(impurity.r)
