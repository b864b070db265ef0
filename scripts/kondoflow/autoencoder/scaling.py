"""The units in which a network sees spectra."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Scaling:
    """Units of a network: x = (A - offset)/scale.

    Attributes:
        offset: Spectrum that is 0 to the network, (omega,).
        scale: Unit of the network.
    """

    offset: np.ndarray
    scale: float

    def to_network(self, spectra: np.ndarray) -> np.ndarray:
        """Spectra (..., omega) in the units of the network, float32."""
        return ((spectra.astype(np.float64) - self.offset) / self.scale).astype(np.float32)

    def from_network(self, x: np.ndarray) -> np.ndarray:
        """Spectra (..., omega) in their own units, float32."""
        return (x.astype(np.float64) * self.scale + self.offset).astype(np.float32)
