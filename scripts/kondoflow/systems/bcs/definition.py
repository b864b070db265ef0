"""The BCS superconductor as a computed system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kondoflow.systems.bcs.contract import QUANTITIES, STATUSES
from kondoflow.systems.bcs.parameters import AXES, PARAMETERS
from kondoflow.systems.interface import System
from kondoflow.systems.meaning import Meaning


class OfEnsemble(Meaning):
    """What the settings of the grid mean."""

    def grid(self, omega: Mapping[str, Any]) -> list[float]:
        """As `smearing.linear_grid` has it, to rounding."""
        n = omega["n_side"]
        return [index * omega["max"] / n for index in range(-n, n + 1)]


SYSTEM = System(
    folder=Path(__file__).parent,
    title="Tunnelling spectra of a BCS superconductor",
    source="numerical solution of the gap equation, Dynes broadening, thermal smearing (KondoFlow)",
    references="Bardeen, Cooper and Schrieffer, Phys. Rev. 108, 1175 (1957); "
    "Dynes, Narayanamurti and Garno, Phys. Rev. Lett. 41, 1509 (1978)",
    parameters=PARAMETERS,
    axes=AXES,
    quantities=QUANTITIES,
    windows=("log10_gap", "T_over_T_c"),
    statuses=STATUSES,
    without_effect=("max_invalid",),
    apart=("contract.py", "definition.py", "parameters.py"),
    meaning=OfEnsemble(),
)
