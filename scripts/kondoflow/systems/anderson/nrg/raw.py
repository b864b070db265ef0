"""What the diagonalisations give, before anything is broadened."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from kondoflow.systems.anderson.nrg.bins import N_BINS


@dataclass(frozen=True)
class Raw:
    """Chain-averaged result of the diagonalisations, before broadening.

    Attributes:
        histogram: Weights [spin, correlator (d, F), sign, bin]; one spin at B = 0.
        occupation: Occupations (n_up, n_down).
        double_occupation: Probability of double occupation.
        spin_susceptibility: Static susceptibility at B = 0, NaN if not asked for.
        cpu_seconds: Processor time.
        thermodynamics: Free energy, entropy, specific heat and moment of the impurity, (4,).
        differential_susceptibility: Response of <S_z> to the field, NaN if not asked for.
        spin_weight: Weights of the spin's spectrum by bins of abs(omega), without what a
            polarised spin has at 0, (bin,); NaN if not asked for.
        truncation_energy: Lowest energy of a discarded state in units of the hopping to the next
            site, the least of all shells; of the chains its inverse square is averaged, so that
            those which discard low states count most. NaN if none discards a state.
    """

    histogram: np.ndarray
    occupation: tuple[float, float]
    double_occupation: float
    spin_susceptibility: float
    cpu_seconds: float
    thermodynamics: np.ndarray = field(default_factory=lambda: np.full(4, math.nan))
    differential_susceptibility: float = math.nan
    spin_weight: np.ndarray = field(default_factory=lambda: np.full(N_BINS, math.nan))
    truncation_energy: float = math.nan

    @property
    def weight_error(self) -> float:
        """Largest deviation of a spin's spectral weight from 1."""
        return float(np.abs(self.histogram[:, 0].sum(axis=(1, 2)) - 1).max())
