"""The Anderson impurity model as a computed system."""

from __future__ import annotations

from pathlib import Path

from kondoflow.systems.anderson.contract import (
    PEAK_LABELS,
    PEAKS,
    QUANTITIES,
    READABLE,
    SPINS,
    STATUSES,
    STORE,
)
from kondoflow.systems.anderson.hamiltonian import AXES, FURTHER, PARAMETERS
from kondoflow.systems.anderson.shown import OfEnsemble
from kondoflow.systems.interface import System

SYSTEM = System(
    folder=Path(__file__).parent,
    title="Spectral functions of the Anderson impurity model",
    source="full-density-matrix numerical renormalization group (KondoFlow)",
    references="arXiv:2107.08013; Weichselbaum and von Delft, PRL 99, 076402 (2007)",
    parameters=PARAMETERS,
    axes=AXES,
    further=FURTHER,
    quantities=QUANTITIES,
    offered=STORE,
    coordinates={"spin": SPINS},
    windows=("log10_T_K", "log10_scale"),
    statuses=STATUSES,
    without_effect=("max_invalid", "keep_raw"),
    intermediate=PEAKS,
    intermediate_coordinates=PEAK_LABELS,
    before_finish=("Lambda", "n_z", "n_keep", "susceptibility", "bath"),
    stored_before_finish=("thermodynamics", "spin_spectrum"),
    readable=READABLE,
    apart=(
        "contract.py",
        "definition.py",
        "hamiltonian.py",
        "exact.py",
        "law.py",
        "reading.py",
        "shown.py",
    ),
    meaning=OfEnsemble(),
)
